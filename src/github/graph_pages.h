// Answers of GitHub's GraphQL API as whole objects: a list page by page, in pages as large as GitHub can
// answer, and of each object all that its own lists have.
//
// GitHub ends a query that takes it too long, without a number that one could keep to ("Rate limits and query
// limits for the GraphQL API"); so a page that is refused, cut short or too large is asked for again at half
// the size, and pages grow again after some good ones.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "github/api.h"
#include "github/graph_queries.h"

namespace hubkeep {

/// GitHub's word that something cannot be had, beside what can.
struct GraphRefusal {
  std::string type;  // "FORBIDDEN", "NOT_FOUND", …
  std::string message;
};

struct GraphPage {
  std::vector<nlohmann::ordered_json> nodes;  // null where the token may not see one
  std::uint64_t total = 0;                    // of the list
  std::string cursor;                         // of its end
  bool has_more = false;
  std::optional<GraphRefusal> refusal = {};  // in place of the list
};

/// Told of each answer.
using GraphListener = std::function<void(const ApiAnswer& answer)>;

/// How many are asked for at a time.
class GraphPageSize {
 public:
  explicit GraphPageSize(int most) : most_(most), now_(most) {}

  int now() const { return now_; }
  /// False where it cannot be less.
  bool shrink();
  void note_success();

 private:
  static constexpr int kGoodOnes = 4;  // before it grows

  const int most_;
  int now_;
  int good_ = 0;
};

/// Asks for objects and completes them. One thread. Keeps references.
class GraphReader {
 public:
  GraphReader(GitHubApi& api, GraphListener listener, const std::stop_token& stop)
      : api_(api), listener_(std::move(listener)), stop_(stop) {}

  /// The page after `after` (empty: the first) of the list at `path` in the answer's data, where the
  /// operation takes `first` and `after`. Throws Error as GitHubApi::graphql() does, also where not even a
  /// single object can be answered.
  GraphPage page(GraphOperation operation, nlohmann::json variables, const std::vector<std::string>& path,
                 const std::string& after, GraphPageSize& size);
  /// The objects with these ids, in their order; null for one that is not there or not to be seen. As many as
  /// `size` says at a time.
  std::vector<nlohmann::ordered_json> nodes(GraphOperation operation, nlohmann::json variables,
                                            const std::vector<std::string>& ids, GraphPageSize& size);
  /// Fetches what the lists within `object`, which is of that type, have beyond their first page, and takes
  /// their `pageInfo` away: nobody who reads it sees that there were pages.
  void complete(nlohmann::ordered_json& object, const std::string& type);

 private:
  nlohmann::ordered_json ask(GraphOperation operation, const nlohmann::json& variables);
  void complete_list(nlohmann::ordered_json& list, const std::string& id, const std::string& type,
                     const std::string& name);

  GitHubApi& api_;
  const GraphListener listener_;
  const std::stop_token& stop_;
};

}  // namespace hubkeep
