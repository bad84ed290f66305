// A vault that holds a history which no ref leads to yet, because a transfer was cut amid its slices: every
// command takes it for what it is, and shows nothing of it as a ref.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/clock.h"
#include "e2e/end_to_end.h"
#include "sim/histories.h"
#include "store/folder/folder_store.h"
#include "vault/git_part.h"
#include "vault/removals.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::int64_t kLargeKb = 1'000'000;  // what GitHub says: large enough to begin in slices
constexpr int kCame = 6;                      // slices before the cut

class Held : public EndToEnd {
 protected:
  /// One branch; nothing of it is in the vault but slices behind its tip.
  void cut_first_backup() {
    id_ = add_repository("site");
    sim::make_history(path_of(id_), {.commits = 64, .bytes = 2'000});
    pushed(id_);
    world_.edit(id_, [](sim::Repository& repository) { repository.size_kb = kLargeKb; });
    cut_a_backup();
    ASSERT_THAT(newest().held, Not(IsEmpty()));
    ASSERT_THAT(refs_in(newest()).refs, IsEmpty());
  }
  /// A small history that is saved, then a large one in its place, of which the first pack is cut.
  void cut_second_backup() {
    id_ = add_filled("site");
    ASSERT_EQ(backup().exit_code, 0);
    before_ = state_of(path_of(id_));
    sim::make_history(path_of(id_), {.commits = 64, .bytes = 20'000});
    pushed(id_);
    github_.faults().add(packs_, sim::CutPackAfter{1'200'000});
    cut_a_backup();
    ASSERT_THAT(newest().held, Not(IsEmpty()));
  }
  void cut_a_backup(const std::vector<std::string>& arguments = {}) {
    github_.faults().add(packs_, sim::Respond{.status = 503}, sim::Fault::kForever, kCame);
    const auto result = backup(arguments, {{"HUBKEEP_RETRIES", "0"}});
    EXPECT_EQ(result.exit_code, 3) << result.err;
    github_.faults().clear();
    github_.clear_log();
  }

  Vault open(const fs::path& where) {
    return {std::make_unique<FolderStore>(where.string(), OpenMode::write), OpenMode::write, clock_};
  }
  std::string folder() const { return folder_of(id_).lexically_relative(vault()).string() + "/"; }
  std::string newest_id() const { return snapshots_of(folder_of(id_)).back(); }
  StoredManifest manifest(const std::string& id) {
    return open(vault()).read_manifest(folder(), *SnapshotId::parse(id), {}, {});
  }
  GitPart newest() { return git_part(manifest(newest_id()).manifest.parts); }
  RefState refs_in(const GitPart& git) { return open(vault()).read_ref_state(folder(), git, {}); }

  sim::RunResult of(const fs::path& where, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--from", where.string()});
    return hubkeep(std::move(arguments));
  }
  void expect_good(const fs::path& where) {
    for (const char* proof : {"--read-data", "--restore", "--deep"}) {
      const auto result = of(where, {"verify", proof});
      EXPECT_EQ(result.exit_code, 0) << proof << result.out << result.err;
    }
  }
  /// The next backup into the vault fetches what is lacking and no more.
  void expect_goes_on(const fs::path& where, std::uint64_t most = 64U * 2'300 * 3 / 4) {
    const auto result = hubkeep({"backup", "--api-url", github_.api_url(), "--to", where.string()},
                                {{"TOKEN_GITHUB", token_}});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::uint64_t fetched = 0;
    for (const sim::LoggedRequest& request : github_.log())
      if (!request.is_question) fetched += request.pack_bytes;
    EXPECT_LT(fetched, most);
    const fs::path whole = where.string() + "-whole";
    const auto restored = of(where, {"restore", "octo/site", whole.string(), "--bare"});
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
    EXPECT_EQ(state_of(whole), state_of(path_of(id_)));
    expect_good(where);
  }

  const sim::FaultMatch packs_ = {.git_command = sim::GitCommand::fetch, .is_question = false};
  SystemClock clock_;
  sim::RepositoryId id_ = 0;
  std::string before_;  // of the history that was saved whole
};

TEST_F(Held, IsRestoredOnlyWhereItIsAskedForAndWithoutRefs) {
  cut_first_backup();
  const auto unasked = of(vault(), {"restore", "octo/site", (scratch_ / "none").string(), "--bare"});

  const fs::path restored = restore("octo/site", newest_id());
  const fs::path by_readme = restore_by_readme(folder_of(id_), newest_id());

  EXPECT_EQ(unasked.exit_code, 1);
  EXPECT_THAT(unasked.err, HasSubstr("no snapshot of it is complete"));
  for (const fs::path& folder : {restored, by_readme}) {
    EXPECT_EQ(sim::git(folder, {"for-each-ref"}), "");
    sim::git(folder, {"fsck", "--no-dangling"});
    for (const Oid& oid : newest().held) sim::git(folder, {"rev-list", "--objects", "--quiet", oid.hex()});
  }
}

TEST_F(Held, LeavesTheOlderSnapshotTheOneThatIsRestored) {
  cut_second_backup();

  const fs::path newest_whole = restore("octo/site");
  const fs::path partial = restore("octo/site", newest_id());

  EXPECT_EQ(state_of(newest_whole), before_);
  EXPECT_THAT(sim::git(partial, {"for-each-ref"}), Not(HasSubstr("held")));
  sim::git(partial, {"fsck", "--no-dangling"});
  expect_goes_on(vault(), 64U * 20'500);
}

TEST_F(Held, IsProvedLikeAllElse) {
  cut_first_backup();

  expect_good(vault());
  EXPECT_EQ(newest().proved, true);
  expect_goes_on(vault());
}

TEST_F(Held, IsNoRefToThoseWhoLook) {
  cut_first_backup();
  const auto ids = snapshots_of(folder_of(id_));
  const std::string at = newest_id();

  const auto list = of(vault(), {"list"});
  const auto snapshots = of(vault(), {"list", "octo/site"});
  const auto show = of(vault(), {"show", folder() + manifest_key(*SnapshotId::parse(at))});
  const auto difference =
      hubkeep({"diff", "octo/site", "--from", ids.front(), "--to", at}, {{"HUBKEEP_FROM", vault().string()}});

  EXPECT_THAT(list.out, HasSubstr("octo/site  partial"));
  EXPECT_EQ(snapshots.exit_code, 0) << snapshots.err;
  EXPECT_EQ(show.exit_code, 0) << show.err;
  EXPECT_EQ(difference.exit_code, 0) << difference.err;
  for (const auto& result : {list, snapshots, show, difference})
    EXPECT_THAT(result.out, Not(HasSubstr("refs/hubkeep")));
  for (const std::vector<std::string>& command : {std::vector<std::string>{"ls", "octo/site"},
                                                  {"log", "octo/site"},
                                                  {"cat", "octo/site", "dir1/file1"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--at", at});
    const auto result = of(vault(), arguments);
    EXPECT_EQ(result.exit_code, 1) << command.front();
    EXPECT_THAT(result.err, HasSubstr("HEAD is refs/heads/main, which has no commit yet")) << command.front();
  }
  // Whoever knows its name may look at it.
  const auto log = of(vault(), {"log", "octo/site", "--at", at, "--ref", newest().held.front().hex()});
  EXPECT_EQ(log.exit_code, 0) << log.err;
  EXPECT_THAT(log.out, HasSubstr("commit " + newest().held.front().hex()));
}

TEST_F(Held, IsCopiedAndGoneOnFromInTheCopy) {
  cut_first_backup();
  const fs::path other = scratch_ / "other";

  const auto copied = hubkeep({"copy", vault().string(), other.string()});

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  expect_good(other);
  expect_goes_on(other);
}

TEST_F(Held, IsFoundByACatalogThatIsMadeAgain) {
  cut_first_backup();
  fs::remove(vault() / "catalog.jsonl.zst");

  const auto rebuilt = of(vault(), {"rebuild-catalog"});

  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
  EXPECT_THAT(of(vault(), {"list"}).out, HasSubstr("octo/site  partial"));
  expect_goes_on(vault());
}

TEST_F(Held, IsGoneOnFromWithoutTheSnapshotsInBetween) {
  cut_first_backup();
  const auto ids = snapshots_of(folder_of(id_));
  ASSERT_THAT(ids, SizeIs(kCame));
  std::vector<RemovedSnapshot> removed;
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
    const StoredManifest stored = manifest(ids[i]);
    removed.push_back({.snapshot = stored.manifest.snapshot,
                       .sha256 = stored.sha256,
                       .previous = stored.manifest.previous,
                       .reason = "one a week is kept",
                       .removed_at = *parse_time("2030-01-01T00:00:00Z")});
  }
  Vault vault = open(this->vault());
  write_removed(vault, folder(),
                {.run = *SnapshotId::parse("20300101T000000Z-00000a"),
                 .program = "hubkeep 0.1.0",
                 .snapshots = removed});
  for (const RemovedSnapshot& each : removed)
    fs::remove(this->vault() / folder() / manifest_key(each.snapshot));

  expect_good(this->vault());
  expect_goes_on(this->vault());
}

TEST_F(Held, IsFetchedAgainWhereASliceOfItIsLost) {
  cut_first_backup();
  const std::string lost = newest().bundles.at(2).record.key;
  fs::remove(folder_of(id_) / lost);

  const auto verified = of(vault(), {"verify", "--json"});
  std::ofstream(scratch_ / "findings") << verified.out;
  const auto repaired = backup({"--repair", (scratch_ / "findings").string()});

  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.out, HasSubstr(lost));
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
  EXPECT_EQ(of(vault(), {"verify", "--deep"}).exit_code, 0);
}

TEST_F(Held, IsDamagedLikeAllElse) {
  cut_first_backup();
  const fs::path bundle = folder_of(id_) / newest().bundles.back().record.key;
  std::fstream(bundle, std::ios::in | std::ios::out | std::ios::binary).seekp(500).put('!');

  const auto verified = of(vault(), {"verify", "--deep"});
  const auto restored =
      of(vault(), {"restore", "octo/site", (scratch_ / "none").string(), "--at", newest_id()});
  const auto before = snapshots_of(folder_of(id_));

  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_EQ(restored.exit_code, 1);
  EXPECT_FALSE(fs::exists(scratch_ / "none"));
  restore("octo/site", before.at(before.size() - 2));
}

TEST_F(Held, ADrillSaysThatNothingOfItIsComplete) {
  cut_first_backup();

  const auto result = of(vault(), {"drill", "--all"});

  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.out + result.err, HasSubstr("no snapshot of it is complete"));
}

TEST_F(Held, ADrillComparesTheOlderSnapshotThatItRestores) {
  cut_second_backup();

  const auto result = hubkeep(
      {"drill", "--all", "--against-github", "--api-url", github_.api_url(), "--from", vault().string()},
      {{"TOKEN_GITHUB", token_}});

  EXPECT_THAT(result.out + result.err,
              AllOf(HasSubstr("is not complete, an older one is taken"), Not(HasSubstr("refs/hubkeep"))));
}

TEST_F(Held, HasNoZipBeforeItsBranchIsThere) {
  cut_first_backup();
  cut_a_backup({"--zip"});

  EXPECT_FALSE(fs::exists(vault() / "zip"));
  EXPECT_EQ(backup({"--zip"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(vault() / "zip"));
}

}  // namespace
}  // namespace hubkeep
