#include "localgit/packed_refs.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"
#include "localgit/git_fixture.h"

namespace hubkeep {
namespace {

const std::string kOne = "1111111111111111111111111111111111111111";
const std::string kTwo = "2222222222222222222222222222222222222222";

Oid oid(const std::string& hex) {
  return Oid::parse(hex).value();
}

TEST(PackedRefs, StandInTheirOwnOrderBehindTheHeader) {
  RefState state;
  state.refs = {{"refs/heads/a", oid(kOne)}, {"refs/heads/a-b", oid(kTwo)}};

  std::ostringstream text;
  write_packed_refs(state, text);
  EXPECT_EQ(text.str(),
            "# pack-refs with: sorted \n" + kOne + " refs/heads/a\n" + kTwo + " refs/heads/a-b\n");
}

TEST(PackedRefs, RefuseANameThatBreaksALine) {
  RefState state;
  state.refs = {{"refs/heads/a\n" + kOne + " refs/heads/b", oid(kOne)}};

  std::ostringstream text;
  EXPECT_THROW(write_packed_refs(state, text), Error);
  EXPECT_THROW(format_head({.symref_target = "refs/heads/../../x", .oid = {}}), Error);
}

TEST(Head, IsABranchAnObjectOrTheDefault) {
  EXPECT_EQ(format_head({.symref_target = "refs/heads/dev", .oid = oid(kOne)}), "ref: refs/heads/dev\n");
  EXPECT_EQ(format_head({.symref_target = "refs/heads/unborn", .oid = {}}), "ref: refs/heads/unborn\n");
  EXPECT_EQ(format_head({.symref_target = "", .oid = oid(kOne)}), kOne + "\n");
  EXPECT_EQ(format_head({}), "ref: refs/heads/main\n");
}

TEST(Head, IsBornWhereItLeadsToAnObject) {
  RefState state;
  state.refs = {{"refs/heads/main", oid(kOne)}};

  for (const auto& [head, born] :
       {std::pair{Head{.symref_target = "refs/heads/main", .oid = {}}, std::optional(oid(kOne))},
        std::pair{Head{.symref_target = "refs/heads/other", .oid = {}}, std::optional<Oid>()},
        std::pair{Head{.symref_target = "", .oid = oid(kTwo)}, std::optional(oid(kTwo))},
        std::pair{Head{}, std::optional<Oid>()}}) {
    state.head = head;
    EXPECT_EQ(born_head(state), born) << head.symref_target;
  }
}

TEST(RefFiles, SayWhenTheyCannotBeWritten) {
  const ScratchFolder scratch;

  EXPECT_THROW(write_ref_files(scratch.path() / "missing", {}), Error);
}

}  // namespace
}  // namespace hubkeep
