// What is backed up, whatever it is called at the moment: a repository, a gist or an account of a host. Each
// kind has a folder of its own in a vault's root. docs/storage-format.md, "Names".
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hubkeep {

enum class SubjectKind { repository, gist, account };

/// Where the folders of one kind are.
struct SubjectRoot {
  SubjectKind kind;
  std::string_view name;     // in JSON
  std::string_view folder;   // below the vault's root
  int depth;                 // of a subject's folder below that one
  std::string_view pattern;  // of a subject's folder; see KeyPattern
};

constexpr std::array<SubjectRoot, 3> kSubjectRoots = {{
    {SubjectKind::repository, "repository", "repos/", 3, "repos/<host>/<owner>/<name>.<id>/"},
    {SubjectKind::gist, "gist", "gists/", 3, "gists/<host>/<owner>/<gist>/"},
    {SubjectKind::account, "account", "accounts/", 2, "accounts/<host>/<login>.<id>/"},
}};

const SubjectRoot& root_of(SubjectKind kind);

/// What a host knows a subject by, through every renaming: a number, or a gist's hexadecimal text. Numbers
/// compare as numbers, and a kind's ids with each other alone: repositories come first.
class SubjectId {
 public:
  /// A repository's; 0 where it is not known.
  SubjectId(std::int64_t repository = 0) : number_(repository) {}  // NOLINT(google-explicit-constructor)
  static SubjectId account(std::int64_t number);
  /// Throws Error(corrupt) for what is not a gist's id.
  static SubjectId gist(std::string text);

  SubjectKind kind() const { return kind_; }
  bool is_repository() const { return kind_ == SubjectKind::repository; }
  std::int64_t number() const { return number_; }  // 0 for a gist
  std::string str() const;
  /// A number that differs from one to the other, so that work can be spread by it.
  std::int64_t spread() const;

  friend auto operator<=>(const SubjectId&, const SubjectId&) = default;

 private:
  SubjectKind kind_ = SubjectKind::repository;
  std::int64_t number_ = 0;
  std::string text_;
};

struct SubjectKey {
  std::string host;
  SubjectId id;

  friend auto operator<=>(const SubjectKey&, const SubjectKey&) = default;
};

/// A number, or a gist's text.
void to_json(nlohmann::ordered_json& json, const SubjectId& id);
/// Adds `kind` to a document with an `id` that is not a repository's.
void add_kind(nlohmann::ordered_json& json, const SubjectId& id);
/// From `id` and perhaps `kind`. Throws Error: corrupt, invalid for a kind that this version does not know;
/// or nlohmann::json's exceptions for what is missing or of another type.
SubjectId subject_id_from_json(const nlohmann::ordered_json& json);

/// Whether a subject of that kind may have this folder: "repos/…/".
bool is_folder_of(SubjectKind kind, std::string_view folder);
/// Throws Error(corrupt) where it may not.
void require_folder_of(SubjectKind kind, std::string_view folder);
/// Whether a key, or a folder, is below the root of some kind.
bool is_of_a_subject(std::string_view key);
/// "repos/<host>/<owner>/<name>.<id>/" of the key of an object below it; empty for any other key.
std::string_view subject_folder_of(std::string_view key);

}  // namespace hubkeep
