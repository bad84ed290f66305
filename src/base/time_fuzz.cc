// Times: what is read is what format_time() and format_compact_time() write, and HTTP dates are any time.

#include "base/clock.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  if (const auto time = parse_time(text)) {
    fuzz::require(format_time(*time) == text || format_compact_time(*time) == text, "a time is its text");
  }
  if (const auto time = parse_http_date(text)) {
    fuzz::require(parse_time(format_time(*time)) == time, "an HTTP date is a time");
  }
  return 0;
}
