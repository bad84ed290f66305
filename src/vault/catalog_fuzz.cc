// Catalogs, as stored and as the text within: the last line is put right, or no change would get past it.
// What is believed can be written and read again, and names places inside of the vault only.

#include <fmt/format.h>

#include <algorithm>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/catalog.h"
#include "vault/sealed_lines.h"

using namespace hubkeep;

namespace {

void check(const Catalog& catalog) {
  for (const auto& [key, entry] : catalog) {
    fuzz::require(key == entry.key(), "an entry stands under its key");
    fuzz::require(!fuzz::error_of([&] { check_prefix(entry.folder); }), "a folder has keys: " + entry.folder);
    for (const auto& newest : entry.newest)
      fuzz::require(is_valid_key(manifest_key(newest.snapshot)), "a snapshot has a key");
  }
  fuzz::require(parse_catalog(format_catalog(catalog)) == catalog, "what was read can be written");
}

std::string with_right_last_line(std::string_view lines) {
  const auto last = lines.rfind("{\"count\"");
  const std::string before(lines.substr(0, last));
  const auto count = std::count(before.begin(), before.end(), '\n');
  return fmt::format("{}{{\"count\": {}, \"sha256\": \"{}\"}}\n", before, count, sha256_hex(before));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  fuzz::error_of([&] { check(parse_catalog(seal(std::string(bytes)))); });
  fuzz::error_of([&] { check(parse_catalog(seal(fuzz::zstd_frame(bytes)))); });
  fuzz::error_of([&] { check(parse_catalog(seal(fuzz::zstd_frame(with_right_last_line(bytes))))); });
  return 0;
}
