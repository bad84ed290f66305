#include "sim/graph_orders.h"

#include <algorithm>

namespace hubkeep::sim {

GraphOrders::Entries GraphOrders::of(RepositoryId id, const RepositoryMetadata& metadata, ItemKind kind,
                                     bool by_update) {
  Orders& orders = known_[id];
  const std::vector<Entry>& now = metadata.issues_by_update.entries();
  if (orders.all != now || !orders.by_update[0]) {
    orders.all = now;
    std::array<std::vector<Entry>, 2> apart;
    for (const Entry& each : now) apart.at(metadata.issues.at(each.id).pull_request ? 1 : 0).push_back(each);
    for (std::size_t i = 0; i < apart.size(); ++i) {
      orders.by_update.at(i) = std::make_shared<const std::vector<Entry>>(apart.at(i));
      for (Entry& each : apart.at(i)) each.updated_at = {};
      std::sort(apart.at(i).begin(), apart.at(i).end());
      orders.by_number.at(i) = std::make_shared<const std::vector<Entry>>(std::move(apart.at(i)));
    }
  }
  return (by_update ? orders.by_update : orders.by_number).at(static_cast<std::size_t>(kind));
}

}  // namespace hubkeep::sim
