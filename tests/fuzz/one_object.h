// A store of one object: what a parser of the vault's objects needs.
#pragma once

#include <memory>
#include <string_view>

#include "fuzz/fuzz_support.h"
#include "store/memory_store.h"

namespace hubkeep::fuzz {

inline std::unique_ptr<ObjectStore> store_of(const ObjectKey& key, std::string_view bytes) {
  static SystemClock clock;
  auto store = std::make_unique<MemoryStore>(clock);
  const auto writer = store->create(key);
  writer->write(bytes);
  require(writer->commit(Precondition::none()) == CommitResult::committed, "a store in memory takes all");
  return store;
}

}  // namespace hubkeep::fuzz
