// Packs as they come, and with the trailer put right, so that changed bytes before it are looked at, too.

#include <fmt/format.h>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "git/pack_scanner.h"

using namespace hubkeep;

namespace {

void scan(std::string_view pack, ObjectFormat format) {
  fuzz::same_however_cut(pack, [&](const fuzz::Feed& feed, std::string& output) {
    PackScanner scanner(format);
    feed(scanner);
    const PackSummary summary = scanner.finish();
    fuzz::require(summary.bytes == pack.size(), "every byte of the pack is counted");
    fuzz::require(summary.deltas <= summary.objects, "deltas are objects");
    output = fmt::format("{} {}", summary.objects, summary.deltas);
  });
}

std::string with_right_trailer(std::string_view pack, HashKind kind, std::size_t trailer_size) {
  const auto body = pack.substr(0, pack.size() - std::min(pack.size(), trailer_size));
  Hasher hasher(kind);
  hasher.write(body);
  return std::string(body) + hasher.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  scan(bytes, ObjectFormat::sha1);
  scan(bytes, ObjectFormat::sha256);
  scan(with_right_trailer(bytes, HashKind::sha1, 20), ObjectFormat::sha1);
  return 0;
}
