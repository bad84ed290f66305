// Any bytes as a pack, as they are and with a right trailer: the indexer says the same however they are cut
// and however many threads it has, and what it takes the scanner takes. What it makes is sorted and has no
// object from nowhere.
#include <fmt/format.h>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "git/pack_scanner.h"
#include "pack/pack_indexer.h"

using namespace hubkeep;

namespace {

class Memory final : public ByteSource {
 public:
  explicit Memory(std::string_view bytes) : bytes_(bytes) {}
  ByteCount size() const override { return bytes_.size(); }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token&) override {
    fuzz::require(offset + length <= bytes_.size(), "nothing is read beyond the end");
    return std::string(bytes_.substr(offset, length));
  }

 private:
  std::string_view bytes_;
};

std::string described(const IndexedPack& pack) {
  StringSink index;
  write_pack_index(pack.entries, pack.checksum, index);
  std::string text = index.take();
  const PackIndex read(text, pack.checksum.format());
  fuzz::require(read.size() == pack.entries.size(), "the index has every object");
  for (const std::string& what : pack.unwalkable) text += what;
  return text + fmt::format("{}", pack.links.open());
}

fuzz::Outcome index_with(std::string_view bytes, ObjectFormat format, const IndexingOptions& options) {
  return fuzz::same_however_cut(bytes, [&](const fuzz::Feed& feed, std::string& output) {
    PackIndexer indexer(format, nullptr, options);
    feed(indexer);
    const PackSummary summary = indexer.finish();
    Memory memory(bytes);
    NoObjects nothing;
    const auto pack = indexer.resolve(memory, nothing, {});
    fuzz::require(indexer.counts().most_memory <= options.memory, "the memory has its limit");
    fuzz::require(pack.has_value() == indexer.gave_up().empty(), "it gives up, or not");
    if (!pack) return;
    fuzz::require(pack->entries.size() == summary.objects, "every object has its entry");
    fuzz::require(pack->bases_elsewhere.empty(), "there is no other pack");
    output = described(*pack);
  });
}

bool scanner_takes(std::string_view bytes, ObjectFormat format) {
  return !fuzz::error_of([&] {
    PackScanner scanner(format);
    scanner.write(bytes);
    scanner.finish();
  });
}

void index(std::string_view bytes, ObjectFormat format) {
  IndexingOptions options;
  options.memory = ByteCount{8} << 20U;
  options.cache = ByteCount{1} << 20U;
  options.threads = 1;
  const fuzz::Outcome one = index_with(bytes, format, options);
  options.cache = ByteCount{1} << 14U;
  options.threads = 2;
  const fuzz::Outcome two = index_with(bytes, format, options);
  fuzz::require(one.error == two.error, "two threads say what one says");
  fuzz::require(one.output.empty() || two.output.empty() || one.output == two.output,
                "two threads make what one makes");
  fuzz::require(one.error || scanner_takes(bytes, format), "the scanner takes what the indexer takes");
}

std::string with_right_trailer(std::string_view pack) {
  const auto body = pack.substr(0, pack.size() - std::min<std::size_t>(pack.size(), 20));
  Hasher hasher(HashKind::sha1);
  hasher.write(body);
  return std::string(body) + hasher.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  index(bytes, ObjectFormat::sha1);
  index(bytes, ObjectFormat::sha256);
  index(with_right_trailer(bytes), ObjectFormat::sha1);
  return 0;
}
