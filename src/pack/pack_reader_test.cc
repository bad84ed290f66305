// Every object of packs that git made, held against what git says of it; and packs and indexes that no git
// makes, each of which must end in an error.
#include "pack/pack_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "base/error.h"
#include "git/made_repository_test.h"
#include "pack/block_source.h"
#include "pack/memory_source.h"
#include "pack/pack_chain.h"

namespace hubkeep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Files that change a little from commit to commit, and one that is large.
void fill(const TestRepository& repository, unsigned seed, int from, int to) {
  std::mt19937 random(seed);  // NOLINT: the same each time
  std::map<int, std::vector<std::string>> files;
  std::string stream;
  const auto data = [&](std::string_view text) { stream += fmt::format("data {}\n{}\n", text.size(), text); };
  for (int commit = 0; commit < to; ++commit) {
    const int file = static_cast<int>(random() % 9);
    auto& lines = files[file];
    if (lines.empty())
      for (int i = 0; i < 400; ++i) lines.push_back(fmt::format("line {} {}\n", i, random()));
    for (int i = 0; i < 5; ++i) lines[random() % lines.size()] = fmt::format("changed {}\n", random());
    if (commit < from) continue;
    stream +=
        fmt::format("commit refs/heads/main\ncommitter A <a@example.org> {} +0000\n", 1'700'000'000 + commit);
    data(fmt::format("Change {}\n", commit));
    if (commit == from && from > 0) stream += "from refs/heads/main^0\n";
    std::string text;
    for (const std::string& line : lines) text += line;
    stream += fmt::format("M 100644 inline folder{}/deep/file{}\n", file % 3, file);
    data(text);
    if (commit == 0) {
      std::string large;
      for (int i = 0; i < 200'000; ++i) large += static_cast<char>(random());
      stream += "M 100755 inline large\n";
      data(large);
      stream += "M 100644 inline empty\n";
      data("");
    }
  }
  repository.git({"fast-import", "--quiet", "--force"}, stream);
}

std::string pack_of(const TestRepository& repository, std::vector<std::string> options,
                    const std::string& revisions = "") {
  options.insert(options.begin(), {"pack-objects", "--revs", "--stdout", "-q"});
  if (revisions.empty()) options.emplace_back("--all");
  return repository.git(options, revisions);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Git's index of a pack as it stands there: of a thin one, without what git appends to complete it.
std::string index_of(const TestRepository& repository, const std::string& pack, ObjectFormat format) {
  const auto file = std::filesystem::path(repository.path()) / "index-of-this.idx";
  repository.git({"index-pack", "--stdin", "--fix-thin", "-o", file.string(),
                  (std::filesystem::path(repository.path()) / "index-of-this.pack").string()},
                 pack);
  const std::string completed = read_file(file);
  std::filesystem::remove(file);
  std::filesystem::remove(std::filesystem::path(repository.path()) / "index-of-this.pack");
  const PackIndex index(completed, format);
  std::vector<PackIndexEntry> entries;
  for (std::size_t place = 0; place < index.size(); ++place)
    if (index.offset(place) < pack.size() - raw_size(format)) entries.push_back(index.entry(place));
  StringSink sink;
  write_pack_index(
      entries, Oid::from_raw(std::string_view(pack).substr(pack.size() - raw_size(format)), format), sink);
  return sink.take();
}

std::map<std::string, GitObject> objects_of(const TestRepository& repository) {
  std::map<std::string, GitObject> objects;
  const std::string all = repository.git({"cat-file", "--batch-all-objects", "--batch"});
  for (std::size_t at = 0; at < all.size();) {
    const auto end = all.find('\n', at);
    const std::string line = all.substr(at, end - at);
    const auto type = line.find(' ');
    const auto size = line.rfind(' ');
    const auto bytes = std::stoul(line.substr(size + 1));
    objects[line.substr(0, type)] = {parse_object_type(line.substr(type + 1, size - type - 1)).value(),
                                     all.substr(end + 1, bytes)};
    at = end + 1 + bytes + 1;
  }
  return objects;
}

// A pack, and what reads it.
struct Opened {
  Opened(std::string pack_bytes, std::string index_bytes, ObjectFormat format, ByteCount largest = 1 << 30)
      : index(std::move(index_bytes)),
        pack(std::move(pack_bytes), budget),
        reader(PackIndex(index, format), pack, cache, largest) {}

  std::optional<GitObject> read(const Oid& oid) { return reader.read(oid, nothing, {}); }

  ReadBudget budget;
  NoObjects nothing;
  BaseCache cache;
  const std::string index;
  MemorySource pack;
  PackReader reader;
};

class PackReaderOfGit : public testing::TestWithParam<ObjectFormat> {};
INSTANTIATE_TEST_SUITE_P(Formats, PackReaderOfGit, testing::Values(ObjectFormat::sha1, ObjectFormat::sha256),
                         [](const auto& format) { return std::string(to_string(format.param)); });

TEST_P(PackReaderOfGit, ReadsEveryObjectHoweverThePackWasMade) {
  const TestRepository repository(GetParam());
  fill(repository, 16, 0, 150);
  repository.git({"tag", "-a", "-m", "a tag", "v1", "main"});
  const auto expected = objects_of(repository);
  ASSERT_GT(expected.size(), 500U);

  for (const std::vector<std::string>& options : std::vector<std::vector<std::string>>{
           {"--delta-base-offset"},
           {"--delta-base-offset", "--no-reuse-delta", "--depth=4095", "--window=100"},
           {"--no-reuse-delta", "--depth=4095", "--window=100"},  // REF_DELTA, also before their bases
           {"--window=0"},
           {"--no-reuse-object", "--compression=0"}}) {
    const std::string pack = pack_of(repository, options);
    Opened opened(pack, index_of(repository, pack, GetParam()), GetParam());
    ASSERT_EQ(opened.reader.index().size(), expected.size());
    for (const auto& [hex, object] : expected) {
      const Oid oid = Oid::parse(hex).value();
      EXPECT_EQ(opened.reader.size_of(oid, {}), object.content.size());
      const auto found = opened.read(oid);
      ASSERT_TRUE(found) << hex;
      EXPECT_EQ(found->type, object.type);
      EXPECT_EQ(found->content, object.content);
    }
  }
}

TEST_P(PackReaderOfGit, FindsTheBasesOfThinPacksInOlderOnes) {
  const TestRepository repository(GetParam());
  PackChain chain(GetParam());
  ReadBudget budget;
  std::vector<std::pair<std::string, std::string>> packs;
  std::string before;
  for (int increment = 0; increment < 4; ++increment) {
    fill(repository, 7, increment * 20, increment * 20 + 20);
    const std::string pack =
        pack_of(repository, {"--thin", "--delta-base-offset"}, "refs/heads/main\n" + before);
    packs.emplace_back(pack, index_of(repository, pack, GetParam()));
    before += "^" + repository.git({"rev-parse", "main"});
  }
  for (auto pack = packs.rbegin(); pack != packs.rend(); ++pack)
    chain.add(pack->second,
              std::make_unique<BlockSource>(std::make_unique<MemorySource>(pack->first, budget)));

  const auto expected = objects_of(repository);
  std::vector<Oid> all;
  for (const auto& [hex, object] : expected) {
    const Oid oid = Oid::parse(hex).value();
    all.push_back(oid);
    ASSERT_TRUE(chain.contains(oid));
    const auto found = chain.read(oid, {});
    ASSERT_TRUE(found) << hex;
    EXPECT_EQ(found->content, object.content);
    EXPECT_EQ(chain.size_of(oid, {}), object.content.size());
    EXPECT_EQ(chain.find_abbreviated(hex.substr(0, 20), 2), std::vector<Oid>{oid});
  }
  std::vector<Oid> named;
  chain.for_each_name([&](const Oid& oid) { named.push_back(oid); });
  EXPECT_THAT(named, testing::UnorderedElementsAreArray(all));
  EXPECT_FALSE(chain.read(Oid::from_raw(std::string(raw_size(GetParam()), '\7'), GetParam()), {}));
}

// Whatever byte of a pack is another, no object comes out that is not what its name says.
TEST_P(PackReaderOfGit, NeverGivesAnObjectThatIsNotWhatItsNameSays) {
  const TestRepository repository(GetParam());
  fill(repository, 3, 0, 12);
  const std::string pack = pack_of(repository, {"--delta-base-offset", "--no-reuse-delta"});
  const std::string index = index_of(repository, pack, GetParam());
  const PackIndex names(index, GetParam());
  std::mt19937 random(1);  // NOLINT: the same each time
  std::size_t refused = 0;

  for (int i = 0; i < 40; ++i) {
    std::string damaged = pack;
    const auto at = 12 + random() % (pack.size() - 40);
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << (random() % 8)));
    Opened opened(damaged, index, GetParam());
    for (std::size_t place = 0; place < names.size(); ++place) {
      try {
        const auto object = opened.read(names.oid(place)).value();
        EXPECT_EQ(name_of(object.type, object.content, GetParam()), names.oid(place));
      } catch (const Error& error) {
        ++refused;
        EXPECT_EQ(error.kind(), ErrorKind::corrupt) << error.message();
        EXPECT_THAT(error.message(), HasSubstr(fmt::format("object {} at offset {} of its pack: ",
                                                           names.oid(place).hex(), names.offset(place))));
      }
    }
  }
  EXPECT_GE(refused, 40U);
}

// Packs by hand: each zlib stream is one stored block (RFC 1951, 3.2.4).
std::string number(std::uint64_t value, int bytes, bool high_first) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(value >> static_cast<unsigned>(8 * (high_first ? bytes - 1 - i : i)));
  return out;
}

std::string stored(std::string_view content) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : content) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return "\x78\x01\1" + number(content.size(), 2, false) + number(~content.size(), 2, false) +
         std::string(content) + number(b << 16U | a, 4, true);
}

std::string entry_header(unsigned type, std::uint64_t size) {
  std::string header(1, static_cast<char>(type << 4U | (size & 15U)));
  for (size >>= 4U; size != 0; size >>= 7U) {
    header.back() = static_cast<char>(header.back() | '\x80');
    header += static_cast<char>(size & 127U);
  }
  return header;
}

Oid oid(unsigned number) {
  std::string raw(20, '\0');
  for (unsigned i = 0; i < 4; ++i) raw[i] = static_cast<char>(number >> (8 * i));
  return Oid::from_raw(raw, ObjectFormat::sha1);
}

struct Lie {
  std::string entries;
  std::vector<PackIndexEntry> index;
};

std::string answer_to(const Lie& lie, const Oid& asked, ByteCount largest = ByteCount{1} << 20) {
  std::vector<PackIndexEntry> entries = lie.index;
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.oid < b.oid; });
  StringSink index;
  write_pack_index(entries, oid(0), index);
  Opened opened(
      "PACK" + number(2, 4, true) + number(entries.size(), 4, true) + lie.entries + std::string(20, 'x'),
      index.take(), ObjectFormat::sha1, largest);
  try {
    opened.read(asked);
    return "read";
  } catch (const Error& error) {
    return fmt::format("{}: {}", to_string(error.kind()), error.message());
  }
}

TEST(PackReader, NamesWhatALieIs) {
  const Oid blob = name_of(ObjectType::blob, "abc", ObjectFormat::sha1);
  const std::string whole = entry_header(3, 3) + stored("abc");
  EXPECT_EQ(answer_to({whole, {{blob, 0, 12}}}, blob), "read");

  EXPECT_THAT(
      answer_to({whole, {{oid(1), 0, 12}}}, oid(1)),
      AllOf(HasSubstr("corrupt: object 01000000"), HasSubstr("offset 12"), HasSubstr("another object")));
  for (const ByteCount offset : {ByteCount{0}, ByteCount{11}, 12 + whole.size(), ByteCount{1} << 40U})
    EXPECT_THAT(answer_to({whole, {{blob, 0, offset}}}, blob), HasSubstr("no entry can begin")) << offset;
  EXPECT_THAT(answer_to({whole, {{blob, 0, 12}, {oid(2), 0, 14}}}, blob), HasSubstr("compressed bytes"));
  for (const std::uint64_t size : {std::uint64_t{2}, std::uint64_t{4}, std::uint64_t{1} << 47U})
    EXPECT_THAT(answer_to({entry_header(3, size) + stored("abc"), {{blob, 0, 12}}}, blob, ~ByteCount{0}),
                HasSubstr("corrupt: object " + blob.hex()))
        << size;
  EXPECT_THAT(answer_to({whole, {{blob, 0, 12}}}, blob, 2), HasSubstr("invalid: object " + blob.hex()));
  EXPECT_THAT(answer_to({entry_header(5, 3) + stored("abc"), {{blob, 0, 12}}}, blob),
              HasSubstr("unknown object type"));
  EXPECT_THAT(
      answer_to({entry_header(7, 4) + std::string(oid(9).raw()) + stored("abcd"), {{blob, 0, 12}}}, blob),
      HasSubstr("its base " + oid(9).hex() + " is nowhere"));
}

std::string copy_all_of(std::size_t base, std::size_t result) {
  return std::string{static_cast<char>(base), static_cast<char>(result), '\x90', static_cast<char>(result)};
}

TEST(PackReader, NamesALyingDelta) {
  const Oid blob = name_of(ObjectType::blob, "abc", ObjectFormat::sha1);
  const Oid part = name_of(ObjectType::blob, "ab", ObjectFormat::sha1);
  const std::string whole = entry_header(3, 3) + stored("abc");
  const auto of_delta = [&](const std::string& delta, ByteCount largest = ByteCount{1} << 20) {
    return answer_to({whole + entry_header(7, delta.size()) + std::string(blob.raw()) + stored(delta),
                      {{blob, 0, 12}, {part, 0, 12 + whole.size()}}},
                     part, largest);
  };
  EXPECT_EQ(of_delta(copy_all_of(3, 2)), "read");
  EXPECT_THAT(of_delta(copy_all_of(4, 2)), HasSubstr("its delta is of another base"));
  EXPECT_THAT(of_delta(copy_all_of(2, 3)), HasSubstr("copies from beyond its base"));
  EXPECT_THAT(of_delta(copy_all_of(3, 1)), HasSubstr("another object"));
  EXPECT_THAT(of_delta(std::string("\3\2\x91", 3)), HasSubstr("cut short"));
  EXPECT_THAT(of_delta(std::string("\3\xff\xff\xff\x7f\x90\3", 7)), HasSubstr("makes less than it says"));
  EXPECT_THAT(of_delta(copy_all_of(3, 3), 2), HasSubstr("invalid: object " + part.hex()));
}

// Two deltas, each the base of the other.
TEST(PackReader, EndsInACircle) {
  const auto delta = [](const Oid& base) {
    return entry_header(7, 4) + std::string(base.raw()) + stored(copy_all_of(3, 3));
  };
  const std::string first = delta(oid(2));
  EXPECT_THAT(answer_to({first + delta(oid(1)), {{oid(1), 0, 12}, {oid(2), 0, 12 + first.size()}}}, oid(1)),
              HasSubstr("more than 10000 deltas"));
}

TEST(PackReader, FollowsAChainToItsBoundAndNotBeyond) {
  std::string entries = entry_header(3, 3) + stored("abc");
  const std::string delta = copy_all_of(3, 3);
  std::size_t before = entries.size();
  std::vector<PackIndexEntry> index;
  for (unsigned i = 1; i <= 10'001; ++i) {
    const ByteCount offset = 12 + entries.size();
    const std::string entry =
        entry_header(6, delta.size()) + std::string(1, static_cast<char>(before)) + stored(delta);
    index.push_back({oid(i), 0, offset});
    entries += entry;
    before = entry.size();
  }
  const Oid blob = name_of(ObjectType::blob, "abc", ObjectFormat::sha1);
  index[9'999].oid = blob;
  EXPECT_EQ(answer_to({entries, index}, blob), "read");
  EXPECT_THAT(answer_to({entries, index}, oid(10'001)), HasSubstr("more than 10000 deltas"));
}

TEST(PackChain, IsNotLedAroundInACircleByThinPacks) {
  PackChain chain(ObjectFormat::sha1);
  ReadBudget budget;
  for (const unsigned i : {1U, 2U}) {
    const std::string pack = std::string(12, 'P') + entry_header(7, 4) + std::string(oid(3 - i).raw()) +
                             stored(copy_all_of(3, 3)) + std::string(20, 'x');
    StringSink index;
    write_pack_index({{oid(i), 0, 12}}, oid(0), index);
    chain.add(index.take(), std::make_unique<MemorySource>(pack, budget));
  }
  EXPECT_THROW(chain.read(oid(1), {}), Error);
  EXPECT_THROW(chain.read(oid(2), {}), Error);
}

TEST(PackReader, StopsWhenItIsTold) {
  std::stop_source stop;
  stop.request_stop();
  const Oid blob = name_of(ObjectType::blob, "abc", ObjectFormat::sha1);
  StringSink index;
  write_pack_index({{blob, 0, 12}}, oid(0), index);
  Opened opened(std::string(12, 'P') + entry_header(3, 3) + stored("abc") + std::string(20, 'x'),
                index.take(), ObjectFormat::sha1);
  EXPECT_THROW(opened.reader.read(blob, opened.nothing, stop.get_token()), Error);
}

}  // namespace
}  // namespace hubkeep
