// The cursor of releases, and the hash of a release: what is believed is written as it is read.

#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "vault/releases_part.h"

using namespace hubkeep;

namespace {

constexpr auto kFolder = "repos/host/owner/name.1/";
constexpr auto kKey = "releases/x";
constexpr auto kNewKey = "releases/20261129T100000Z-00000a.cursor.zst";

void check_cursor(const std::string& text) {
  VaultObjects objects(fuzz::store_of(std::string(kFolder) + kKey, text));
  const ObjectRecord stored{
      .key = kKey, .size = text.size(), .sha256 = sha256_hex(text), .encoding = "identity"};
  const ReleasesCursor cursor = read_releases_cursor(objects, kFolder, stored, {});
  const ObjectRecord again = write_releases_cursor(objects, kFolder, kNewKey, cursor);
  fuzz::require(read_releases_cursor(objects, kFolder, again, {}) == cursor, "written as it is read");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] { check_cursor(bytes); });
  fuzz::error_of([&] { hash_of_release(bytes); });
  return 0;
}
