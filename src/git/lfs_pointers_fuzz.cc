// Blobs that may be LFS pointers: what is taken for one says so itself, and what it says makes a pointer
// again.

#include <fmt/format.h>

#include "fuzz/fuzz_support.h"
#include "git/lfs_pointers.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto blob = fuzz::as_text(data, size);
  const auto pointer = parse_lfs_pointer(blob);
  LfsPointers pointers;
  pointers.saw_blob(blob);
  fuzz::require(pointers.count() == (pointer ? 1U : 0U), "what is parsed is collected");
  if (!pointer) return 0;
  fuzz::require(LfsPointers::may_be_one(blob.size()), "no pointer has another size");
  fuzz::require(blob.find("oid sha256:" + pointer->oid) != std::string_view::npos, "the name stands in it");
  fuzz::require(pointers.list().front() == *pointer, "the list has what was parsed");
  const std::string plain = fmt::format(
      "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n", pointer->oid, pointer->size);
  fuzz::require(parse_lfs_pointer(plain) == pointer, "what it says is a pointer again");
  return 0;
}
