#include "git/entry_inflater.h"

#include <libdeflate.h>

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
std::string EntryInflater::inflate(std::string_view compressed, std::uint64_t size) {
  std::string content(static_cast<std::size_t>(size), '\0');
  std::size_t consumed = 0;
  if (libdeflate_zlib_decompress_ex(state_->decompressor.get(), compressed.data(), compressed.size(),
                                    content.data(), content.size(), &consumed, nullptr) == LIBDEFLATE_SUCCESS)
    return content;
  StringSink sink(size, "an entry");
  hubkeep::inflate([&] { return std::exchange(compressed, {}); }, sink);
  if (sink.str().size() != size) throw Error(ErrorKind::corrupt, "it is shorter than its header says");
  return sink.take();
}

}  // namespace hubkeep
