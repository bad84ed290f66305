// Records of removed snapshots, as stored and as the text within, sealed again. What is believed can be
// written and read again, and names snapshots that have keys.

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/removals.h"
#include "vault/sealed_lines.h"

using namespace hubkeep;

namespace {

void check(const Removal& removal) {
  fuzz::require(run_of_removal(removal_key(removal.run)) == removal.run, "a record has a key");
  fuzz::require(is_valid_key(removal_key(removal.run)), "its key is one");
  for (const RemovedSnapshot& removed : removal.snapshots) {
    fuzz::require(is_valid_key(manifest_key(removed.snapshot)), "a snapshot has a key");
    for (const PreviousSnapshot& previous : removed.previous)
      fuzz::require(is_valid_key(manifest_key(previous.snapshot)), "so has the one before");
  }
  fuzz::require(parse_removal(format_removal(removal)) == removal, "what was read can be written");
}

std::string sealed(std::string_view text) {
  SealedLinesWriter lines("record");
  for (const auto line : split(text, '\n')) {
    const auto json = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!json.is_discarded()) lines.add(json);
  }
  return lines.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  fuzz::error_of([&] { check(parse_removal(seal(std::string(bytes)))); });
  fuzz::error_of([&] { check(parse_removal(sealed(bytes))); });
  return 0;
}
