// What a machine knows of a vault. What is believed can be written and read again.

#include "app/known_vaults.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::error_of([&] {
    const auto vaults = parse_known_vaults("/srv/vault", fuzz::as_text(data, size));
    fuzz::require(parse_known_vaults("/srv/vault", format_known_vaults("/srv/vault", vaults)) == vaults,
                  "what was read can be written");
  });
  return 0;
}
