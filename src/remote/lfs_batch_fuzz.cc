// Answers to batch requests: whatever a server says, there is one answer for each object, and an address is
// one that may be asked.

#include <array>

#include "fuzz/fuzz_support.h"
#include "remote/lfs_batch.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body(fuzz::as_text(data, size));
  const std::array<LfsPointer, 2> asked = {LfsPointer{std::string(64, 'a'), 3},
                                           LfsPointer{std::string(64, 'b'), 4}};
  fuzz::error_of([&] {
    const auto answers = parse_lfs_batch(body, asked, true);
    fuzz::require(answers.size() == asked.size(), "an answer for each");
    for (const LfsAnswer& answer : answers) {
      const auto* const address = std::get_if<LfsAddress>(&answer);
      if (address == nullptr) continue;
      fuzz::require(address->href.scheme == "https", "encrypted: " + address->href.str());
      for (const auto& [name, value] : address->headers)
        fuzz::require((name + value).find_first_of("\r\n") == std::string::npos, "one header: " + name);
    }
  });
  return 0;
}
