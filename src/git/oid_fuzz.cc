// Object names: parse() takes exactly what hex() writes.

#include "fuzz/fuzz_support.h"
#include "git/oid.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto oid = Oid::parse(text);
  if (oid) {
    fuzz::require(oid->hex() == text, "hex() gives what was parsed");
    fuzz::require(hex_size(oid->format()) == text.size(), "the format follows from the length");
  }
  const auto format = parse_object_format(text);
  fuzz::require(!format || to_string(*format) == text, "to_string() gives the format that was parsed");
  return 0;
}
