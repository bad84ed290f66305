// Refs objects, as stored and as the text within: what is believed is in order and fit for git, and changes
// that are computed lead from one list to the other.

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "vault/refs_object.h"

using namespace hubkeep;

namespace {

RefList read(const std::string& stored) {
  VaultObjects objects(fuzz::store_of("folder/refs", stored));
  const ObjectRecord record{
      .key = "refs", .size = stored.size(), .sha256 = sha256_hex(stored), .encoding = "zstd"};
  return read_refs_objects(objects, "folder/", {record}, {});
}

void check(const RefList& list) {
  const std::vector<Ref> refs(list.begin(), list.end());
  for (const Ref& ref : refs) fuzz::require(is_valid_ref_name(ref.name), "names are those of refs");
  for (std::size_t i = 1; i < refs.size(); ++i)
    fuzz::require(refs[i - 1].name < refs[i].name, "refs are in order");

  // Every other ref stands for an older list.
  RefList before;
  for (std::size_t i = 0; i < refs.size(); i += 2) before.push_back(refs[i]);
  RefList now;
  for (const Ref& ref : refs)
    if (!ref.oid.is_zero()) now.push_back(ref);
  const auto changes = ref_changes(before, now, ObjectFormat::sha1);
  fuzz::require(apply_ref_changes(before, changes) == now, "changes lead to the new list");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] { check(read(bytes)); });
  fuzz::error_of([&] { check(read(fuzz::zstd_frame(bytes))); });
  return 0;
}
