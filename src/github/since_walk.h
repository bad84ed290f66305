// A repository-wide list of GitHub's REST API that can be asked for what was changed since a time: issues,
// comments. Pages of such a list are never counted. GitHub ends long ones (page 100 of issues is refused),
// and what is changed while they are read moves to the end and lets another slip through between two pages.
// So each page is asked for by the time of the last item of the one before.
//
// https://docs.github.com/rest/issues/issues, "List repository issues": `since`, `sort`, `direction`.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "github/api.h"

namespace hubkeep {

struct SinceWalk {
  Url list;           // without `since` and `per_page`, sorted by `updated`, ascending
  std::string since;  // "2026-11-29T10:00:00Z"; empty: from the beginning
};

/// `item` is JSON as it was sent, lent for the time of the call; one may come more than once. `page`: its
/// items were handed over, and all that was changed up to `reached` has come, but for what was changed in
/// that very second.
struct SinceWalkReader {
  std::function<void(std::string_view item)> item;
  std::function<void(const ApiAnswer& answer, const std::string& reached)> page;
};

/// Throws Error as GitHubApi::get() does, corrupt for an item without a time and for a list that goes
/// backwards, and what the reader throws. What came before stays good.
void walk_since(GitHubApi& api, const SinceWalk& walk, const SinceWalkReader& reader,
                const std::stop_token& stop);

}  // namespace hubkeep
