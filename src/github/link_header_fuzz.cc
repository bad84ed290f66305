// Link headers: a target that is found stands in the header as it is.

#include "fuzz/fuzz_support.h"
#include "github/link_header.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = fuzz::as_text(data, size);
  if (const auto target = find_link(header, "next")) {
    fuzz::require(header.find("<" + *target + ">") != std::string_view::npos, "the target is the header's");
    fuzz::require(find_link("<" + *target + ">; rel=\"next\"", "next") == target,
                  "a target reads the same alone");
  }
  return 0;
}
