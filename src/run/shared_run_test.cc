#include "run/shared_run_fixture.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "base/byte_sink.h"
#include "base/error_of.h"
#include "run/shared_names.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using Json = nlohmann::ordered_json;

TEST_F(SharedRun, SavesAllAndThenNothing) {
  list(25);

  const RunSummary first = whole_run();
  const SharedPlan second = plan();

  EXPECT_EQ(first.count(OutcomeKind::saved), 25U);
  EXPECT_THAT(first.run_problems, IsEmpty());
  EXPECT_THAT(catalog(), SizeIs(25));
  EXPECT_EQ(second.unchanged, 25U);
  EXPECT_THAT(batches(second), IsEmpty());
  EXPECT_EQ(finish(second).count(OutcomeKind::unchanged), 25U);
}

TEST_F(SharedRun, ZipsIntoTheFolderOfItsDayAndOnlyWhatMoved) {
  list(3);
  contents_.zips = ZipTime::when_moved;
  bench_.server.refs.head = {.symref_target = "refs/heads/main", .oid = FakeServer::oid(1)};

  const SharedPlan made = plan();
  for (const Json& batch : batches(made)) work(made, batch);
  const RunSummary first = finish(made);
  const SharedPlan second = plan();

  const std::string day = zip_day(made.run.time());
  EXPECT_EQ(first.count(OutcomeKind::saved), 3U);
  EXPECT_THAT(list_zip_days(bench_.vault.objects()), ElementsAre(day));
  EXPECT_THAT(read_zip_metadata(bench_.vault.objects(), day, {}).zips, SizeIs(3));
  for (const auto& [key, entry] : catalog()) EXPECT_THAT(entry.zip->key, StartsWith("/zip/" + day + "/"));
  EXPECT_EQ(second.unchanged, 3U);
}

TEST_F(SharedRun, NamesItsZipsWhereWhatNamesThoseOfTheDayIsDamagedAndSaysSo) {
  list(3);
  contents_.zips = ZipTime::when_moved;
  bench_.server.refs.head = {.symref_target = "refs/heads/main", .oid = FakeServer::oid(1)};
  const SharedPlan made = plan();
  for (const Json& batch : batches(made)) work(made, batch);
  finish(made);
  const std::string day = zip_day(made.run.time());
  std::ofstream(bench_.folder.path() / zip_metadata_key(day), std::ios::trunc) << "{";
  bench_.server.set_ref("refs/heads/main", 2);
  bench_.server.refs.head.oid = FakeServer::oid(2);
  for (Repository& repository : bench_.github.list.repositories)
    repository.pushed_at = "2020-01-02T00:00:00Z";

  const SharedPlan next = plan();
  for (const Json& batch : batches(next)) work(next, batch);
  const RunSummary met = finish(next);
  const RunSummary again = finish(next);

  EXPECT_THAT(met.run_problems, ElementsAre(HasSubstr("is damaged: it is made again")));
  EXPECT_THAT(again.run_problems, IsEmpty());
  EXPECT_THAT(read_zip_metadata(bench_.vault.objects(), day, {}).zips, SizeIs(6));
}

TEST_F(SharedRun, HasACatalogBeforeItHasSnapshots) {
  list(1);

  whole_run();

  EXPECT_THAT(bench_.observer.notices, IsEmpty());
}

TEST_F(SharedRun, SpreadsTheWorkOverBatches) {
  list(25);

  const SharedPlan made = plan();

  EXPECT_EQ(made.batches, 3U);
  EXPECT_EQ(made.concurrency, 3);
  EXPECT_EQ(made.repositories, 25U);
  EXPECT_THAT(batches(made), SizeIs(3));
}

TEST_F(SharedRun, AnswersWithWhatItHadNoTimeFor) {
  list(3);
  std::stop_source last_call;
  bench_.server.on_fetch = [&] { last_call.request_stop(); };
  const SharedPlan made = plan();

  const BatchSummary first = work(made, batches(made).front(), 1, {.last_call = last_call.get_token()});
  bench_.server.on_fetch = [] {};
  const BatchSummary second = work(made, first.left, 2);
  const RunSummary end = finish(made);

  EXPECT_FALSE(first.is_done);
  EXPECT_THAT(first.left.at("items"), SizeIs(2));
  EXPECT_TRUE(second.is_done);
  EXPECT_EQ(end.count(OutcomeKind::saved), 3U);
  EXPECT_EQ(bench_.server.fetched, 3);
}

TEST_F(SharedRun, CountsWhatIsCutOffAndGivesItUpInTheEnd) {
  list(1);
  std::stop_source stop;
  bench_.server.on_list = [&] {
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  const SharedPlan made = plan();

  BatchSummary last = work(made, batches(made).front(), 1, {.stop = stop.get_token()});
  EXPECT_EQ(last.left.at("items").at(0).at("cuts"), 1);
  for (int attempt = 2; attempt <= 3; ++attempt) {
    stop = std::stop_source();
    last = work(made, last.left, attempt, {.stop = stop.get_token()});
  }
  const RunSummary end = finish(made);

  EXPECT_TRUE(last.is_done);
  ASSERT_EQ(end.count(OutcomeKind::failed), 1U);
  EXPECT_THAT(end.outcomes.front().error->message(), HasSubstr("was over in the middle of it 3 times"));
}

TEST_F(SharedRun, KeepsWhatIsOpenWhereAnAttemptCouldNotAskAndNamesItInTheEnd) {
  list(1);
  std::stop_source stop;
  bench_.server.on_list = [&] {
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  const SharedPlan made = plan();
  const Json open = {FakeServer::oid(5).hex(), FakeServer::oid(6).hex()};
  Json batch = batches(made).front();
  batch["items"][0]["cuts"] = 1;
  batch["items"][0]["open"] = open;

  const BatchSummary second = work(made, batch, 2, {.stop = stop.get_token()});
  stop = std::stop_source();
  work(made, second.left, 3, {.stop = stop.get_token()});
  const RunSummary end = finish(made);

  EXPECT_EQ(second.left.at("items").at(0).at("open"), open);
  ASSERT_EQ(end.count(OutcomeKind::failed), 1U);
  EXPECT_THAT(end.outcomes.front().error->message(),
              HasSubstr("3 times, and not even commit " + FakeServer::oid(5).hex() +
                        ", the next of its history, was whole by then (nothing of it came)"));
}

/// Files beside a history, of which an invocation has time for some.
class FilesCutOff final : public PartBackup {
 public:
  std::string_view name() const override { return "lfs"; }
  Freshness judge(const CatalogEntry& known, const Listing&, const Recheck&) const override {
    return status_of(known.newest.front().parts, "lfs") == PartStatus::ok ? Freshness::unchanged
                                                                          : Freshness::incomplete;
  }
  PartResult save(const std::optional<PartBefore>&, const SnapshotId&, RepositoryWork&) const override {
    PartResult result{.part = {}, .outcome = {.part = "lfs", .kind = PartOutcomeKind::saved}};
    if (arriving.empty()) {
      result.part = Part(Json{{"status", "ok"}});
      return result;
    }
    result.outcome.files.saved = arriving.front();
    result.outcome.kind = PartOutcomeKind::failed;
    result.outcome.error = Error(ErrorKind::cancelled, "stopped");
    result.outcome.unfinished = "LFS object 3f9a of 2.0 GiB";
    arriving.erase(arriving.begin());
    on_stop();
    return result;
  }

  mutable std::vector<std::uint64_t> arriving;  // files in each attempt that is cut
  std::function<void()> on_stop;
};

class SharedRunOfFiles : public SharedRun {
 protected:
  SharedRunOfFiles() {
    list(1);
    files_->on_stop = [this] { stop_.request_stop(); };
    bench_.context.parts.push_back(files_);
  }

  // Each attempt has one invocation.
  BatchSummary work_until_done(const SharedPlan& made) {
    Json left = batches(made).front();
    while (true) {
      stop_ = std::stop_source();
      BatchSummary done = work(made, left, ++attempts_, {.stop = stop_.get_token()});
      if (done.is_done) return done;
      left = done.left;
    }
  }

  const std::shared_ptr<FilesCutOff> files_ = std::make_shared<FilesCutOff>();
  std::stop_source stop_;
  int attempts_ = 0;
};

TEST_F(SharedRunOfFiles, GoesOnAsLongAsFilesCome) {
  files_->arriving = {3, 1, 1, 1, 2};

  const SharedPlan made = plan();
  work_until_done(made);
  const RunSummary end = finish(made);

  EXPECT_EQ(attempts_, 6);
  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_EQ(end.files("lfs").saved, 8U);
  EXPECT_EQ(end.files("lfs").newly_lacking, 0U);
}

TEST_F(SharedRunOfFiles, GivesUpAfterThreeAttemptsWithoutAFileAndNamesIt) {
  files_->arriving = {2, 0, 0, 0, 9};

  const SharedPlan made = plan();
  work_until_done(made);
  const RunSummary end = finish(made);

  EXPECT_EQ(attempts_, 4);
  ASSERT_EQ(end.count(OutcomeKind::failed), 1U);
  EXPECT_THAT(
      end.outcomes.front().error->message(),
      HasSubstr("was over in the middle of it 3 times, and not even LFS object 3f9a of 2.0 GiB was whole"));
}

TEST_F(SharedRun, GivesUpAfterThreeAttemptsWithoutAnyGainHoweverManyHadOne) {
  list(1);
  for (unsigned i = 2; i <= 8; ++i) bench_.server.set_ref("refs/tags/" + std::to_string(i), i);
  bench_.server.breaks = [](const FetchRequest& request) { return request.wants.size() > 1; };
  std::stop_source stop;
  const auto stop_now = [&] {
    stop.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };
  bool has_gained = false;
  bench_.store->on_create = [&](const ObjectKey& key) {
    has_gained = has_gained || key.find("/snapshots/") != ObjectKey::npos;
  };
  bench_.server.on_fetch = [&] {
    if (has_gained) stop_now();
  };
  const SharedPlan made = plan();
  Json batch = batches(made).front();
  int attempt = 0;
  const auto work_once = [&] {
    stop = std::stop_source();
    has_gained = false;
    const BatchSummary done = work(made, batch, ++attempt, {.stop = stop.get_token()});
    batch = done.left;
    return batch.at("items").empty()
               ? Json("given up")
               : Json{batch["items"][0].value("cuts", 0), batch["items"][0].value("gained", false)};
  };

  std::vector<Json> left = {work_once(), work_once()};
  bench_.server.on_list = stop_now;
  for (int i = 0; i < 3; ++i) left.push_back(work_once());

  EXPECT_THAT(left,
              ElementsAre(Json{0, true}, Json{0, true}, Json{1, true}, Json{2, true}, Json("given up")));
}

TEST_F(SharedRun, DoesNotCountWhatOnlyWaitedForGitHubsLimit) {
  list(1);
  std::stop_source stop;
  bench_.server.on_list = [&] {
    stop.request_stop();
    throw Error(ErrorKind::rate_limited, "stopped while waiting: the limit of an hour");
  };
  const SharedPlan made = plan();

  BatchSummary last = work(made, batches(made).front(), 1, {.stop = stop.get_token()});
  for (int attempt = 2; attempt <= 5; ++attempt) {
    stop = std::stop_source();
    last = work(made, last.left, attempt, {.stop = stop.get_token()});
  }
  bench_.server.on_list = [] {};
  work(made, last.left, 6);

  EXPECT_FALSE(last.left.at("items").at(0).contains("cuts"));
  EXPECT_EQ(finish(made).count(OutcomeKind::saved), 1U);
}

TEST_F(SharedRun, FetchesInSlicesWhatWasCutOff) {
  list(1);
  bench_.server.set_ref("refs/heads/next", 2);
  const SharedPlan made = plan();
  Json batch = batches(made).front();
  batch["items"][0]["cuts"] = 1;

  work(made, batch, 2);
  const RunSummary end = finish(made);

  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_THAT(end.outcomes.front().detail, "fetched in slices");
  EXPECT_THAT(catalog().begin()->second.newest, SizeIs(1));
}

TEST_F(SharedRun, TakesABatchWithoutAResultForFailed) {
  list(20);
  const SharedPlan made = plan();
  work(made, batches(made)[0]);

  const RunSummary end = finish(made);

  EXPECT_EQ(end.count(OutcomeKind::saved), 10U);
  EXPECT_EQ(end.count(OutcomeKind::failed), 10U);
  const auto failed = std::find_if(end.outcomes.begin(), end.outcomes.end(), [](const Outcome& outcome) {
    return outcome.kind == OutcomeKind::failed;
  });
  EXPECT_THAT(failed->error->message(), HasSubstr("batch 2 of the run ended without it"));
  EXPECT_EQ(whole_run().count(OutcomeKind::saved), 10U);
}

TEST_F(SharedRun, DoesNotMindEventsThatComeTwice) {
  list(2);
  const SharedPlan made = plan();
  const Json batch = batches(made).front();

  EXPECT_EQ(work(made, batch).attempt, 1);
  EXPECT_EQ(work(made, batch).attempt, 2);
  const RunSummary end = finish(made);
  const Catalog after = catalog();
  const RunSummary again = finish(made);

  EXPECT_EQ(bench_.server.fetched, 2);
  EXPECT_EQ(end.count(OutcomeKind::saved), 2U);
  EXPECT_EQ(again.count(OutcomeKind::saved), 2U);
  EXPECT_THAT(again.run_problems, IsEmpty());
  EXPECT_EQ(catalog(), after);
  for (const auto& [key, entry] : after) EXPECT_THAT(entry.newest, SizeIs(1));
}

TEST_F(SharedRun, FindsWhatAKilledWorkerHadSaved) {
  list(2);
  const SharedPlan made = plan();
  const Json batch = batches(made).front();
  bench_.store->fail_on = {"runs/"};
  EXPECT_THROW(work(made, batch), Error);
  bench_.store->fail_on.clear();

  work(made, batch);
  const RunSummary end = finish(made);

  EXPECT_EQ(bench_.server.fetched, 2);
  EXPECT_EQ(end.count(OutcomeKind::unchanged), 2U);
  EXPECT_EQ(end.outcomes.front().detail, "found the snapshot of a run that was interrupted");
  EXPECT_THAT(catalog(), SizeIs(2));
}

TEST_F(SharedRun, TakesADamagedResultForNone) {
  list(1);
  const SharedPlan made = plan();
  work(made, batches(made).front());
  std::ofstream(bench_.folder.path() / "runs" / made.run.str() / "1.1.jsonl.zst") << "nonsense";

  const RunSummary end = finish(made);

  EXPECT_EQ(end.count(OutcomeKind::failed), 1U);
  ASSERT_THAT(end.run_problems, SizeIs(1));
  EXPECT_THAT(end.run_problems.front(), HasSubstr("1.1.jsonl.zst cannot be read"));
}

TEST_F(SharedRun, SaysWhenWhatThePlanWroteIsDamaged) {
  list(1);
  const SharedPlan made = plan();
  work(made, batches(made).front());
  std::ofstream(bench_.folder.path() / "runs" / made.run.str() / "0.1.jsonl.zst") << "nonsense";

  const Error error = error_of([&] { finish(made); });

  EXPECT_EQ(error.kind(), ErrorKind::corrupt);
  EXPECT_THAT(error.message(), HasSubstr("0.1.jsonl.zst cannot be read"));
}

TEST_F(SharedRun, TakesNoBatchWhoseResultWouldNotBeRead) {
  list(1);
  const SharedPlan made = plan();
  Json batch = batches(made).front();
  for (const int number : {0, -1}) {
    batch["number"] = number;
    EXPECT_THROW(work(made, batch), Error) << number;
  }
}

TEST_F(SharedRun, TellsOfWhatItsWorkersMetLost) {
  list(1);
  whole_run();
  const CatalogEntry known = catalog().begin()->second;
  const ObjectKey key = known.folder + manifest_key(known.newest.front().snapshot);
  std::filesystem::remove(bench_.folder.path() / key);
  bench_.github.list.repositories.front().pushed_at = "2020-01-02T00:00:00Z";
  bench_.server.set_ref("refs/heads/main", 2);

  const RunSummary met = whole_run();
  const RunSummary after = whole_run();

  ASSERT_EQ(met.losses.size(), 1U);
  EXPECT_EQ(met.losses.front().losses.front().key, key);
  EXPECT_EQ(after.losses, met.losses);
  EXPECT_FALSE(after.is_good());
}

TEST_F(SharedRun, MarksWhatIsGone) {
  list(2);
  whole_run();
  list(1);

  const RunSummary end = whole_run();

  EXPECT_EQ(end.count(OutcomeKind::gone), 1U);
  EXPECT_TRUE(catalog().at({"github.com", 2}).gone_since.has_value());
}

TEST_F(SharedRun, TellsOfWhatCouldNotBeListed) {
  list(1);
  bench_.github.list.problems = {{"acme/x", Error(ErrorKind::not_found, "missing")}};

  const RunSummary end = whole_run();

  EXPECT_EQ(end.count(OutcomeKind::saved), 1U);
  EXPECT_EQ(end.count(OutcomeKind::failed), 1U);
}

TEST_F(SharedRun, KnowsNoRunWithoutAPlan) {
  const Error error =
      error_of([&] { finish_shared_run(bench_.context, *SnapshotId::parse("20261123T184501Z-3f9a1c"), {}); });

  EXPECT_EQ(error.kind(), ErrorKind::not_found);
  EXPECT_EQ(error.message(), "there is no plan of a run 20261123T184501Z-3f9a1c");
}

TEST(ResultName, IsBatchAndAttempt) {
  EXPECT_EQ(parse_result_name("12.3.jsonl.zst"), (ResultOrder{12, 3}));
  for (const char* name : {"plan.json", "", "1.jsonl.zst", "1.2.jsonl", "-1.2.jsonl.zst", "1.2.jsonl.zst2",
                           "99999999999.1.jsonl.zst", "1.x.jsonl.zst"})
    EXPECT_EQ(parse_result_name(name), std::nullopt) << name;
}

}  // namespace
}  // namespace hubkeep
