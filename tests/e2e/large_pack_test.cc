// A pack in which objects lie beyond 2 GiB, where an index needs its table of large offsets: generated as it
// is written, held nowhere. `make torture`; otherwise the pack is small.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "crypto/hash.h"
#include "e2e/torture.h"
#include "git/pack_maker.h"
#include "pack/pack_indexer.h"

namespace hubkeep {
namespace {

/// Counts and hashes what it passes on.
class PackWriter {
 public:
  explicit PackWriter(ByteSink& sink) : sink_(sink), hasher_(HashKind::sha1) {}

  void write(std::string_view bytes) {
    hasher_.write(bytes);
    sink_.write(bytes);
    offset_ += bytes.size();
  }
  void header(unsigned type, std::uint64_t size) {
    std::string bytes(1, static_cast<char>(type << 4U | (size & 15U)));
    for (size >>= 4U; size != 0; size >>= 7U) {
      bytes.back() = static_cast<char>(bytes.back() | '\x80');
      bytes += static_cast<char>(size & 127U);
    }
    write(bytes);
  }
  void blob(std::string_view content) {
    header(3, content.size());
    write(stored_zlib(content));
  }
  void delta(ByteCount base, std::string_view delta) {
    std::uint64_t distance = offset_ - base;
    header(6, delta.size());
    std::string bytes(1, static_cast<char>(distance & 127U));
    while ((distance >>= 7U) != 0) bytes.insert(0, 1, static_cast<char>(128U | (--distance & 127U)));
    write(bytes);
    write(stored_zlib(delta));
  }
  /// Zeros, in stored blocks: they take as much room in the pack.
  void large_blob(std::uint64_t blocks) {
    const std::string zeros(0xFFFF, '\0');
    header(3, blocks * zeros.size());
    write("\x78\x01");
    for (std::uint64_t block = 0; block < blocks; ++block) {
      write(std::string_view(block + 1 == blocks ? "\1\xff\xff\0\0" : "\0\xff\xff\0\0", 5));
      write(zeros);
    }
    const auto sum = static_cast<std::uint32_t>(blocks * zeros.size() % 65521);
    write(big_endian_bytes(sum << 16U | 1U));
  }
  void finish() { sink_.write(hasher_.finish()); }
  ByteCount offset() const { return offset_; }

 private:
  ByteSink& sink_;
  Hasher hasher_;
  ByteCount offset_ = 0;
};

void write_pack(std::uint64_t blocks, ByteSink& sink) {
  PackWriter writer(sink);
  writer.write("PACK" + big_endian_bytes(2) + big_endian_bytes(5));
  const ByteCount first = writer.offset();
  writer.blob("a file before the large one");
  writer.large_blob(blocks);
  const ByteCount delta = writer.offset();
  writer.delta(first, delta_from("a file before the large one", "a file before the large one, and after it"));
  writer.delta(delta, delta_from("a file before the large one, and after it", "a file before it"));
  writer.blob("a file after it");
  writer.finish();
}

class NotReadAgain final : public ByteSource {
 public:
  ByteCount size() const override { return 0; }
  std::string read(ByteCount, ByteCount, const std::stop_token&) override {
    throw Error(ErrorKind::internal, "nothing is read again");
  }
};

std::string index_by_hubkeep(std::uint64_t blocks) {
  PackIndexer indexer(ObjectFormat::sha1, nullptr, {});
  write_pack(blocks, indexer);
  indexer.finish();
  NotReadAgain pack;
  NoObjects nothing;
  const IndexedPack indexed = indexer.resolve(pack, nothing, {}).value();
  StringSink index;
  write_pack_index(indexed.entries, indexed.checksum, index);
  return index.take();
}

std::string index_by_git(std::uint64_t blocks) {
  const ScratchFolder folder;
  run_process({.arguments = {"git", "init", "-q", "--bare", folder.path().string()}}, {}, {});
  Subprocess git({.arguments = {"git", "-C", folder.path().string(), "index-pack", "--stdin"}}, {});
  write_pack(blocks, git);
  const auto result = git.wait();
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const std::string name = result.output.substr(result.output.find('\t') + 1, 40);
  std::ifstream index(folder.path() / "objects/pack" / ("pack-" + name + ".idx"), std::ios::binary);
  return {std::istreambuf_iterator<char>(index), {}};
}

TEST(LargePack, HasAnIndexAsGitsWhereOffsetsNeedEightBytes) {
  const std::uint64_t blocks = torture_rounds(1) > 1 ? 33'000 : 100;
  EXPECT_TRUE(index_by_hubkeep(blocks) == index_by_git(blocks));
}

}  // namespace
}  // namespace hubkeep
