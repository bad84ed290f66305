#include "vault/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/gist_name.h"
#include "base/text.h"
#include "store/object_key.h"
#include "vault/json_integer.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

SubjectKind kind_from_json(const Json& json) {
  if (!json.contains("kind")) return SubjectKind::repository;
  const auto& name = json.at("kind").get_ref<const std::string&>();
  for (const SubjectRoot& root : kSubjectRoots)
    if (root.name == name) return root.kind;
  throw UnknownToThisVersion(fmt::format("the unknown kind \"{}\"", printable(name)));
}

const SubjectRoot* root_above(std::string_view key) {
  const auto found = std::find_if(kSubjectRoots.begin(), kSubjectRoots.end(),
                                  [&](const SubjectRoot& root) { return key.starts_with(root.folder); });
  return found == kSubjectRoots.end() ? nullptr : found;
}

}  // namespace

const SubjectRoot& root_of(SubjectKind kind) {
  return *std::find_if(kSubjectRoots.begin(), kSubjectRoots.end(),
                       [&](const SubjectRoot& root) { return root.kind == kind; });
}

SubjectId SubjectId::account(std::int64_t number) {
  SubjectId id(number);
  id.kind_ = SubjectKind::account;
  return id;
}

SubjectId SubjectId::gist(std::string text) {
  if (!is_gist_id(text)) throw Error(ErrorKind::corrupt, "not the id of a gist: " + printable(text));
  SubjectId id;
  id.kind_ = SubjectKind::gist;
  id.text_ = std::move(text);
  return id;
}

std::string SubjectId::str() const {
  return kind_ == SubjectKind::gist ? text_ : std::to_string(number_);
}

std::int64_t SubjectId::spread() const {
  if (kind_ != SubjectKind::gist) return number_;
  constexpr std::size_t kDigits = 15;  // that fit
  std::int64_t number = 0;
  const std::string_view digits = std::string_view(text_).substr(0, kDigits);
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

void to_json(Json& json, const SubjectId& id) {
  if (id.kind() == SubjectKind::gist)
    json = id.str();
  else
    json = id.number();
}

void add_kind(Json& json, const SubjectId& id) {
  if (!id.is_repository()) json["kind"] = root_of(id.kind()).name;
}

SubjectId subject_id_from_json(const Json& json) {
  const Json& id = json.at("id");
  switch (kind_from_json(json)) {
    case SubjectKind::repository:
      break;
    case SubjectKind::gist:
      return SubjectId::gist(id);
    case SubjectKind::account:
      return SubjectId::account(integer_from_json<std::int64_t>(id));
  }
  return integer_from_json<std::int64_t>(id);
}

bool is_folder_of(SubjectKind kind, std::string_view folder) {
  return folder.starts_with(root_of(kind).folder) && folder.ends_with('/') &&
         is_valid_key(folder.substr(0, folder.size() - 1));
}

void require_folder_of(SubjectKind kind, std::string_view folder) {
  if (is_folder_of(kind, folder)) return;
  throw Error(ErrorKind::corrupt,
              fmt::format("not the folder of {} {}: {}", kind == SubjectKind::account ? "an" : "a",
                          root_of(kind).name, printable(folder)));
}

bool is_of_a_subject(std::string_view key) {
  return root_above(key) != nullptr;
}

std::string_view subject_folder_of(std::string_view key) {
  const SubjectRoot* root = root_above(key);
  if (root == nullptr) return {};
  std::size_t end = root->folder.size();
  for (int i = 0; i < root->depth; ++i) {
    const auto slash = key.find('/', end);
    if (slash == std::string_view::npos) return {};
    end = slash + 1;
  }
  return key.substr(0, end);
}

}  // namespace hubkeep
