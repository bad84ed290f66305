// Packs that were made to fool or to exhaust us end with an error that says where, in bounded memory.
#include <gmock/gmock.h>
#include <zlib.h>

#include "git/made_repository_test.h"
#include "git/pack_maker.h"
#include "pack/index_pack_test.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

constexpr ByteCount kMegabyte = ByteCount{1} << 20U;

IndexingOptions with_memory(ByteCount megabytes) {
  IndexingOptions options;
  options.memory = megabytes * kMegabyte;
  return options;
}

std::string message_of(const PackMaker& maker) {
  const Error error = error_of_indexing(maker.pack());
  EXPECT_EQ(error.kind(), ErrorKind::corrupt) << error.message();
  EXPECT_THAT(index_by_git(maker.pack()), IsEmpty());
  return error.message();
}

/// Copies so many bytes from the base's beginning and adds `tail`.
std::string copying_delta(std::size_t base_size, std::size_t copied, const std::string& tail) {
  std::string delta = delta_size(base_size) + delta_size(copied + tail.size()) + "\xf0";
  for (unsigned shift = 0; shift < 24; shift += 8) delta += static_cast<char>(copied >> shift);
  return delta + static_cast<char>(tail.size()) + tail;
}

std::string zlib_of(std::string_view bytes) {
  std::string out(compressBound(static_cast<uLong>(bytes.size())), '\0');
  uLongf size = out.size();
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
            static_cast<uLong>(bytes.size()), 9);
  out.resize(size);
  return out;
}

TEST(HostilePacks, AChainOfAHundredThousandDeltasIsCutOff) {
  constexpr int kDeltas = 100'000;
  const std::string start(40, 's');
  for (const bool by_name : {false, true}) {
    PackMaker maker;
    auto base = maker.next();
    MadeObject last = git_blob(start);
    maker.add(last);
    for (int i = 0; i < kDeltas; ++i) {
      const MadeObject next = git_blob(start + std::to_string(i));
      const auto here = maker.next();
      const std::string delta = delta_from(last.content, next.content);
      if (by_name)
        maker.add_delta(last.oid(), delta);
      else
        maker.add_delta(base, delta);
      base = here;
      last = next;
    }
    const Error error = error_of_indexing(maker.pack());
    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_THAT(error.message(),
                MatchesRegex("pack: object 10002 of 100001 at offset [0-9]+: it is at the end "
                             "of more than 10000 deltas"));
  }
}

TEST(HostilePacks, AChainThatComesLastFirstIsCutOff) {
  std::vector<MadeObject> versions;
  for (int i = 0; i <= 20'000; ++i) versions.push_back(git_blob("version " + std::to_string(i)));
  PackMaker maker;
  for (std::size_t i = versions.size() - 1; i > 0; --i)
    maker.add_delta(versions[i - 1].oid(), delta_from(versions[i - 1].content, versions[i].content));
  maker.add(versions[0]);
  const Error error = error_of_indexing(maker.pack());
  EXPECT_THAT(error.message(), AllOf(HasSubstr("pack: object 10000 of 20001 at offset "),
                                     HasSubstr("at the end of more than 10000 deltas")));
}

TEST(HostilePacks, LiesAboutSizesAreRefused) {
  const MadeObject base = git_blob("a base of some length");
  const std::string rest = delta_from(base.content, "a base of another").substr(1);
  for (const std::string& delta :
       {delta_size(base.content.size() + 1) + rest, delta_size(base.content.size() - 1) + rest,
        delta_size(base.content.size()) + delta_size(99) + rest.substr(1),
        delta_size(base.content.size()) + delta_size(1) + rest.substr(1)}) {
    PackMaker by_offset;
    const auto place = by_offset.next();
    EXPECT_THAT(message_of(by_offset.add(base).add_delta(place, delta)),
                AllOf(HasSubstr("pack: object 2 of 2 at offset "), HasSubstr("its delta ")));
    EXPECT_THAT(message_of(PackMaker().add_delta(base.oid(), delta).add(base)),
                AllOf(HasSubstr("pack: object 1 of 2 at offset 12"), HasSubstr("its delta ")));
  }
  EXPECT_THAT(message_of(PackMaker().add_stream(3, 20, stored_zlib("ten letters"))),
              HasSubstr("pack: object 1 of 1 at offset 12: it is shorter than its header says"));
  EXPECT_THAT(message_of(PackMaker().add_stream(3, 2, stored_zlib("ten letters"))),
              HasSubstr("pack: object 1 of 1 at offset 12: it is longer than its header says"));
}

TEST(HostilePacks, CopiesBeyondTheBaseAreRefused) {
  const MadeObject base = git_blob("a base");
  for (const std::string& copy :
       {std::string("\x91\x05\x02"), std::string("\x9f\xff\xff\xff\xff\x02"), std::string("\x81\x01")}) {
    const std::string delta = delta_size(6) + delta_size(2) + copy;
    EXPECT_THAT(message_of(PackMaker().add_delta(base.oid(), delta).add(base)),
                HasSubstr("object 1 of 2 at offset 12: its delta copies from beyond its base"));
  }
}

TEST(HostilePacks, DeltasOnEachOtherRestOnNothing) {
  const Oid one = git_blob("one").oid();
  const Oid two = git_blob("two").oid();
  const std::string delta = delta_size(3) + delta_size(3) + "\x03xyz";
  EXPECT_THAT(message_of(PackMaker().add_delta(two, delta).add_delta(one, delta).add(git_blob("three"))),
              HasSubstr("pack: object 1 of 3 at offset 12: its base " + two.hex() +
                        " is neither in the pack nor elsewhere"));
}

// The deltas that rest on it through others do not hide which it is.
TEST(HostilePacks, ABaseThatIsNowhereIsNamed) {
  const MadeObject base = git_blob("a base that is not here");
  PackMaker maker;
  maker.add(git_blob("something"));
  const auto place = maker.next();
  maker.add_delta(base.oid(), delta_from(base.content, "a base that is made"));
  maker.add_delta(place, delta_from("a base that is made", "a base that is made again"));
  EXPECT_THAT(message_of(maker), HasSubstr("pack: object 2 of 3 at offset " + std::to_string(place) +
                                           ": its base " + base.oid().hex()));
}

TEST(HostilePacks, ACountBeyondTheBytesTakesNoMemory) {
  for (const std::uint32_t count : {1'000'000U, 0xFFFFFFFFU}) {
    std::string pack = PackMaker().add(git_blob("one")).pack();
    pack.replace(8, 4, big_endian_bytes(count));
    PackIndexer indexer(ObjectFormat::sha1, nullptr, {});
    indexer.write(std::string_view(pack).substr(0, pack.size() - 20));
    EXPECT_THROW(indexer.finish(), Error);
    EXPECT_LE(indexer.counts().most_memory, IndexingOptions().memory);
    EXPECT_EQ(indexer.gave_up().empty(), count == 1'000'000U) << indexer.gave_up();
  }
}

TEST(HostilePacks, MoreObjectsThanTheMemoryHoldsAreOnlyLookedAt) {
  PackMaker maker;
  for (int i = 0; i < 30'000; ++i) maker.add(git_blob(std::to_string(i)));
  const std::string pack = maker.pack();
  PackIndexer indexer(ObjectFormat::sha1, nullptr, with_memory(2));
  indexer.write(pack);
  EXPECT_EQ(indexer.finish().objects, 30'000U);
  EXPECT_THAT(indexer.gave_up(), MatchesRegex("30000 objects need [0-9]+ MiB of memory"));
  StringSource source(pack);
  NoObjects nothing;
  EXPECT_FALSE(indexer.resolve(source, nothing, {}));
}

TEST(HostilePacks, WhatInflatesToManyMegabytesIsHashedAsItComes) {
  const std::string large(50'000'000, '\0');
  const std::string pack = PackMaker().add_stream(3, large.size(), zlib_of(large)).pack();
  const Indexed indexed = index_pack(pack, ObjectFormat::sha1, {.options = with_memory(8)});
  EXPECT_EQ(indexed.pack.entries.at(0).oid, git_blob(large).oid());
  EXPECT_LE(indexed.counts.most_memory, 8 * kMegabyte);
}

TEST(HostilePacks, ADeltaThatMakesMoreThanTheMemoryIsGivenUp) {
  const std::string base(1'000'000, 'b');
  std::string delta = delta_size(base.size()) + delta_size(std::uint64_t{1'000'000} * 200);
  for (int i = 0; i < 200; ++i) delta += std::string("\xf0\x40\x42\x0f", 4);
  PackMaker maker;
  maker.add(git_blob(base)).add_delta(git_blob(base).oid(), delta);
  const std::string pack = maker.pack();
  PackIndexer indexer(ObjectFormat::sha1, nullptr, with_memory(32));
  indexer.write(pack);
  EXPECT_EQ(indexer.finish().largest_delta, 200'000'000U);
  StringSource source(pack);
  NoObjects nothing;
  EXPECT_FALSE(indexer.resolve(source, nothing, {}));
  EXPECT_EQ(indexer.gave_up(), "it needs more than 32 MiB of memory");
  EXPECT_LE(indexer.counts().most_memory, 32 * kMegabyte);
}

// Each delta of a hundred bytes makes a megabyte, and all wait until their base comes, last.
TEST(HostilePacks, WideTreesOfMegabyteBlobsStayWithinTheMemory) {
  constexpr std::size_t kSize = 1'000'000;
  const std::string base(kSize, 'w');
  PackMaker maker;
  for (int i = 0; i < 12; ++i) {
    const std::string tail = " branch " + std::to_string(i);
    const MadeObject branch = git_blob(base + tail);
    for (int j = 0; j < 12; ++j) {
      const std::string twig = " twig " + std::to_string(j);
      const MadeObject leaf = git_blob(branch.content + twig);
      maker.add_delta(leaf.oid(), copying_delta(leaf.content.size(), kSize, " leaf"));
      maker.add_delta(branch.oid(), copying_delta(branch.content.size(), branch.content.size(), twig));
    }
    maker.add_delta(git_blob(base).oid(), copying_delta(kSize, kSize, tail));
  }
  maker.add_stream(3, kSize, zlib_of(base));
  const std::string pack = maker.pack();

  const Indexed indexed = index_pack(pack, ObjectFormat::sha1, {.options = with_memory(12)});

  EXPECT_TRUE(indexed.index == index_by_git(pack));
  EXPECT_LE(indexed.counts.most_memory, 12 * kMegabyte);
}

// A spine of megabytes with a leaf at each joint, of which none is at hand when it ends: going back to a
// joint would mean to make the spine again.
TEST(HostilePacks, ASpineOfMegabyteBlobsIsGoneThroughOnce) {
  constexpr std::size_t kSize = 500'000;
  constexpr int kJoints = 150;
  const std::string base(kSize, 's');
  PackMaker maker;
  maker.add_delta(git_blob(base).oid(), copying_delta(kSize, kSize, "spine"));
  auto joint = PackMaker().next();
  std::size_t size = kSize + 5;
  for (int i = 0; i < kJoints; ++i) {
    const auto next = maker.next();
    maker.add_delta(joint, copying_delta(size, size, "+"));
    maker.add_delta(joint, copying_delta(size, size, "leaf" + std::to_string(i)));
    joint = next;
    ++size;
  }
  maker.add_stream(3, kSize, zlib_of(base));
  const std::string pack = maker.pack();

  const Indexed indexed = index_pack(pack, ObjectFormat::sha1, {.options = with_memory(8)});

  EXPECT_TRUE(indexed.index == index_by_git(pack));
  EXPECT_EQ(indexed.counts.waited, 2U * kJoints + 1);
  EXPECT_LE(indexed.counts.remade, 10U);
  EXPECT_LE(indexed.counts.most_memory, 8 * kMegabyte);
}

}  // namespace
}  // namespace hubkeep
