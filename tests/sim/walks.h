// Lists of a repository that are sorted, asked by `since`, and cut into pages in GitHub's three ways.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/issues_json.h"
#include "sim/listing.h"

namespace hubkeep::sim {

/// Ids in the order that was asked for, without their making: 600,000 comments are a list as well.
struct Walk {
  std::size_t count = 0;
  std::function<std::int64_t(std::size_t)> at;
};

std::string parameter_of(const Query& query, const std::string& name, const std::string& otherwise = "");

/// By update, both ways, those since then.
Walk walk_by_update(const UpdateOrder& order, const Query& query, bool ascending);
Walk walk_of(std::vector<std::int64_t> ids);

/// Numbered pages, of which those beyond 40,000 things are refused.
HttpResponse capped_list(const RepositoryView& view, const Walk& walk, const std::string& below,
                         const std::function<nlohmann::json(std::int64_t)>& item);
/// Pages by number up to 10,000 things, and by the cursor `after`, which the links have, without an end.
HttpResponse cursor_list(const RepositoryView& view, const Walk& walk, const std::string& below,
                         const std::function<nlohmann::json(std::int64_t)>& item);

}  // namespace hubkeep::sim
