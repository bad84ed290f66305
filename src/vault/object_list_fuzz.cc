// List objects, as stored and as the text within: what is believed names objects inside of the vault only.

#include <nlohmann/json.hpp>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "store/object_key.h"
#include "vault/object_list.h"

using namespace hubkeep;

namespace {

constexpr auto kFolder = "repos/host/owner/name.1/";

void check(const std::string& stored, const std::string& encoding) {
  VaultObjects objects(fuzz::store_of(std::string(kFolder) + "list", stored));
  const std::stop_token stop;
  nlohmann::ordered_json list =
      to_json({.key = "list", .size = stored.size(), .sha256 = sha256_hex(stored), .encoding = encoding});
  list["lists"] = true;
  const Part alone({{"status", "ok"}, {"all", list}});
  const Part twice({{"status", "ok"}, {"lists", {list, list}}});
  for (const Part& part : {alone, twice}) {
    visit_objects(part, read_lists(objects, kFolder, stop), [](const ObjectRecord& record) {
      fuzz::require(is_valid_key(resolve_key(kFolder, record.key)), "objects have keys: " + record.key);
    });
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] { check(bytes, "zstd"); });
  fuzz::error_of([&] { check(bytes, "identity"); });
  fuzz::error_of([&] { check(fuzz::zstd_frame(bytes), "zstd"); });
  return 0;
}
