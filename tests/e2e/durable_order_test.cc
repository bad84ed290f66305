// What a loss of power would leave: the calls of a whole run, looked at for names that could outlive their
// bytes.

#include <gmock/gmock.h>

#include <cerrno>
#include <map>
#include <set>

#include "e2e/end_to_end.h"
#include "e2e/file_faults.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

// An object gets its name when its own bytes and all names before are durable: those of the folders that lead
// to it, and those of the objects that it speaks of. True of one repository at a time.
std::vector<std::string> violations_in(const std::vector<FileCall>& calls) {
  std::vector<std::string> violations;
  std::set<std::string> written;  // objects since their last sync
  std::set<std::string> changed;  // folders since their last sync
  for (const auto& call : calls) {
    if (call.operation == "write") written.insert(call.object);
    if (call.operation == "sync") written.erase(call.object);
    if (call.operation == "mkdir" && call.succeeded && !call.path.ends_with("/.tmp"))
      changed.insert(parent_of(call.path));
    if (call.operation == "sync-folder") changed.erase(call.path);
    if (call.operation != "rename" || !call.succeeded) continue;
    if (written.contains(call.object)) violations.push_back("the bytes of " + call.path);
    for (const auto& folder : changed)
      violations.push_back("the names in " + folder + " before " + call.path);
    changed.insert(parent_of(call.path));
  }
  for (const auto& folder : changed) violations.push_back("the last name in " + folder);
  return violations;
}

class DurableOrder : public EndToEnd {
 protected:
  std::vector<FileCall> calls_of_backup(const Lacking& lacking = {}) {
    const auto log = scratch_ / "calls";
    std::filesystem::remove(log);
    EXPECT_EQ(backup({}, lacking_environment(scratch_.path(), log, lacking)).exit_code, 0);
    return read_file_calls(log);
  }

  static std::vector<std::string> names_given(const std::vector<FileCall>& calls) {
    std::vector<std::string> names;
    for (const auto& call : calls) {
      if (call.operation == "rename" && call.succeeded) names.push_back(call.path);
    }
    return names;
  }
};

TEST_F(DurableOrder, IsKeptWhenAVaultIsMade) {
  add_filled("site");

  const auto calls = calls_of_backup();

  EXPECT_THAT(names_given(calls),
              ElementsAre(EndsWith("/hubkeep.json"), EndsWith("/README.txt"), HasSubstr("/state/"),
                          EndsWith(".bundle"), EndsWith(".idx"), EndsWith(".refs.zst"), EndsWith(".json.zst"),
                          EndsWith("/catalog.jsonl.zst"), HasSubstr("/state/"), HasSubstr("/runs/")));
  EXPECT_THAT(violations_in(calls), IsEmpty());
}

TEST_F(DurableOrder, IsKeptInAVaultThatIsThere) {
  const auto id = add_filled("site");
  calls_of_backup();
  push_file(id, random_bytes(9 << 20, 1));

  const auto calls = calls_of_backup();

  EXPECT_THAT(names_given(calls),
              ElementsAre(EndsWith(".bundle"), EndsWith(".idx"), EndsWith(".refs.zst"), EndsWith(".json.zst"),
                          EndsWith("/catalog.jsonl.zst"), HasSubstr("/state/"), HasSubstr("/runs/")));
  EXPECT_THAT(violations_in(calls), IsEmpty());
}

TEST_F(DurableOrder, IsKeptWhereNamesAreGivenUnderALock) {
  add_filled("site");

  const auto calls =
      calls_of_backup({.calls = {{"rename-new", EINVAL}, {"link", EPERM}, {"lock", ENOLCK}}, .type = {}});

  EXPECT_EQ(names_given(calls).size(), 10U);
  EXPECT_THAT(violations_in(calls), IsEmpty());
}

// On a whole disk nothing is asked for twice: an object costs one call of each kind.
TEST_F(DurableOrder, CostsOneCallOfEachKindForAnObject) {
  const auto id = add_filled("site");
  calls_of_backup();
  push_file(id, "more");

  const auto calls = calls_of_backup();

  std::map<std::string, int> counts;
  for (const auto& call : calls)
    if (call.object.ends_with(".bundle")) ++counts[call.operation];
  EXPECT_EQ(counts,
            (std::map<std::string, int>{
                {"make", 1}, {"lock", 1}, {"write", 1}, {"sync", 1}, {"rename", 1}, {"sync-folder", 6}}));
}

TEST_F(DurableOrder, IsMissedWithoutAnyOneSync) {
  add_filled("site");
  const auto calls = calls_of_backup();

  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (calls[i].operation != "sync") continue;
    auto fewer = calls;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(violations_in(fewer).size(), 1U) << calls[i].path;
  }
}

}  // namespace
}  // namespace hubkeep
