// A host's state, as stored and as the text within, sealed again. What is believed can be written and read
// again, and names places inside of the vault only.

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/host_state.h"
#include "vault/sealed_lines.h"

using namespace hubkeep;

namespace {

void check(const HostState& state) {
  for (const OpenLosses& open : open_losses(state))
    for (const Loss& loss : open.losses) fuzz::require(is_valid_key(loss.key), "a loss has a key");
  for (const auto& [id, repository] : state.repositories)
    fuzz::require(!fuzz::error_of([&] { check_prefix(repository.folder); }), "a folder has keys");
  fuzz::require(parse_state(format_state(state)) == state, "what was read can be written");
}

std::string sealed(std::string_view text) {
  SealedLinesWriter lines("state");
  for (const auto line : split(text, '\n')) {
    const auto json = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!json.is_discarded()) lines.add(json);
  }
  return lines.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  fuzz::error_of([&] { check(parse_state(seal(std::string(bytes)))); });
  fuzz::error_of([&] { check(parse_state(sealed(bytes))); });
  return 0;
}
