// hubkeep.json: any text opens a vault or is an Error.

#include "fuzz/fuzz_support.h"
#include "fuzz/memory_store.h"
#include "vault/vault.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] {
    SystemClock clock;
    const Vault vault(std::make_unique<fuzz::OneObjectStore>("hubkeep.json", text), OpenMode::read, clock);
  });
  return 0;
}
