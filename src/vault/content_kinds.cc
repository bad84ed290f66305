#include "vault/content_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

struct KindName {
  ContentKind kind;
  std::string_view name;
};

constexpr std::array kNames = {
    KindName{ContentKind::wiki, "wiki"},
    KindName{ContentKind::lfs, "lfs"},
    KindName{ContentKind::releases, "releases"},
    KindName{ContentKind::attachments, "attachments"},
    KindName{ContentKind::issues, "issues"},
    KindName{ContentKind::events, "events"},
    KindName{ContentKind::discussions, "discussions"},
    KindName{ContentKind::settings, "settings"},
    KindName{ContentKind::gists, "gists"},
    KindName{ContentKind::starred_gists, "starred-gists"},
};

constexpr std::string_view kAll = "all";

ContentKind parse_kind(const std::string& word) {
  const auto found =
      std::find_if(kNames.begin(), kNames.end(), [&](const KindName& row) { return row.name == word; });
  if (found != kNames.end()) return found->kind;
  std::string names;
  for (const KindName& row : kNames) names += std::string(row.name) + ", ";
  throw Error(ErrorKind::invalid, fmt::format("'{}' is not one of {}{}", printable(word), names, kAll));
}

}  // namespace

std::string_view to_string(ContentKind kind) {
  return std::find_if(kNames.begin(), kNames.end(), [&](const KindName& row) { return row.kind == kind; })
      ->name;
}

ContentKinds all_kinds() {
  ContentKinds kinds;
  for (const KindName& row : kNames) kinds.insert(row.kind);
  return kinds;
}

ContentKinds default_kinds() {
  ContentKinds kinds = all_kinds();
  for (const ContentKind asked_for : {ContentKind::issues, ContentKind::events, ContentKind::discussions,
                                      ContentKind::settings, ContentKind::starred_gists})
    kinds.erase(asked_for);
  return kinds;
}

ContentKinds parse_kinds(std::span<const std::string> words) {
  ContentKinds kinds;
  for (const std::string& word : words)
    if (word == kAll)
      kinds.merge(all_kinds());
    else
      kinds.insert(parse_kind(word));
  return kinds;
}

ContentKinds choose_kinds(ContentKinds kinds, std::span<const std::string> with,
                          std::span<const std::string> without) {
  for (const ContentKind kind : parse_kinds(without)) kinds.erase(kind);
  kinds.merge(parse_kinds(with));
  return kinds;
}

}  // namespace hubkeep
