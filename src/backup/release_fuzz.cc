// A release as GitHub sends it: what is read of it has ids that can be names of objects.

#include "backup/releases_listing.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  fuzz::error_of([&] {
    for (const ReleaseAsset& asset : read_release(text).assets) {
      fuzz::require(asset.id > 0, "an asset has an id");
      fuzz::require(asset.sha256.empty() || asset.sha256.size() == 64, "a digest is a SHA-256");
    }
  });
  return 0;
}
