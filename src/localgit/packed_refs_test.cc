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

TEST(Head, IsBornWhenItLeadsToAnObject) {
  RefState state;
  state.refs = {{"refs/heads/main", oid(kOne)}};

  for (const auto& [head, born] :
       {std::pair{Head{.symref_target = "refs/heads/main", .oid = {}}, true},
        std::pair{Head{.symref_target = "refs/heads/other", .oid = {}}, false},
        std::pair{Head{.symref_target = "", .oid = oid(kTwo)}, true}, std::pair{Head{}, false}}) {
    state.head = head;
    EXPECT_EQ(is_born(state), born) << head.symref_target;
  }
}

TEST(RefFiles, SayWhenTheyCannotBeWritten) {
  const ScratchFolder scratch;

  EXPECT_THROW(write_ref_files(scratch.path() / "missing", {}), Error);
}

}  // namespace
}  // namespace hubkeep
