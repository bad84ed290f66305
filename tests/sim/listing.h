// Lists of repositories as the REST API gives them: chosen, sorted and cut into pages with a Link header.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/world.h"

namespace hubkeep::sim {

using Query = std::map<std::string, std::string>;

/// What `GET /user/repos` lists for the token's user. Nothing: the parameters contradict each other (422).
std::optional<std::vector<Repository>> own_repositories(const World& world, const Token& viewer,
                                                        const Query& query);
std::vector<Repository> user_repositories(const World& world, const Account& user, const Query& query);
std::vector<Repository> organization_repositories(const World& world, const Account& organization,
                                                  const std::optional<Token>& viewer, const Query& query);

/// A page of a list of `count` things, and the Link header's value, or "". `url`: what the links lead to,
/// without its query.
struct PageRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string link;
};
PageRange cut_range(std::size_t count, const Query& query, const std::string& url);

struct Page {
  std::vector<Repository> repositories;
  std::string link;
};

Page cut_page(const std::vector<Repository>& all, const Query& query, const std::string& url);

}  // namespace hubkeep::sim
