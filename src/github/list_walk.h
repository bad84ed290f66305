// A list of GitHub's REST API, page by page, held against itself: a list that lacks something must not look
// like a whole one. Pages are counted by position, so what is deleted meanwhile moves the rest forward and
// hides one that nobody deleted; a page may come empty, fail, or have lost its link to the next.
//
// Lists are asked for in the order of creation: what is new comes at the end and moves nothing. The last page
// is looked at right after the first, and the first again at the end: where each begins as it did before,
// nothing moved. A list that says how many there are is counted instead.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "github/api.h"

namespace hubkeep {

struct ListSource {
  Url first;                  // with per_page in its query
  std::string member;         // the list within the answer; empty: the answer is the list
  std::string accept = {};    // see Conditions
  bool may_be_empty = false;  // or nothing on the first page is looked at twice
};

/// `item` is JSON as it was sent, lent for the time of the call; `walk` counts from 1. An item may come more
/// than once.
struct ListWalkReader {
  std::function<void(std::string_view item, UtcTime date, int walk)> item;
  std::function<void(const ApiAnswer& answer)> page = {};
};

/// Why a list is not whole.
struct ListProblem {
  int page = 0;
  Error error;
};

struct ListEnd {
  /// Without a problem, what earlier walks brought and this one did not is gone.
  int walk = 1;
  std::optional<ListProblem> problem;
};

/// Reads the whole list, a second time where the first contradicts itself. What came stays good whatever
/// happens after it: that is a problem of the result. Throws the Error where not one item came, and
/// Error(cancelled).
ListEnd walk_list(GitHubApi& api, const ListSource& source, const ListWalkReader& reader,
                  const std::stop_token& stop);

}  // namespace hubkeep
