// Keys: no text that is taken for one leads out of a folder.

#include <filesystem>

#include "fuzz/fuzz_support.h"
#include "store/object_key.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto error = fuzz::error_of([&] { check_key(text); });
  fuzz::require(error.has_value() != is_valid_key(text), "check_key() is is_valid_key()");
  if (!error) {
    const std::filesystem::path path(text);
    fuzz::require(path.is_relative() && path.lexically_normal() == path, "a key is a plain relative path");
    fuzz::require(!text.starts_with(".tmp/"), "unfinished files have no key");
    fuzz::require(last_component(text) == path.filename(), "its last component is the file's name");
    fuzz::require(folder_of(text) == path.parent_path(), "its folder is the file's");
  }
  fuzz::error_of([&] { check_prefix(text); });
  return 0;
}
