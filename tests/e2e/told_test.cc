// What a good run tells all the same, and what is told once: a repository whose refs have vanished, LFS
// pointers, rewinds to what the server does not send again.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Told : public EndToEnd {
 protected:
  static std::string pointer(char digit) {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, digit) +
           "\nsize 12345\n";
  }
};

TEST_F(Told, ARepositoryWithoutAnyRefWhereThereWereSomeIsNamedOnce) {
  const auto id = add_filled("site");
  ASSERT_EQ(backup().exit_code, 0);
  const auto before = state_of(path_of(id));
  const auto kept = snapshots_of(folder_of(id));
  sim::git(path_of(id), {"symbolic-ref", "HEAD", "refs/heads/none"});
  sim::git(path_of(id), {"update-ref", "--stdin"},
           sim::git(path_of(id), {"for-each-ref", "--format=delete %(refname)"}) + "\n");
  pushed(id);

  const auto emptied = backup();
  const auto after = backup();

  EXPECT_EQ(emptied.exit_code, 3) << emptied.err;
  EXPECT_THAT(emptied.out,
              HasSubstr("\nEMPTIED: octo/site: the server lists no ref any more, asked twice; what was "
                        "saved stays in the snapshots before"));
  EXPECT_EQ(after.exit_code, 0) << after.err;
  EXPECT_THAT(after.out, AllOf(HasSubstr("0 saved, 1 unchanged"), Not(HasSubstr("EMPTIED"))));
  EXPECT_EQ(state_of(restore("octo/site", kept.front())), before);
}

TEST_F(Told, LfsPointersAreCountedAsLongAsTheyAreNotSaved) {
  const auto id = add_filled("site");
  push_file(id, pointer('a'));
  const auto first = backup();
  push_file(id, pointer('b'));
  const auto second = backup({"--json"});
  push_file(id, "no pointer");
  const auto third = backup();

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("1 LFS pointer: what it points at is not saved"));
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(nlohmann::json::parse(second.out)["repositories"][0]["lfs_pointers"], 2);
  EXPECT_THAT(third.err, HasSubstr("2 LFS pointers: what they point at is not saved"));
  EXPECT_THAT(third.out, HasSubstr("2 LFS pointers: what they point at is not saved"));
}

TEST_F(Told, ARewindToWhatNoSnapshotNamedIsProvedByTheIndexes) {
  const auto id = add_filled("site");
  push_file(id, "one");
  push_file(id, "two");
  ASSERT_EQ(backup().exit_code, 0);
  sim::git(path_of(id), {"update-ref", "refs/heads/main", "refs/heads/main~1"});
  pushed(id);

  const auto rewound = backup();

  EXPECT_EQ(rewound.exit_code, 0) << rewound.err;
  EXPECT_THAT(rewound.out, HasSubstr("1 saved"));
  EXPECT_THAT(rewound.err + rewound.out, Not(HasSubstr("not proved")));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(Told, ARewindToWhatNoSnapshotNamedIsSavedAndNotProvedWithoutIndexes) {
  const auto id = add_filled("site");
  push_file(id, "one");
  push_file(id, "two");
  ASSERT_EQ(backup({"--no-proof"}).exit_code, 0);
  sim::git(path_of(id), {"update-ref", "refs/heads/main", "refs/heads/main~1"});
  pushed(id);

  const auto rewound = backup({"--no-proof"});

  EXPECT_EQ(rewound.exit_code, 0) << rewound.err;
  EXPECT_THAT(rewound.err, HasSubstr("; 1 tip not proved\n"));
  EXPECT_THAT(
      rewound.out,
      HasSubstr("\n1 tip could not be seen in what the server sent; to prove that all is there:\n  hubkeep "
                "verify --from "));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

}  // namespace
}  // namespace hubkeep
