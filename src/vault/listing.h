// What is known of a repository before it is asked for: what GitHub's listing said of it. Every field may be
// missing, which means that it is not known, and there may be fields of a later version, which are kept.
// docs/storage-format.md, "Manifest".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/clock.h"

namespace hubkeep {

/// The fields of a document that this version does not know, in their order. Copies share them.
class OtherFields {
 public:
  OtherFields() = default;
  /// Of `document`, all but those named.
  OtherFields(const nlohmann::ordered_json& document, std::initializer_list<std::string_view> known);

  void add_to(nlohmann::ordered_json& document) const;
  friend bool operator==(const OtherFields& a, const OtherFields& b);

 private:
  std::shared_ptr<const nlohmann::ordered_json> fields_;  // none: there are none
};

struct Listing {
  // Of these texts, empty is not known.
  std::string full_name;
  std::string visibility;
  std::optional<bool> is_archived = {};
  std::optional<bool> is_fork = {};
  std::string default_branch;
  std::optional<std::string> pushed_at = {};  // as sent; empty where there was never a push
  std::string clone_url;
  UtcTime listed_at;  // the Date of the listing
  std::optional<bool> has_wiki = {};
  std::optional<bool> has_issues = {};
  std::optional<std::string> updated_at = {};  // as sent
  std::optional<std::int64_t> comments = {};   // on a gist
  /// How many releases there are, and when the newest was changed, as a probe of all repositories has it:
  /// "12 2026-11-29T10:00:00Z". To be compared, not to be read.
  std::optional<std::string> releases = {};
  /// The same of what else a probe was asked for, by the names of its answers. One that is not there was not
  /// asked for.
  std::map<std::string, std::string> probe = {};
  OtherFields others = {};

  friend bool operator==(const Listing&, const Listing&) = default;
};

/// Whether GitHub describes the repository otherwise than before: its name, its address, who may see it,
/// whether it is archived or a fork, its default branch. What either does not know makes no difference.
bool is_described_otherwise(const Listing& before, const Listing& now);

/// Whether the refs may have changed since: there was a push, or it is described otherwise. Where it is not
/// known when the last push was, they may.
bool git_may_have_moved(const Listing& before, const Listing& now);

nlohmann::ordered_json to_json(const Listing& listing);
/// Throws Error(corrupt), or nlohmann::json's exceptions for a field of another type.
Listing listing_from_json(const nlohmann::ordered_json& json);

}  // namespace hubkeep
