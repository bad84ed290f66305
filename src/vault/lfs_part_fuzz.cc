// The lines of Git LFS's lists and cursors: what is believed names an LFS object, and is written again as it
// was read.

#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "vault/lfs_part.h"

using namespace hubkeep;

namespace {

constexpr auto kFolder = "repos/host/owner/name.1/";

ObjectRecord record_of_stored(const std::string& stored) {
  return {.key = "lfs/x", .size = stored.size(), .sha256 = sha256_hex(stored), .encoding = "identity"};
}

void check_list(const std::string& text) {
  VaultObjects objects(fuzz::store_of(std::string(kFolder) + "lfs/x", text));
  for (const auto& [oid, kept] : read_lfs_objects(objects, kFolder, {record_of_stored(text)}, {}))
    fuzz::require(lfs_oid_of(record_of(oid, kept).key) == oid, "an LFS object: " + oid);
}

void check_cursor_line(std::string_view line) {
  const LackingLfs lacking = lacking_lfs_from_line(line);
  fuzz::require(lfs_oid_of(lfs_key(lacking.oid)) == lacking.oid, "an LFS object: " + lacking.oid);
  fuzz::require(lacking_lfs_from_line(to_line(lacking)) == lacking, "a line is written as it is read");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] { check_list(bytes); });
  fuzz::error_of([&] { check_cursor_line(bytes); });
  return 0;
}
