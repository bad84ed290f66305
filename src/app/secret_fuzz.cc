// A secret of Secrets Manager: what was read can be written, and reads the same.

#include <nlohmann/json.hpp>

#include "app/secret_source.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Secret secret(std::string(fuzz::as_text(data, size)), "the secret");
  fuzz::error_of([&] {
    const Environment variables = parse_secret(secret);
    const auto written = nlohmann::json(variables).dump();
    fuzz::require(parse_secret(Secret(written, "the secret")) == variables, "what was read can be written");
  });
  return 0;
}
