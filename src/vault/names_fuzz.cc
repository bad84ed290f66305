// Names from outside become components of keys, and a snapshot's id says its time.

#include <algorithm>

#include "fuzz/fuzz_support.h"
#include "store/object_key.h"
#include "vault/names.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  if (!text.empty()) {
    const auto encoded = encode_name(text);
    fuzz::require(is_valid_component(encoded) && encoded.size() <= 200, "a name becomes a component");
    const auto folder = repository_folder(text, text, text, 1);
    fuzz::require(!fuzz::error_of([&] { check_prefix(folder); }), "a repository has a folder");
    fuzz::require(std::count(folder.begin(), folder.end(), '/') == 4, "a folder lies four levels down");
  }
  if (const auto id = SnapshotId::parse(text)) {
    fuzz::require(id->str() == text, "an id is its text");
    fuzz::require(format_compact_time(id->time()) == text.substr(0, text.size() - 7), "an id says its time");
    fuzz::require(is_valid_key(manifest_key(*id)), "a snapshot has a key");
  }
  return 0;
}
