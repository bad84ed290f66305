// Items of a run that several processes share, as they travel: in plan.json, in the events of Step Functions
// and in the results of workers. docs/storage-format.md, "Run".
#pragma once

#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "backup/backup_context.h"
#include "run/work_item.h"

namespace hubkeep {

/// An item that stands on its own: what it points to travels with it.
nlohmann::ordered_json to_json(const WorkItem& item);

/// A worker's share. Owns what its items point to, and so is not copied.
class Batch {
 public:
  /// Throws Error(invalid) for what is no batch.
  explicit Batch(const nlohmann::ordered_json& json);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  int number() const { return number_; }
  const std::vector<WorkItem>& items() const { return items_; }

 private:
  WorkItem item_from_json(const nlohmann::ordered_json& json);

  int number_ = 0;
  std::deque<Repository> repositories_;
  std::deque<CatalogEntry> known_;
  std::vector<WorkItem> items_;
};

/// So many commits that are still to be asked for travel with an item, the next ones first. What is beyond
/// them is found again from the refs.
constexpr std::size_t kMaxOpen = 100;

struct BatchLimits {
  std::size_t items = 100;
  ByteCount fetched = ByteCount{4} << 30;  // of new repositories, as GitHub estimates them
  /// Of JSON. Step Functions: an event has 256 KiB, and the answer is the next one.
  std::size_t json = 160 << 10;
};

/// What of an item counts against the limits.
struct ItemWeight {
  ByteCount fetched = 0;
  std::size_t json = 0;
};

/// How many of the items, in their order, belong to each batch. No batch is empty; an item that is beyond a
/// limit by itself has one of its own. Pure.
std::vector<std::size_t> cut_into_batches(std::span<const ItemWeight> items, const BatchLimits& limits);

/// A result with what the catalog should learn from it.
nlohmann::ordered_json to_json(const RepositoryResult& result);
/// Throws Error(corrupt), or nlohmann::json's exceptions.
RepositoryResult result_from_json(const nlohmann::ordered_json& json);

}  // namespace hubkeep
