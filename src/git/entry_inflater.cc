#include "git/entry_inflater.h"

#include <libdeflate.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/inflate.h"

namespace hubkeep {

struct EntryInflater::State {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decompressor{
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor};
};

EntryInflater::EntryInflater() : state_(std::make_unique<State>()) {}
EntryInflater::~EntryInflater() = default;

// libdeflate refuses a few streams that zlib takes, as the pack stream does.
void EntryInflater::inflate(std::string_view compressed, std::span<char> content) {
  std::size_t consumed = 0;
  if (libdeflate_zlib_decompress_ex(state_->decompressor.get(), compressed.data(), compressed.size(),
                                    content.data(), content.size(), &consumed, nullptr) == LIBDEFLATE_SUCCESS)
    return;
  StringSink sink(content.size(), "an entry");
  hubkeep::inflate([&] { return std::exchange(compressed, {}); }, sink);
  if (sink.str().size() != content.size())
    throw Error(ErrorKind::corrupt, "it is shorter than its header says");
  std::copy(sink.str().begin(), sink.str().end(), content.begin());
}

}  // namespace hubkeep
