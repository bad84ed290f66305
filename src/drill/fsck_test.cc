#include "drill/fsck.h"

#include <gmock/gmock.h>

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kCommit(40, 'a');

FsckAnswer judge_fsck(int exit_code, const std::string& said) {
  FsckReader reader;
  for (const char byte : said) reader.read({&byte, 1});
  return reader.judge(exit_code);
}

TEST(JudgeFsck, TellsDamageFromWhatIsOnlyOddlyWritten) {
  const std::string form = "error in commit " + kCommit + ": missingEmail: invalid author line\n";
  const std::string tree =
      "error in tree " + std::string(64, 'b') + ": fullPathname: contains full pathnames\n";
  const std::string link = "broken link from  commit " + kCommit + "\n";
  const std::string hash = "error: sha1 mismatch for " + kCommit + "\n";
  struct Case {
    int exit_code;
    std::string errors;
    FsckResult expected;
  };
  for (const Case& c :
       {Case{0, "", FsckResult::ok}, Case{0, "warning in tree " + kCommit + ": x: y", FsckResult::ok},
        Case{1, form, FsckResult::ok}, Case{1, form + tree, FsckResult::ok},
        Case{1, "", FsckResult::problems}, Case{1, hash, FsckResult::problems},
        Case{1, form + hash, FsckResult::problems}, Case{2, form, FsckResult::problems},
        Case{3, form + link, FsckResult::problems}, Case{4, "", FsckResult::problems},
        Case{128, "fatal: bad object", FsckResult::problems}})
    EXPECT_EQ(judge_fsck(c.exit_code, c.errors).result, c.expected) << c.exit_code << c.errors;
}

TEST(JudgeFsck, KeepsTheFirstLinesPrintable) {
  std::string many;
  for (int i = 0; i < 25; ++i) many += "broken link\n";

  EXPECT_THAT(judge_fsck(0, "\n  \n").lines, IsEmpty());
  EXPECT_THAT(judge_fsck(2, "dangling \x1b[2J\n").lines, ElementsAre("dangling \\x1b[2J"));
  EXPECT_THAT(judge_fsck(2, many).lines, SizeIs(21));
  EXPECT_EQ(judge_fsck(2, many).lines.back(), "and 5 more lines");
  EXPECT_THAT(judge_fsck(2, std::string(10'000, 'x')).lines.front(), SizeIs(300));
}

TEST(JudgeFsck, KeepsLittleOfMuch) {
  const std::string form = "error in commit " + kCommit + ": missingEmail: invalid author line\n";
  FsckReader reader;
  reader.read("error: it begins\n");
  for (int i = 0; i < 1'000'000; ++i) reader.read(form);
  reader.read("fatal: No space left on device");

  EXPECT_THAT(reader.excerpt(), testing::StartsWith("error: it begins\n"));
  EXPECT_THAT(reader.excerpt(), testing::EndsWith("\nfatal: No space left on device"));
  EXPECT_LT(reader.excerpt().size(), std::size_t{256} << 10);
  EXPECT_EQ(reader.judge(1).lines.back(), "and 999982 more lines");
}

}  // namespace
}  // namespace hubkeep
