// `.env` files: what was read reads the same when it is written in double quotes.

#include "app/env_file_source.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

namespace {

std::string quoted(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] {
    const Environment variables = parse_env_file(text);
    std::string written;
    for (const auto& [name, value] : variables) written += name + "=" + quoted(value) + "\n";
    fuzz::require(parse_env_file(written) == variables, "what was read can be written");
  });
  return 0;
}
