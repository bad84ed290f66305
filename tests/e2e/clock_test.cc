// A clock that is wrong for a run: it is said, locks nothing for years, and harms no later run.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr hours kDay{24};
constexpr hours kYear{24 * 365};

sim::Environment clock_environment(seconds ahead) {
  return {{"LD_PRELOAD", HUBKEEP_CLOCK_AHEAD}, {"CLOCK_AHEAD", std::to_string(ahead.count())}};
}

class WrongClock : public EndToEnd {
 protected:
  /// A run when it is `time` at GitHub, on a machine whose clock is `ahead` of that.
  sim::RunResult backup_at(UtcTime time, seconds ahead, std::vector<std::string> arguments = {}) {
    world_.set_time(time);
    return backup(std::move(arguments), clock_environment(time + ahead - SystemClock().now()));
  }

  /// A push that is old enough to be trusted, and what is then on GitHub.
  std::string push_before(UtcTime time, sim::RepositoryId id, const std::string& content) {
    world_.set_time(time - hours(2));
    push_file(id, content);
    return state_of(path_of(id));
  }

  std::size_t ref_listings() const {
    const auto log = github_.log();
    return static_cast<std::size_t>(std::count_if(
        log.begin(), log.end(),
        [](const sim::LoggedRequest& request) { return request.git_command == sim::GitCommand::ls_refs; }));
  }

  sim::RunResult list(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"list", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }

  const UtcTime begin_ = SystemClock().now() - 10 * kDay;
};

TEST_F(WrongClock, AYearAheadForOneRunHarmsNoLaterOne) {
  const auto id = add_filled("site");
  std::vector<std::string> states;
  std::vector<sim::RunResult> runs;
  for (int day = 0; day < 4; ++day) {
    const UtcTime time = begin_ + day * kDay;
    states.push_back(push_before(time, id, "day " + std::to_string(day)));
    runs.push_back(backup_at(time, day == 1 ? seconds(kYear) : seconds(0)));
    ASSERT_EQ(runs.back().exit_code, 0) << runs.back().err;
    ASSERT_THAT(runs.back().out, HasSubstr("1 saved"));
  }

  EXPECT_THAT(runs[0].err, AllOf(Not(HasSubstr("clock")), Not(HasSubstr("future"))));
  EXPECT_THAT(runs[1].err,
              AllOf(HasSubstr("the clock of this machine is "), HasSubstr(" ahead of GitHub's: set it")));
  for (const int day : {2, 3})
    EXPECT_THAT(runs[day].err, AllOf(HasSubstr("1 repository has a snapshot from the future"),
                                     Not(HasSubstr("clock of this"))));
  const auto ids = snapshots_of(folder_of(id));
  ASSERT_EQ(ids.size(), 4U);
  EXPECT_GT(ids[1].substr(0, 8), format_compact_time(begin_ + 300 * kDay).substr(0, 8));
  for (int day = 0; day < 4; ++day)
    EXPECT_EQ(state_of(restore("octo/site", format_time(begin_ + day * kDay + hours(1)))), states[day])
        << day;
  EXPECT_EQ(state_of(restore("octo/site")), states[3]);
}

TEST_F(WrongClock, IsSaidByListAsLongAsItsSnapshotsAreTheNewest) {
  const auto id = add_filled("site");
  push_before(begin_, id, "content");
  ASSERT_EQ(backup_at(begin_, kYear).exit_code, 0);

  const auto all = list();
  const auto json = nlohmann::json::parse(list({"--json"}).out);
  const auto one = list({"octo/site"});
  const auto one_json = nlohmann::json::parse(list({"octo/site", "--json"}).out);

  EXPECT_THAT(all.out, HasSubstr("octo/site  from the future"));
  EXPECT_THAT(all.err, HasSubstr("1 repository has a snapshot from the future"));
  EXPECT_EQ(json.at("repositories").at(0).at("from_the_future"), true);
  const std::string made = one_json.at("snapshots").at(0).at("made_at");
  EXPECT_EQ(made.substr(0, 10), format_time(begin_).substr(0, 10));
  EXPECT_THAT(one.out, HasSubstr("made " + made + " by GitHub's clock"));
}

// What it checked is dated by GitHub's clock: neither at once nor a year late is it checked again.
TEST_F(WrongClock, LeavesTheNextCheckWhereItBelongs) {
  const auto id = add_filled("site");
  push_before(begin_, id, "content");
  ASSERT_EQ(backup_at(begin_, kYear).exit_code, 0);
  github_.clear_log();

  const auto right = backup_at(begin_ + hours(1), seconds(0));
  const std::size_t listed_at_once = ref_listings();
  const auto again = backup_at(begin_ + 15 * kDay, seconds(0));

  EXPECT_THAT(right.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_EQ(listed_at_once, 0U);
  EXPECT_THAT(again.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_EQ(ref_listings(), 1U);
}

TEST_F(WrongClock, BehindIsSaidAndRestoredByGitHubsTime) {
  const auto id = add_filled("site");
  std::vector<std::string> states;
  for (int day = 0; day < 2; ++day) {
    const UtcTime time = begin_ + day * kDay;
    states.push_back(push_before(time, id, "day " + std::to_string(day)));
    // A minute more: GitHub's clock stands still, and this one goes on until GitHub is asked.
    const auto result = backup_at(time, -seconds(kYear) - seconds(60));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("the clock of this machine is 1 year behind GitHub's: set it"));
  }

  for (int day = 0; day < 2; ++day)
    EXPECT_EQ(state_of(restore("octo/site", format_time(begin_ + day * kDay + hours(1)))), states[day])
        << day;
}

TEST_F(WrongClock, ByLessThanAQuarterOfAnHourIsNotSaid) {
  add_filled("site");

  const auto result = backup_at(begin_, seconds(14 * 60));

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, Not(HasSubstr("clock")));
}

TEST_F(WrongClock, PutsZipsIntoGitHubsDay) {
  const auto id = add_filled("site");
  push_before(begin_, id, "content");

  ASSERT_EQ(backup_at(begin_, kYear, {"--zip"}).exit_code, 0);

  std::vector<std::string> days;
  for (const auto& day : fs::directory_iterator(vault() / "zip")) days.push_back(day.path().filename());
  EXPECT_THAT(days, ElementsAre(format_time(begin_).substr(0, 10)));
}

class WrongClockInABucket : public BucketVault {
 protected:
  WrongClockInABucket() { fake_.has_object_lock = true; }

  sim::RunResult locked_backup(seconds ahead) {
    auto variables = environment(way_.endpoint());
    variables.merge(clock_environment(ahead));
    return hubkeep({"backup", "--api-url", github_.api_url(), "--to", location(), "--object-lock",
                    "governance", "--retain-days", "30"},
                   variables);
  }

  FakeS3 fake_;
  /// Which tells the time as a server does.
  Meddler way_{[this](const sim::HttpRequest& request) {
    sim::HttpResponse response = fake_.handle(request);
    if (date_) response.headers.emplace_back("Date", *date_);
    return response;
  }};
  std::optional<std::string> date_ = http_date(SystemClock().now());

  static std::string http_date(UtcTime time) {
    const auto text = static_cast<std::time_t>(time.time_since_epoch().count());
    char buffer[64];
    std::tm fields{};
    ::gmtime_r(&text, &fields);
    return {buffer, std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &fields)};
  }
};

TEST_F(WrongClockInABucket, LocksNothing) {
  add_filled("site");
  for (const seconds ahead : {seconds(10 * kYear), seconds(20 * 60), -seconds(10 * kYear)}) {
    const auto result = locked_backup(ahead);

    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr("nothing is locked by a wrong clock: the clock of this machine is "));
    EXPECT_THAT(fake_.objects(), IsEmpty());
  }
}

TEST_F(WrongClockInABucket, LocksNothingWhereTheServerIsAsWrong) {
  add_filled("site");
  date_ = http_date(SystemClock().now() + 10 * kYear);

  const auto result = locked_backup(10 * kYear);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("nothing is locked by a wrong clock: the clock of this machine is "),
                    HasSubstr(" ahead of GitHub's: set it")));
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_F(WrongClockInABucket, IsNotKnownToBeSoWhereNobodyTellsTheTime) {
  add_filled("site");
  for (const std::optional<std::string>& date :
       {std::optional<std::string>(), std::optional<std::string>("today")}) {
    date_ = date;

    const auto result = locked_backup(seconds(0));

    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(fake_.objects(), Not(IsEmpty()));
  }
}

TEST_F(WrongClockInABucket, IsTheServersWhereGitHubAgreesWithThisMachine) {
  add_filled("site");
  world_.set_time(std::nullopt);
  date_ = http_date(SystemClock().now() - 3 * kDay);

  const auto result = backup_to(way_.endpoint());

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("the clock of the server of the bucket " + bucket_ + " is "),
                    HasSubstr(" behind GitHub's: set it"), Not(HasSubstr("clock of this machine"))));
}

}  // namespace
}  // namespace hubkeep
