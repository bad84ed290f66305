// A second kind of content beside git: whatever becomes of the one, the other is saved.
#include "backup/part_backup.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/git_backup.h"
#include "backup/repository_work.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::ordered_json;
using Kind = PartOutcomeKind;

constexpr auto kUnchanged = [](const CatalogEntry&) { return Freshness::unchanged; };

/// The part "x": a number.
class FakePart final : public PartBackup {
 public:
  std::string_view name() const override { return "x"; }
  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck&) const override {
    if (judge_as) return judge_as(known);
    return !git_may_have_moved(known.listing, listed) ? Freshness::unchanged : Freshness::listing_differs;
  }
  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& snapshot,
                  RepositoryWork& work) const override {
    ++asked;
    last_before = before ? std::optional(before->part) : std::nullopt;
    return on_save(snapshot, work);
  }

  static Part part(int number) { return Part(Json{{"status", "ok"}, {"number", number}}); }
  static PartResult result(Kind kind, int number = 0) {
    PartResult result{.part = {}, .outcome = {.part = "x", .kind = kind}};
    result.outcome.requests = 10;
    if (kind == Kind::saved) result.part = part(number);
    if (kind == Kind::not_permitted) result.outcome.permission = "issues=read";
    if (kind == Kind::failed) result.outcome.error = Error(ErrorKind::forbidden, "no x");
    return result;
  }
  void will(Kind kind, int number = 0) {
    on_save = [=](const SnapshotId&, RepositoryWork&) { return result(kind, number); };
  }

  std::function<Freshness(const CatalogEntry&)> judge_as;
  std::function<PartResult(const SnapshotId&, RepositoryWork&)> on_save;
  mutable int asked = 0;
  mutable std::optional<Part> last_before;
};

class TwoParts : public testing::Test {
 protected:
  TwoParts() {
    bench_.context.parts.push_back(x_);
    x_->will(Kind::saved, 1);
  }

  RepositoryResult run(const std::optional<CatalogEntry>& known = {}, const RepositoryOptions& options = {}) {
    return backup_repository(bench_.context, repository_, known, {}, options);
  }
  /// Both parts are due: the listing says so.
  void touch() {
    repository_.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++touches_)});
  }
  void let_git(Kind kind) {
    if (kind == Kind::saved) bench_.server.set_ref("refs/heads/main", static_cast<unsigned>(touches_ + 100));
    bench_.server.on_list = [kind] {
      if (kind == Kind::failed) throw Error(ErrorKind::forbidden, "no git");
    };
  }
  Manifest manifest_of(const SnapshotId& snapshot) {
    return bench_.vault.read_manifest(kFolder, snapshot, {}, {}).manifest;
  }
  static PartStatuses statuses(const RepositoryResult& result) {
    return result.update ? result.update->entry.newest.front().parts : PartStatuses();
  }
  static Json fields_of(const Part& part) {
    Json json = part.json();
    json.erase("status");
    json.erase("permission");
    return json;
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  BackupBench bench_;
  std::shared_ptr<FakePart> x_ = std::make_shared<FakePart>();
  Repository repository_ = BackupBench::repository();
  int touches_ = 0;
};

TEST_F(TwoParts, SaveOneSnapshotTogether) {
  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(statuses(result), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::ok}}));
  EXPECT_EQ(manifest_of(result.outcome.snapshot).parts.at("x"), FakePart::part(1));
  EXPECT_EQ(manifest_of(result.outcome.snapshot).requests, 12U) << "two of git, ten of x";
  EXPECT_EQ(result.outcome.requests, 12U);
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), SizeIs(1));
}

struct Pair {
  Kind git;
  Kind x;
  PartStatuses statuses;  // of the new snapshot; empty: there is none
  OutcomeKind expected;
  std::string error = {};
};

void PrintTo(const Pair& pair, std::ostream* out) {
  *out << "git " << to_string(pair.git) << ", x " << to_string(pair.x);
}

class EachPair : public TwoParts, public testing::WithParamInterface<Pair> {};

TEST_P(EachPair, KeepsWhatCouldBeHad) {
  const Pair& pair = GetParam();
  const auto first = run();
  ASSERT_EQ(first.outcome.kind, OutcomeKind::saved);
  touch();
  let_git(pair.git);
  x_->will(pair.x, 2);

  const auto second = run(first.update->entry);

  EXPECT_EQ(second.outcome.kind, pair.expected);
  EXPECT_EQ(second.outcome.error ? second.outcome.error->message() : "", pair.error);
  ASSERT_THAT(second.outcome.parts, SizeIs(2));
  EXPECT_EQ(second.outcome.parts[0].kind, pair.git);
  EXPECT_EQ(second.outcome.parts[1].kind, pair.x);
  EXPECT_EQ(!second.outcome.snapshot.empty(), !pair.statuses.empty());
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), SizeIs(pair.statuses.empty() ? 1 : 2));
  if (pair.statuses.empty()) {
    EXPECT_EQ(second.update.has_value(), !second.outcome.error) << "only where both know this listing";
    return;
  }
  EXPECT_EQ(statuses(second), pair.statuses);
  const Parts before = manifest_of(first.outcome.snapshot).parts;
  const Parts after = manifest_of(second.outcome.snapshot).parts;
  if (pair.git != Kind::saved) {
    EXPECT_EQ(fields_of(after.at("git")), fields_of(before.at("git")));
  }
  EXPECT_EQ(fields_of(after.at("x")), fields_of(pair.x == Kind::saved ? FakePart::part(2) : before.at("x")));
  if (pair.x == Kind::not_permitted) {
    EXPECT_EQ(after.at("x").json().at("permission"), "issues=read");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Parts, EachPair,
    testing::Values(
        Pair{Kind::saved, Kind::saved, {{"git", PartStatus::ok}, {"x", PartStatus::ok}}, OutcomeKind::saved},
        Pair{Kind::saved,
             Kind::unchanged,
             {{"git", PartStatus::ok}, {"x", PartStatus::ok}},
             OutcomeKind::saved},
        Pair{Kind::saved,
             Kind::absent,
             {{"git", PartStatus::ok}, {"x", PartStatus::absent}},
             OutcomeKind::saved},
        Pair{Kind::saved,
             Kind::not_permitted,
             {{"git", PartStatus::ok}, {"x", PartStatus::not_permitted}},
             OutcomeKind::saved},
        Pair{Kind::saved,
             Kind::failed,
             {{"git", PartStatus::ok}, {"x", PartStatus::failed}},
             OutcomeKind::failed,
             "x: no x"},
        Pair{Kind::unchanged,
             Kind::saved,
             {{"git", PartStatus::ok}, {"x", PartStatus::ok}},
             OutcomeKind::saved},
        Pair{Kind::unchanged, Kind::unchanged, {}, OutcomeKind::unchanged},
        Pair{Kind::unchanged,
             Kind::absent,
             {{"git", PartStatus::ok}, {"x", PartStatus::absent}},
             OutcomeKind::saved},
        Pair{Kind::unchanged,
             Kind::not_permitted,
             {{"git", PartStatus::ok}, {"x", PartStatus::not_permitted}},
             OutcomeKind::saved},
        Pair{Kind::unchanged, Kind::failed, {}, OutcomeKind::failed, "x: no x"},
        Pair{Kind::failed,
             Kind::saved,
             {{"git", PartStatus::failed}, {"x", PartStatus::ok}},
             OutcomeKind::failed,
             "no git"},
        Pair{Kind::failed, Kind::unchanged, {}, OutcomeKind::failed, "no git"},
        Pair{Kind::failed,
             Kind::absent,
             {{"git", PartStatus::failed}, {"x", PartStatus::absent}},
             OutcomeKind::failed,
             "no git"},
        Pair{Kind::failed,
             Kind::not_permitted,
             {{"git", PartStatus::failed}, {"x", PartStatus::not_permitted}},
             OutcomeKind::failed,
             "no git"},
        Pair{Kind::failed, Kind::failed, {}, OutcomeKind::failed, "no git"}));

TEST_F(TwoParts, AreAskedOnlyWhenTheyAreDue) {
  const auto first = run();
  x_->judge_as = [](const CatalogEntry&) { return Freshness::recheck_due; };
  x_->will(Kind::saved, 2);

  const auto second = run(first.update->entry);

  EXPECT_EQ(second.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(second.outcome.detail, "x: due for a check");
  EXPECT_EQ(bench_.server.listed, 1) << "git was not due";
  EXPECT_EQ(second.update->entry.refs_checked_at, first.update->entry.refs_checked_at);
  EXPECT_EQ(manifest_of(second.outcome.snapshot).parts.at("git"),
            manifest_of(first.outcome.snapshot).parts.at("git"));
}

TEST_F(TwoParts, AFailureIsMadeUpForByTheNextRunThoughTheListingSaysTheSame) {
  const auto first = run();
  touch();
  let_git(Kind::saved);
  bench_.server.on_list = [] { throw Error(ErrorKind::forbidden, "no git"); };
  x_->will(Kind::saved, 2);
  const auto second = run(first.update->entry);
  ASSERT_EQ(statuses(second).at("git"), PartStatus::failed);
  bench_.server.on_list = [] {};

  const auto third = run(second.update->entry);

  EXPECT_EQ(third.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(statuses(third), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::ok}}));
  EXPECT_THAT(git_part(manifest_of(third.outcome.snapshot).parts).bundles, SizeIs(2)) << "its chain goes on";
  EXPECT_EQ(x_->asked, 2) << "it was not due";
}

TEST_F(TwoParts, AFailedPartIsDueWhateverItSays) {
  const auto first = run();
  touch();
  let_git(Kind::saved);
  x_->will(Kind::failed);
  const auto second = run(first.update->entry);
  x_->judge_as = kUnchanged;
  x_->will(Kind::saved, 3);

  const auto third = run(second.update->entry);

  EXPECT_EQ(fields_of(*x_->last_before), fields_of(FakePart::part(1))) << "it knows what it had";
  EXPECT_EQ(statuses(third), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::ok}}));
}

TEST_F(TwoParts, AFailureThatStaysWritesNoFurtherSnapshots) {
  const auto first = run();
  touch();
  let_git(Kind::saved);
  x_->will(Kind::failed);
  const auto second = run(first.update->entry);

  const auto third = run(second.update->entry);

  EXPECT_EQ(third.outcome.kind, OutcomeKind::failed);
  EXPECT_TRUE(third.outcome.snapshot.empty());
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), SizeIs(2));
}

TEST_F(TwoParts, AFirstSnapshotMayBeWithoutGit) {
  let_git(Kind::failed);
  const auto first = run();
  ASSERT_EQ(statuses(first), (PartStatuses{{"git", PartStatus::failed}, {"x", PartStatus::ok}}));
  let_git(Kind::saved);

  const auto second = run(first.update->entry);

  EXPECT_EQ(second.outcome.kind, OutcomeKind::saved);
  EXPECT_EQ(statuses(second), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::ok}}));
  EXPECT_THAT(git_part(manifest_of(second.outcome.snapshot).parts).bundles, SizeIs(1));
}

TEST_F(TwoParts, WhatOneThrowsIsItsOwnFailure) {
  x_->on_save = [](const SnapshotId&, RepositoryWork&) -> PartResult { throw std::runtime_error("oops"); };

  const auto result = run();

  EXPECT_EQ(result.outcome.error->message(), "x: oops");
  EXPECT_EQ(result.outcome.error->kind(), ErrorKind::internal);
  EXPECT_EQ(statuses(result), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::failed}}));
}

TEST_F(TwoParts, WhatOneHasWholeBeforeItsEndIsASnapshotWithAllThatWasKept) {
  x_->on_save = [](const SnapshotId& snapshot, RepositoryWork& work) {
    EXPECT_NE(work.commit_partial(FakePart::result(Kind::saved, 1)), snapshot);
    throw Error(ErrorKind::transient, "the rest broke");
    return PartResult();
  };

  const auto result = run();

  EXPECT_EQ(result.outcome.error->message(), "x: the rest broke");
  const Manifest manifest = manifest_of(result.outcome.snapshot);
  EXPECT_EQ(manifest.parts.at("x"), FakePart::part(1));
  EXPECT_THAT(git_part(manifest.parts).bundles,
              ElementsAre(testing::Field(&Bundle::snapshot, result.outcome.snapshot)));
  EXPECT_THAT(bench_.vault.list_snapshots(kFolder), SizeIs(1));
  EXPECT_EQ(result.outcome.requests, 12U);
}

TEST_F(TwoParts, OneThatFailsBeforeSlicesOfTheOtherIsMarkedInThem) {
  bench_.context.parts = {x_, bench_.context.parts.front()};
  for (unsigned i = 1; i <= 4; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 200 + i);
  x_->will(Kind::failed);

  const auto result = run({}, {.in_slices = true});

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  const auto snapshots = bench_.vault.list_snapshots(kFolder);
  ASSERT_GT(snapshots.size(), 1U);
  for (const SnapshotId& snapshot : snapshots)
    EXPECT_EQ(manifest_of(snapshot).parts.at("x").status(), PartStatus::failed);
  EXPECT_EQ(manifest_of(result.outcome.snapshot).parts.at("git").status(), PartStatus::ok);
}

TEST_F(TwoParts, OneThatFailsAfterSlicesOfTheOtherIsMarkedToo) {
  for (unsigned i = 1; i <= 4; ++i) bench_.server.set_ref(fmt::format("refs/tags/v{}", i), 200 + i);
  x_->will(Kind::failed);

  const auto result = run({}, {.in_slices = true});

  EXPECT_EQ(statuses(result), (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::failed}}));
}

TEST_F(TwoParts, WhereTheSnapshotCannotBeWrittenNothingIsSaved) {
  bench_.store->fail_on = {"snapshots/"};

  const auto result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  EXPECT_FALSE(result.update);
  EXPECT_EQ(result.outcome.parts[0].kind, Kind::failed);
  EXPECT_EQ(result.outcome.parts[1].kind, Kind::failed);
  EXPECT_EQ(result.outcome.bytes_stored, 0U);
  EXPECT_EQ(result.outcome.requests, 12U);
}

TEST_F(TwoParts, ARepairSaysWhatIsLostAlsoWhereAFailedPartStillNeedsIt) {
  const auto first = run();
  const std::string lost = git_part(manifest_of(first.outcome.snapshot).parts).bundles.front().record.key;
  let_git(Kind::failed);
  x_->will(Kind::saved, 2);

  const auto second = run(first.update->entry, {.lost = {lost}});

  // It is lost, and still needed: a verification holds the one against the other.
  EXPECT_THAT(manifest_of(second.outcome.snapshot).lost, ElementsAre(lost));
  let_git(Kind::unchanged);
  const auto third = run(second.update->entry, {.lost = {lost}});
  EXPECT_THAT(manifest_of(third.outcome.snapshot).lost, ElementsAre(lost));
}

TEST_F(TwoParts, StayAsTheyAreWhenTheRepositoryIsGone) {
  const auto saved = run();

  const auto gone = mark_gone(bench_.context, saved.update->entry, {});

  EXPECT_EQ(gone.outcome.kind, OutcomeKind::gone);
  EXPECT_EQ(manifest_of(gone.outcome.snapshot).parts, manifest_of(saved.outcome.snapshot).parts);
  EXPECT_EQ(x_->asked, 1);
}

TEST_F(TwoParts, ARunTellsOfEachAndEndsBadly) {
  bench_.github.list = {.repositories = {repository_}, .seen = 1, .seen_ids = {7}};
  x_->will(Kind::failed);
  MemoryBudget memory(ByteCount{64} << 20U);
  const auto plan = LockPlan{.until = UtcTime{std::chrono::seconds(1'900'000'000)}, .renew_before = {}};
  bench_.store->plan = plan;

  const RunSummary summary =
      backup_account(bench_.context, {.jobs = 1, .contents = {.zips = ZipTime::when_moved}}, memory, {});

  EXPECT_FALSE(summary.is_good());
  const Json line = to_json(summary.outcomes.at(0));
  EXPECT_EQ(line.at("result"), "failed");
  EXPECT_EQ(line.at("error").at("message"), "x: no x");
  EXPECT_EQ(line.at("parts").at(0).at("result"), "saved");
  EXPECT_EQ(line.at("parts").at(1).at("error").at("message"), "no x");
  const CatalogEntry entry = bench_.vault.read_catalog({})->at({"github.com", 7});
  EXPECT_EQ(entry.newest.front().parts, (PartStatuses{{"git", PartStatus::ok}, {"x", PartStatus::failed}}));
  EXPECT_EQ(entry.locked_until, plan.until) << "what was saved is locked all the same";
}

TEST_F(TwoParts, AZipIsMadeThoughTheOtherPartFailed) {
  bench_.server.refs.head = {"refs/heads/main", FakeServer::oid(1)};
  bench_.github.list = {.repositories = {repository_}, .seen = 1, .seen_ids = {7}};
  x_->will(Kind::failed);
  MemoryBudget memory(ByteCount{64} << 20U);

  const RunSummary summary =
      backup_account(bench_.context, {.jobs = 1, .contents = {.zips = ZipTime::when_moved}}, memory, {});

  EXPECT_TRUE(summary.outcomes.at(0).zip);
  EXPECT_EQ(summary.outcomes.at(0).kind, OutcomeKind::failed);
}

TEST(PartsDue, AreThoseThatSaySoAndThoseThatFailed) {
  const auto git = git_backup();
  const auto x = std::make_shared<FakePart>();
  const UtcTime now{std::chrono::seconds(1'800'000'000)};
  const Listing listing{.full_name = "acme/site", .pushed_at = "2020-01-01T00:00:00Z", .listed_at = now};
  const auto known = [&](PartStatuses parts) {
    CatalogEntry entry{.host = "github.com", .id = 7, .listing = listing, .refs_checked_at = now};
    entry.newest = {{SnapshotId::make(now), std::string(64, 'a'), std::move(parts)}};
    return entry;
  };
  const auto due = [&](const CatalogEntry* entry) {
    std::vector<std::string> told;
    for (const DuePart& part : parts_due({git, x}, entry, listing, {.now = now}))
      told.push_back(std::string(part.part->name()) + " " + std::string(part.why));
    return told;
  };
  const CatalogEntry whole = known({{"git", PartStatus::ok}, {"x", PartStatus::ok}});
  const CatalogEntry partial = known({{"git", PartStatus::partial}, {"x", PartStatus::ok}});
  const CatalogEntry failed = known({{"git", PartStatus::ok}, {"x", PartStatus::failed}});
  CatalogEntry gone = whole;
  gone.gone_since = now;

  EXPECT_THAT(due(nullptr), ElementsAre("git ", "x "));
  EXPECT_THAT(due(&whole), IsEmpty());
  EXPECT_THAT(due(&partial), ElementsAre("git the last snapshot is incomplete"));
  EXPECT_THAT(due(&failed), ElementsAre("x the last snapshot is incomplete"));
  EXPECT_THAT(due(&gone), ElementsAre("git back again"));
}

TEST(WithStatus, LeavesAllElseAsItWas) {
  const Part before(Json::parse(R"({"status": "ok", "later": {"a": 1}, "permission": "old"})"));

  EXPECT_EQ(with_status(before, PartStatus::failed).json(),
            Json::parse(R"({"status": "failed", "later": {"a": 1}})"));
  EXPECT_EQ(with_status(std::nullopt, PartStatus::not_permitted, "issues=read").json(),
            Json::parse(R"({"status": "not_permitted", "permission": "issues=read"})"));
}

TEST(GitBackup, SavesUnderAnyName) {
  BackupBench bench;
  bench.context.parts = {std::make_shared<GitBackup>(
      "wiki", [](const Listing& listing) { return listing.clone_url + ".wiki"; })};
  std::string asked;
  bench.context.open_remote = [&](const std::string& url) {
    asked = url;
    return std::make_unique<FakeRemote>(bench.server);
  };

  const auto result = backup_repository(bench.context, BackupBench::repository(), {}, {});

  const std::string folder = "repos/github.com/acme/site.7/";
  const auto parts = bench.vault.read_manifest(folder, result.outcome.snapshot, {}, {}).manifest.parts;
  EXPECT_THAT(asked, HasSubstr(".git.wiki"));
  EXPECT_FALSE(parts.contains("git"));
  const GitPart wiki = git_part(parts.at("wiki"));
  EXPECT_EQ(wiki.bundles.at(0).record.key, "wiki/" + result.outcome.snapshot.str() + ".bundle");
  EXPECT_EQ(wiki.refs.at(0).key, "wiki/" + result.outcome.snapshot.str() + ".refs.zst");
  EXPECT_EQ(bench.vault.read_ref_state(folder, wiki, {}).refs, bench.server.refs.refs);
}

}  // namespace
}  // namespace hubkeep
