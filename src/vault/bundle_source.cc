#include "vault/bundle_source.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hubkeep {

BundleSource::BundleSource(VaultObjects& objects, std::string folder, const Bundle& bundle,
                           ReadBudget& budget)
    : objects_(objects),
      folder_(std::move(folder)),
      record_(bundle.record),
      pack_offset_(bundle.pack_offset),
      budget_(budget) {
  if (pack_offset_ > record_.size)
    throw Error(ErrorKind::corrupt, fmt::format("{}: its pack begins behind its end", record_.key));
}

std::string BundleSource::read(ByteCount offset, ByteCount length, const std::stop_token& stop) {
  return with_context(record_.key, [&] {
    if (offset > size() || length > size() - offset)
      throw Error(ErrorKind::corrupt, "more is asked for than there is");
    if (length == 0) return std::string();
    budget_.take(length);
    StringSink sink(length, "what comes");
    objects_.read_piece(folder_, record_, pack_offset_ + offset, length, sink, stop);
    if (sink.str().size() != length)
      throw Error(ErrorKind::corrupt,
                  fmt::format("{} bytes came where {} were asked for", sink.str().size(), length));
    return sink.take();
  });
}

}  // namespace hubkeep
