// What `git index-pack` takes is taken, with the same index, and what it refuses is refused: packs by chance,
// honest and not, and zlib streams as no git writes them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <random>

#include "git/pack_maker.h"
#include "pack/index_pack_test.h"

namespace hubkeep {
namespace {

class RandomPack {
 public:
  RandomPack(unsigned seed, bool is_honest)
      : random_(seed),
        is_honest_(is_honest),
        format_(chance(4) ? ObjectFormat::sha256 : ObjectFormat::sha1),
        maker_(format_) {
    const unsigned entries = 1 + number(12);
    for (unsigned i = 0; i < entries; ++i) objects_.push_back(random_object());
    for (unsigned i = 0; i < entries; ++i) add(i);
    pack_ = maker_.pack();
    if (!is_honest_ && chance(4)) damage();
  }

  const std::string& pack() const { return pack_; }
  ObjectFormat format() const { return format_; }

 private:
  unsigned number(unsigned below) { return static_cast<unsigned>(random_()) % below; }
  bool chance(unsigned of) { return number(of) == 0; }

  MadeObject random_object() {
    if (chance(6))
      return {1, "tree " + MadeObject{2, ""}.oid(format_).hex() + "\nauthor A <a> 1 +0000\n\n" + text()};
    if (chance(8))
      return {2, "100644 " + text() + std::string(1, '\0') + std::string(raw_size(format_), 'x')};
    return git_blob(chance(9) ? "" : text());
  }
  // Alike, so that deltas copy, and sometimes twice the same.
  std::string text() {
    return std::string(number(4) * 30, 's') + std::to_string(number(9)) + std::string(number(200), 'e');
  }

  void add(unsigned i) {
    const MadeObject& object = objects_[i];
    places_.push_back(maker_.next());
    const unsigned base = number(static_cast<unsigned>(objects_.size()));
    if (base == i || objects_[base].type != object.type || chance(3)) {
      maker_.add(object);
      return;
    }
    std::string delta = delta_from(objects_[base].content, object.content);
    if (!is_honest_ && chance(3)) delta = lie(delta, objects_[base].content.size());
    // What lies at the base's place may be what another delta made of a lie.
    if (base < i && chance(2)) {
      maker_.add_delta(places_[base], delta);
    } else {
      maker_.add_delta(
          !is_honest_ && chance(9) ? git_blob("nowhere").oid(format_) : objects_[base].oid(format_), delta);
    }
  }

  std::string lie(const std::string& delta, std::size_t base_size) {
    switch (number(5)) {
      case 0:
        return delta_size(base_size + 1) + delta.substr(delta_size(base_size).size());
      case 1:
        return delta + "\x01x";
      case 2:
        return delta + std::string(1, '\0');
      case 3:
        return delta + "\x9f\xff\xff\xff\xff\x01";
      default:
        return delta.substr(0, number(static_cast<unsigned>(delta.size())));
    }
  }

  void damage() {
    switch (number(3)) {
      case 0:
        pack_.resize(number(static_cast<unsigned>(pack_.size())));
        return;
      case 1:
        pack_[11] = static_cast<char>(pack_[11] + 1);
        return;
      default:
        pack_[number(static_cast<unsigned>(pack_.size()))] ^= 1;
    }
  }

  std::minstd_rand random_;
  const bool is_honest_;
  const ObjectFormat format_;
  PackMaker maker_;
  std::vector<MadeObject> objects_;
  std::vector<std::uint64_t> places_;
  std::string pack_;
};

std::string index_of(const std::string& pack, ObjectFormat format, const IndexingOf& how) {
  try {
    return index_pack(pack, format, how).index;
  } catch (const Error& error) {
    EXPECT_TRUE(error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::transient)
        << error.message();
    return {};
  }
}

void expect_as_git(unsigned first, unsigned count, bool is_honest) {
  unsigned taken = 0;
  for (unsigned seed = first; seed < first + count; ++seed) {
    const RandomPack random(seed, is_honest);
    std::string complaint;
    const std::string expected = index_by_git(random.pack(), random.format(), &complaint);
    // An object that is there twice, and a REF_DELTA of it: git takes that since version 2.50.
    if (complaint.find("(duplicate base") != std::string::npos) continue;
    IndexingOptions options;
    options.threads = 1 + static_cast<int>(seed % 2);
    if (seed % 3 == 0) options.cache = 1 << 12;
    const std::string index =
        index_of(random.pack(), random.format(), {.options = options, .piece = 1 + seed * 37 % 500});
    EXPECT_TRUE(index == expected) << "seed " << seed << ": " << index.size() << " and " << expected.size();
    taken += expected.empty() ? 0 : 1;
  }
  EXPECT_GT(taken, count / 10);
  EXPECT_TRUE(is_honest || taken < count);
}

TEST(PacksAsGit, ThatAreHonestAreTaken) {
  expect_as_git(1, 60, true);
}

TEST(PacksAsGit, ThatLieAreTakenOrRefusedAsGitDoes) {
  expect_as_git(1000, 120, false);
}

std::string deflated(std::string_view bytes, int level, int strategy, int window, std::size_t flush_every) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, window, 1, strategy), Z_OK);
  std::string out(bytes.size() * 2 + 100'000, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  for (std::size_t at = 0; at < bytes.size(); at += flush_every) {
    const auto piece = bytes.substr(at, flush_every);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    deflate(&stream, at / flush_every % 2 == 0 ? Z_FULL_FLUSH : Z_SYNC_FLUSH);
  }
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(PacksAsGit, WithOddButValidZlibAreTaken) {
  std::minstd_rand random(5);
  std::string content;
  for (unsigned i = 0; i < 60'000; ++i) content += static_cast<char>('a' + random() % (i % 20 + 2));
  PackMaker maker;
  for (const int level : {0, 1, 9})
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED})
      for (const int window : {9, 12, 15})
        for (const std::size_t flush_every : {std::size_t{1'000'000}, std::size_t{5'000}, std::size_t{70}}) {
          const std::string file = content + fmt::format("{} {} {} {}", level, strategy, window, flush_every);
          maker.add_stream(3, file.size(), deflated(file, level, strategy, window, flush_every));
        }
  maker.add_stream(3, 0, deflated("", 9, Z_DEFAULT_STRATEGY, 15, 1));
  const std::string pack = maker.pack();
  EXPECT_TRUE(index_pack(pack).index == index_by_git(pack));
}

}  // namespace
}  // namespace hubkeep
