// Manifests: what is believed can be written and read again, and names objects inside of the vault only.

#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/manifest.h"

using namespace hubkeep;

namespace {

void check_key(const ObjectRecord& record) {
  constexpr auto kFolder = "repos/host/owner/name.1/";
  fuzz::require(is_valid_key(resolve_key(kFolder, record.key)), "objects have keys: " + record.key);
}

void check(const Manifest& manifest) {
  for (const auto& [name, part] : manifest.parts) visit_named_objects(part, check_key);
  fuzz::require(is_valid_key(manifest_key(manifest.snapshot)), "a snapshot has a key");
  fuzz::require(parse_manifest(format_manifest(manifest)) == manifest, "what was read can be written");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] { check(parse_manifest(text)); });
  return 0;
}
