// Issues and pull requests of a repository apart, each in the orders that GraphQL lists them in. Of 100,000
// it would cost more to sort them out for each page than the page itself does; so they are kept, until any
// was updated.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "sim/metadata.h"

namespace hubkeep::sim {

enum class ItemKind { issue, pull_request };

/// Not thread-safe.
class GraphOrders {
 public:
  using Entry = UpdateOrder::Entry;  // its id is the number
  using Entries = std::shared_ptr<const std::vector<Entry>>;

  /// Ascending; without `by_update` in the order of the numbers, and all of the same time.
  Entries of(RepositoryId id, const RepositoryMetadata& metadata, ItemKind kind, bool by_update);

 private:
  struct Orders {
    std::vector<Entry> all;  // that the others were made of
    std::array<Entries, 2> by_update;
    std::array<Entries, 2> by_number;
  };

  std::map<RepositoryId, Orders> known_;
};

}  // namespace hubkeep::sim
