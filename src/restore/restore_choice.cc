#include "restore/restore_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kHistory = "git";
constexpr std::string_view kAll = "all";

ContentKind kind_named(std::string_view word) {
  const ContentKinds kinds = all_kinds();
  const auto found =
      std::find_if(kinds.begin(), kinds.end(), [&](ContentKind kind) { return to_string(kind) == word; });
  if (found != kinds.end()) return *found;
  std::string names(kHistory);
  for (const ContentKind kind : kinds) names.append(", ") += to_string(kind);
  throw Error(ErrorKind::invalid, fmt::format("'{}' is not one of {}, {}", printable(word), names, kAll));
}

RestoreChoice parse(std::string_view words) {
  RestoreChoice choice{.history = false, .kinds = {}};
  for (const auto part : split(words, ',')) {
    const auto word = trim(part);
    if (word == kAll) return {};
    if (word == kHistory)
      choice.history = true;
    else
      choice.kinds.insert(kind_named(word));
  }
  return choice;
}

}  // namespace

RestoreChoice choose_contents(std::string_view only, std::string_view without) {
  RestoreChoice choice;
  if (!only.empty()) choice = with_context("--only", [&] { return parse(only); });
  if (!without.empty()) {
    const RestoreChoice left_out = with_context("--without", [&] { return parse(without); });
    choice.history = choice.history && !left_out.history;
    for (const ContentKind kind : left_out.kinds) choice.kinds.erase(kind);
  }
  if (choice.history || !choice.kinds.empty()) return choice;
  throw Error(ErrorKind::invalid, "--only and --without leave nothing to restore");
}

}  // namespace hubkeep
