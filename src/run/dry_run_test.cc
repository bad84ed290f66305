#include "run/dry_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "run/backup_account.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Asked for in each run, as a part is that is not whole.
class UnfinishedLfs final : public PartBackup {
 public:
  explicit UnfinishedLfs(std::string status) : status_(std::move(status)) {}
  std::string_view name() const override { return "lfs"; }
  Freshness judge(const CatalogEntry& known, const Listing&, const Recheck&) const override {
    return status_of(known.newest.front().parts, "lfs") == PartStatus::ok ? Freshness::unchanged
                                                                          : Freshness::incomplete;
  }
  PartResult save(const std::optional<PartBefore>&, const SnapshotId&, RepositoryWork&) const override {
    return {.part = Part(nlohmann::ordered_json{{"status", status_}}),
            .outcome = {.part = "lfs", .kind = PartOutcomeKind::saved}};
  }

 private:
  const std::string status_;
};

class DryRunOfAnAccount : public testing::Test {
 protected:
  DryRunOfAnAccount() {
    bench_.github.list.repositories = {BackupBench::repository()};
    bench_.github.list.repositories.front().size = 5000;
    bench_.github.list.seen_ids = {7};
  }

  DryRun foretell() { return dry_run(bench_.context, {}, {}, {}); }
  DryRun foretell_with(const PendingFiles& pending) {
    Catalog catalog = bench_.vault.load_catalog([](const std::string&) {}, {});
    const RunPlan plan = plan_unwritten(bench_.context, {}, catalog, {});
    return hubkeep::foretell(bench_.context, plan, {}, [&](const CatalogEntry&) { return pending; });
  }
  void back_up() {
    MemoryBudget memory(std::size_t{256} << 20);
    ASSERT_TRUE(backup_account(bench_.context, {}, memory, {}).is_good());
  }
  static std::vector<std::string> parts_of(const Foretold& item) {
    std::vector<std::string> parts;
    for (const ForetoldPart& part : item.parts) parts.push_back(part.part + ": " + std::string(part.why));
    return parts;
  }

  BackupBench bench_;
};

TEST_F(DryRunOfAnAccount, NamesWhatIsNewAndAsksNeitherGitNorTheVaultForAnything) {
  const DryRun run = foretell();

  ASSERT_EQ(run.items.size(), 1U);
  EXPECT_EQ(run.items[0].repository, "acme/site");
  EXPECT_TRUE(run.items[0].is_new);
  EXPECT_THAT(parts_of(run.items[0]), ElementsAre("git: "));
  EXPECT_EQ(run.items[0].history, ByteCount{5000});
  EXPECT_EQ(run.requests, 2U);
  EXPECT_EQ(run.history, 5000U);
  EXPECT_EQ(run.unknown, 0U);
  EXPECT_FALSE(run.has_failures());
  EXPECT_EQ(bench_.server.listed, 0);
  EXPECT_FALSE(bench_.vault.holds_data());
  EXPECT_FALSE(bench_.vault.read_state("github.com", {}));
}

TEST_F(DryRunOfAnAccount, SaysWhyAndThatTheSizeIsNotKnown) {
  back_up();
  bench_.clock.advance(std::chrono::hours(1));
  const DryRun before = foretell();
  EXPECT_THAT(parts_of(before.items.at(0)), IsEmpty());
  EXPECT_EQ(before.due(), 0U);
  bench_.github.list.repositories.front().pushed_at = "2020-01-02T00:00:00Z";

  const DryRun run = foretell();

  EXPECT_FALSE(run.items[0].is_new);
  EXPECT_THAT(parts_of(run.items[0]), ElementsAre("git: the listing differs"));
  EXPECT_FALSE(run.items[0].history);
  EXPECT_EQ(run.unknown, 1U);
  EXPECT_EQ(run.requests, 1U);
}

TEST_F(DryRunOfAnAccount, CountsWhatIsStillToComeOfLfs) {
  bench_.context.parts.push_back(std::make_shared<UnfinishedLfs>("partial"));
  back_up();

  const DryRun run = foretell_with({.files = 101, .bytes = 7});

  EXPECT_THAT(parts_of(run.items[0]), ElementsAre("lfs: the last snapshot is incomplete"));
  EXPECT_EQ(run.lfs, (PendingFiles{.files = 101, .bytes = 7}));
  EXPECT_EQ(run.requests, 103U);  // two for the addresses
}

TEST_F(DryRunOfAnAccount, CountsWhatIsStillToComeOfLfsThatFailed) {
  bench_.context.parts.push_back(std::make_shared<UnfinishedLfs>("failed"));
  back_up();

  EXPECT_EQ(foretell_with({.files = 1, .bytes = 7}).lfs, (PendingFiles{.files = 1, .bytes = 7}));
}

TEST_F(DryRunOfAnAccount, DoesNotKnowTheLfsObjectsOfAHistoryThatIsNew) {
  bench_.context.parts.push_back(std::make_shared<UnfinishedLfs>("partial"));
  const DryRun first = foretell();
  back_up();

  EXPECT_TRUE(first.items[0].is_lfs_unknown);
  EXPECT_EQ(first.lfs_unknown, 1U);
  EXPECT_EQ(foretell().lfs_unknown, 0U);
}

TEST_F(DryRunOfAnAccount, GoesOnWhereTheVaultCannotSayWhatIsToCome) {
  bench_.context.parts.push_back(std::make_shared<UnfinishedLfs>("partial"));
  back_up();
  for (const ErrorKind kind : {ErrorKind::cold, ErrorKind::forbidden, ErrorKind::transient}) {
    int refused = 0;
    bench_.store->on_read = [&](const ObjectKey& key) {
      if (key.find("/snapshots/") == std::string::npos) return;
      ++refused;
      throw Error(kind, "not now");
    };

    const DryRun run = foretell();

    EXPECT_EQ(refused, 1);
    EXPECT_EQ(run.due(), 1U);
    EXPECT_EQ(run.lfs, PendingFiles{});
  }
  bench_.store->on_read = [](const ObjectKey& key) {
    if (key.find("/snapshots/") != std::string::npos) throw Error(ErrorKind::cancelled, "stopped");
  };
  EXPECT_THROW(foretell(), Error);
}

TEST_F(DryRunOfAnAccount, TellsWhatCouldNotBeListed) {
  bench_.github.list.problems = {
      {.name = "acme/missing", .error = Error(ErrorKind::not_found, "no such repository")}};

  const DryRun run = foretell();

  EXPECT_TRUE(run.has_failures());
  ASSERT_EQ(run.told.size(), 1U);
  EXPECT_EQ(run.told[0].repository, "acme/missing");
}

TEST_F(DryRunOfAnAccount, ForetellsAMarkForWhatIsGone) {
  back_up();
  bench_.github.list.repositories.clear();
  bench_.github.list.seen_ids.clear();
  bench_.github.list.seen = 1;

  const DryRun run = foretell();

  ASSERT_EQ(run.items.size(), 1U);
  EXPECT_EQ(run.items[0].kind, WorkKind::mark_gone);
  EXPECT_EQ(run.due(), 1U);
}

}  // namespace
}  // namespace hubkeep
