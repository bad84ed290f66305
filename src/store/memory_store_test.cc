// The store in memory keeps the contract, behind a decorator that passes everything on.
#include "store/memory_store.h"

#include "store/forwarding_store.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

class MemoryHome final : public StoreHome {
 public:
  std::unique_ptr<ObjectStore> open(OpenMode) override { return std::make_unique<ForwardingStore>(store_); }
  bool knows_living_writers() const override { return true; }

 private:
  SystemClock clock_;
  const std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>(clock_);
};

std::unique_ptr<StoreHome> make_memory_home() {
  return std::make_unique<MemoryHome>();
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, ::testing::Values(&make_memory_home));

}  // namespace
}  // namespace hubkeep
