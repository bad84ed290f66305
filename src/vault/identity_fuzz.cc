// hubkeep.json: any text opens a vault or is an Error.

#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "vault/vault.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] {
    SystemClock clock;
    const Vault vault(fuzz::store_of("hubkeep.json", text), OpenMode::read, clock);
  });
  return 0;
}
