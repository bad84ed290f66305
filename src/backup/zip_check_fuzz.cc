// Zips as they come: whether one is whole does not depend on how it is cut, and a whole one says so again.

#include "backup/zip_check.h"

#include "fuzz/fuzz_support.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zip = fuzz::as_text(data, size);
  const std::string commit(40, 'a');
  const auto outcome = fuzz::same_however_cut(zip, [&](const fuzz::Feed& feed, std::string& output) {
    ZipCheck check;
    feed(check);
    output = std::to_string(check.size());
    check.require_whole(commit);
  });
  fuzz::require(outcome.output == std::to_string(size), "every byte is counted");
  fuzz::require(
      !outcome.error || *outcome.error == ErrorKind::transient || *outcome.error == ErrorKind::corrupt,
      "it is cut or of another commit");
  return 0;
}
