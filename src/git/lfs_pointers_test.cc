#include "git/lfs_pointers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;

const std::string kOid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
const std::string kOther = std::string(64, 'a');
const std::string kVersion = "version https://git-lfs.github.com/spec/v1\n";
const std::string kObject = "oid sha256:" + kOid + "\n";
const std::string kSize = "size 12345\n";

std::string extension(const std::string& key, const std::string& oid = kOther) {
  return key + " sha256:" + oid + "\n";
}

// The cases of git-lfs's own lfs/pointer_test.go are among these and the next.
TEST(LfsPointer, IsWhatGitLfsTakesForOne) {
  const LfsPointer pointer{kOid, 12'345};
  for (const std::string& blob :
       {kVersion + kObject + kSize, kVersion + kObject + "size 12345",
        "version https://hawser.github.com/spec/v1\n" + kObject + kSize,
        "version http://git-media.io/v/2\n" + kObject + kSize,
        "version https://git-lfs.github.com/spec/v1\r\noid sha256:" + kOid + "\r\nsize 12345\r\n",
        kVersion + kObject + "size 12345   \n", "\n " + kVersion + "\n\r\n" + kObject + "\n" + kSize + "\n\t",
        kVersion + kObject + "size 0012345\n", kVersion + kObject + "size +12345\n",
        kVersion + extension("ext-0-foo") + extension("ext-9-bar") + kObject + kSize,
        kVersion + extension("ext-2-baz") + extension("ext-0-foo") + kObject + extension("ext-1-b") + kSize,
        extension("ext-0-foo") + kVersion + kObject + kSize,
        kVersion + extension("ext-0-foo$") + kObject + kSize,
        kVersion + extension("ext-0-foo", "boom") + extension("ext-0-foo") + kObject + kSize,
        kVersion + kObject + kSize + std::string(1023 - 130, '\n')})
    EXPECT_EQ(parse_lfs_pointer(blob), pointer) << blob;
  EXPECT_EQ(parse_lfs_pointer(kVersion + kObject + "size 9223372036854775807\n"),
            (LfsPointer{kOid, 9'223'372'036'854'775'807}));
  EXPECT_EQ(parse_lfs_pointer("version http://git-media.io/v/2\n" + kObject + "size 7"),
            (LfsPointer{kOid, 7}))
      << "the smallest";
}

TEST(LfsPointer, IsNothingElse) {
  const std::string upper = "4D7A214614AB2935C943F9E0FF69D22EADBB8F32B1258DAAA5E2CA24D17E2393";
  for (const std::string& blob :
       {std::string(),
        std::string(200, 'x'),
        std::string(200, '\n'),
        "x" + kVersion + kObject + kSize,
        "\xEF\xBB\xBF" + kVersion + kObject + kSize,
        "version https://git-lfs.github.com/spec/v2\n" + kObject + kSize,
        "version http://git-media.io/v/whatever\n" + kObject + kSize,
        "Version https://git-lfs.github.com/spec/v1\n" + kObject + kSize,
        "version  https://git-lfs.github.com/spec/v1\n" + kObject + kSize,
        "version=https://git-lfs.github.com/spec/v1\n" + kObject + kSize,
        kObject + kSize + kSize + kSize + kSize,
        kVersion + kSize + extension("ext-0-foo"),
        kVersion + kObject + extension("ext-0-foo"),
        kVersion + kSize + kObject,
        kVersion + kVersion + kObject + kSize,
        kVersion + "oid sha256:" + upper + "\n" + kSize,
        kVersion + "oid sha256:" + kOid + "&\n" + kSize,
        kVersion + "oid sha256:" + kOid + " \n" + kSize,
        kVersion + "oid sha256:" + kOid.substr(1) + "\n" + kSize,
        kVersion + "oid sha256:" + kOid.substr(24) + "\nsize 1234567890123456789\n",
        kVersion + "oid sha512:" + kOid + "\n" + kSize,
        kVersion + "oid " + kOid + "\n" + kSize + "\n\n\n\n",
        kVersion + kObject + "size fif\n",
        kVersion + kObject + "size\n",
        kVersion + kObject + "size \n",
        kVersion + kObject + "size -1\n",
        kVersion + kObject + "size 0\n",
        kVersion + kObject + "size -0\n",
        kVersion + kObject + "size +-1\n",
        kVersion + kObject + "size 1 2\n",
        kVersion + kObject + "size 9223372036854775808\n",
        kVersion + kObject + kSize + "wat wat\n",
        kVersion + kObject + kSize + extension("ext-0-foo"),
        kVersion + "x-y z\n" + kObject + kSize,
        kVersion + extension("ext-0-$$$$") + kObject + kSize,
        kVersion + extension("ext-0-") + kObject + kSize,
        kVersion + extension("ext-#-foo") + kObject + kSize,
        kVersion + extension("ext-10-foo") + kObject + kSize,
        kVersion + extension("ext-0-foo", "boom") + kObject + kSize,
        kVersion + extension("ext-0-foo") + extension("ext-0-foo", "boom") + kObject + kSize,
        kVersion + extension("ext-0-foo") + extension("ext-0-bar") + kObject + kSize,
        kVersion + " \n" + kObject + kSize,
        kVersion + kObject + kSize + "and a text that has a pointer in it\n",
        kVersion + kObject + kSize + std::string(1024 - 130, '\n')})
    EXPECT_EQ(parse_lfs_pointer(blob), std::nullopt) << blob;
}

std::string pointer_to(int number, int size = 1) {
  return fmt::format("{}oid sha256:{:064x}\nsize {}\n", kVersion, number, size);
}

LfsPointer to(int number, ByteCount size = 1) {
  return {fmt::format("{:064x}", number), size};
}

TEST(LfsPointers, HaveEachObjectOnceAndEachSizeThatIsSaidOfIt) {
  LfsPointers pointers;
  for (const auto& blob : {pointer_to(2), pointer_to(1), pointer_to(2), pointer_to(2, 7), pointer_to(2, 7)})
    pointers.saw_blob(blob);

  EXPECT_EQ(pointers.count(), 2U);
  EXPECT_THAT(pointers.list(), ElementsAre(to(1), to(2), to(2, 7)));
  EXPECT_FALSE(pointers.may_be_more());
}

TEST(LfsPointers, AreBoundedAndSaySo) {
  LfsPointers pointers(3);
  for (int i = 0; i < 3; ++i) pointers.saw_blob(pointer_to(i));
  for (int i = 0; i < 3; ++i) pointers.saw_blob(pointer_to(i));
  EXPECT_FALSE(pointers.may_be_more());

  pointers.saw_blob(pointer_to(3));

  EXPECT_TRUE(pointers.is_full());
  EXPECT_TRUE(pointers.may_be_more());
  EXPECT_THAT(pointers.list(), ElementsAre(to(0), to(1), to(2)));

  LfsPointers of_one(1);
  of_one.saw_blob(pointer_to(1));
  of_one.saw_blob(pointer_to(1, 2));
  EXPECT_TRUE(of_one.may_be_more());
  EXPECT_THAT(of_one.list(), ElementsAre(to(1)));
}

TEST(LfsPointers, CountDeltasUntilTheyAreLookedAt) {
  LfsPointers pointers;
  pointers.saw_blob(pointer_to(1));
  for (const std::uint64_t makes : {113U, 114U, 130U, 1023U, 1024U}) pointers.saw_delta(makes);
  EXPECT_EQ(pointers.unresolved(), 3U);
  EXPECT_TRUE(pointers.may_be_more());

  LfsPointers deltas;
  for (const auto& blob : {pointer_to(1), pointer_to(1, 5), pointer_to(4), pointer_to(4, 6), pointer_to(3)})
    deltas.saw_blob(blob);
  pointers.resolve(deltas);

  EXPECT_EQ(pointers.unresolved(), 0U);
  EXPECT_FALSE(pointers.may_be_more());
  EXPECT_THAT(pointers.list(), ElementsAre(to(1), to(1, 5), to(3), to(4), to(4, 6)));
}

}  // namespace
}  // namespace hubkeep
