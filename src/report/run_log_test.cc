#include "report/run_log.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "report/copy_progress.h"
#include "report/progress.h"
#include "report/verify_progress.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Json = nlohmann::ordered_json;

/// What `tell` brings onto standard error. The log is as it was before, afterwards.
std::string shown(LogFormat format, const std::function<void()>& tell, LogLevel level = LogLevel::normal) {
  set_log_format(format);
  set_log_level(level);
  testing::internal::CaptureStderr();
  tell();
  set_log_format(LogFormat::text);
  set_log_level(LogLevel::normal);
  return testing::internal::GetCapturedStderr();
}

/// The events, without the time.
std::vector<Json> events(const std::function<void()>& tell, LogLevel level = LogLevel::normal) {
  std::vector<Json> found;
  std::istringstream lines(shown(LogFormat::json, tell, level));
  for (std::string line; std::getline(lines, line);) {
    found.push_back(Json::parse(line));
    EXPECT_EQ(found.back().erase("time"), 1U) << line;
  }
  return found;
}

void tell_all(RunObserver& observer) {
  observer.selected(2);
  observer.moved(100);
  observer.waiting("the rate limit", std::chrono::seconds(60));
  observer.retrying({.repository = "acme/site"}, Error(ErrorKind::transient, "it broke"),
                    std::chrono::milliseconds(500));
  observer.retrying({.kind = RetrySubject::Kind::github}, Error(ErrorKind::transient, "it broke"), {});
  observer.retrying({.kind = RetrySubject::Kind::vault}, Error(ErrorKind::transient, "it broke"), {});
  observer.notice("look at this");
  observer.made_vault("/vault", "1234");
}

std::string text_of(const std::string& purpose) {
  return "2 repositories " + purpose +
         "\n"
         "waiting 60 s: the rate limit\n"
         "acme/site: trying again in 0.5 s: it broke\n"
         "GitHub: trying again in 0.0 s: it broke\n"
         "the vault: trying again in 0.0 s: it broke\n"
         "note: look at this\n"
         "note: made a new vault in /vault, id 1234; to make sure that none is ever made again by mistake: "
         "--vault-id 1234\n";
}

TEST(RunLog, TellsOfEveryRunInTheSameWords) {
  Progress backup(MovingLine::no);
  VerifyProgress verify(MovingLine::no);
  CopyProgress copy(MovingLine::no);

  EXPECT_EQ(shown(LogFormat::text, [&] { tell_all(backup); }), text_of("to look at"));
  EXPECT_EQ(shown(LogFormat::text, [&] { tell_all(verify); }), text_of("to verify"));
  EXPECT_EQ(shown(LogFormat::text, [&] { tell_all(copy); }), text_of("to copy"));
}

TEST(RunLog, HasTheSameEventsForEveryRun) {
  Progress backup(MovingLine::no);
  VerifyProgress verify(MovingLine::no);
  CopyProgress copy(MovingLine::no);

  const std::vector<Json> told = events([&] { tell_all(backup); });

  ASSERT_EQ(told.size(), 7U);
  EXPECT_EQ(told[0].dump(),
            R"({"level":"info","message":"2 repositories to look at","event":"selected","repositories":2})");
  EXPECT_EQ(told[1].dump(),
            R"({"level":"warning","message":"waiting 60 s: the rate limit","event":"waiting","seconds":60})");
  EXPECT_EQ(told[2].at("event"), "retrying");
  EXPECT_EQ(told[2].at("subject"), "repository");
  EXPECT_EQ(told[2].at("repository"), "acme/site");
  EXPECT_EQ(told[2].at("kind"), "transient");
  EXPECT_EQ(told[5].dump(), R"({"level":"warning","message":"look at this","event":"notice"})");
  EXPECT_EQ(told[6].at("event"), "vault");
  EXPECT_EQ(told[6].at("vault"), "1234");
  for (RunObserver* other : std::initializer_list<RunObserver*>{&verify, &copy}) {
    std::vector<Json> same = events([&] { tell_all(*other); });
    same.front()["message"] = told.front().at("message");
    EXPECT_EQ(same, told);
  }
}

TEST(RunLog, NamesARepositoryOnlyWhereOneIsTriedAgain) {
  VerifyProgress progress(MovingLine::no);

  const std::vector<Json> told = events([&] { tell_all(progress); });

  EXPECT_EQ(told.at(3).at("subject"), "github");
  EXPECT_EQ(told.at(4).at("subject"), "vault");
  for (const std::size_t i : {std::size_t{3}, std::size_t{4}}) EXPECT_FALSE(told[i].contains("repository"));
}

TEST(RunLog, ThatIsQuietTellsOnlyWhatAPersonMustKnow) {
  CopyProgress progress(MovingLine::no);

  const std::string text = shown(LogFormat::text, [&] { tell_all(progress); }, LogLevel::quiet);

  EXPECT_THAT(text, Not(HasSubstr("to copy")));
  EXPECT_THAT(text, Not(HasSubstr("trying again")));
  EXPECT_THAT(text, HasSubstr("waiting 60 s"));
  EXPECT_THAT(text, HasSubstr("note: look at this"));
}

TEST(RunLog, OfABackupIsAsMuchWorthAsTheOutcome) {
  const auto told = events([] {
    Progress progress(MovingLine::no);
    progress.started("acme/a");
    progress.finished({.repository = "acme/a", .kind = OutcomeKind::unchanged});
    progress.finished({.repository = "acme/b", .id = 7, .kind = OutcomeKind::saved});
    progress.finished({.repository = "acme/c",
                       .kind = OutcomeKind::failed,
                       .error = Error(ErrorKind::forbidden, "blocked")});
    progress.lost({.repository = "acme/c", .losses = {{.key = "repos/a"}, {.key = "repos/b"}}});
  });

  ASSERT_EQ(told.size(), 3U) << "what is unchanged or has only begun is for --verbose";
  EXPECT_EQ(told[0].at("level"), "info");
  EXPECT_EQ(told[0].at("event"), "repository");
  EXPECT_EQ(told[0].at("repository"), "acme/b");
  EXPECT_EQ(told[0].at("result"), "saved");
  EXPECT_EQ(told[1].at("level"), "error");
  EXPECT_EQ(told[1].at("error").at("kind"), "forbidden");
  EXPECT_EQ(told[2].at("event"), "lost");
  EXPECT_EQ(told[2].at("objects"), 2);
}

TEST(RunLog, OfABackupLeavesLossesToTheLastLinesWherePeopleRead) {
  EXPECT_THAT(shown(LogFormat::text,
                    [] { Progress(MovingLine::no).lost({.repository = "a/b", .losses = {{.key = "x"}}}); }),
              IsEmpty());
}

Verdict damaged() {
  const auto snapshot = SnapshotId::parse("20261101T000000Z-00000a").value();
  return {.repository = "acme/site",
          .id = 7,
          .host = "github.com",
          .snapshots = 1,
          .damages = {{.key = "repos/x/git/a.bundle", .detail = "is missing", .snapshots = {snapshot}},
                      {.key = "repos/x/git/b.bundle", .detail = "is missing", .accepted = true}}};
}

TEST(RunLog, OfAVerificationHasAnEventForEachDamage) {
  const auto told = events([] { VerifyProgress(MovingLine::no).finished(damaged()); });

  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].at("level"), "error");
  EXPECT_EQ(told[0].at("message"),
            "acme/site: DAMAGED: 0 of 1 snapshots can be restored, none of them complete");
  EXPECT_EQ(told[0].at("event"), "repository");
  EXPECT_EQ(told[0].at("id"), 7);
  EXPECT_EQ(told[0].at("good"), false);
  EXPECT_EQ(told[0].at("damages"), 2);
  EXPECT_EQ(told[1].dump(),
            R"({"level":"error","message":"acme/site: repos/x/git/a.bundle is missing; snapshot )"
            R"(20261101T000000Z-00000a needs it","event":"damage","repository":"acme/site","id":7,)"
            R"("key":"repos/x/git/a.bundle","kind":"missing","detail":"is missing","accepted":false,)"
            R"("snapshots":1})");
  EXPECT_EQ(told[2].at("level"), "info") << "it was accepted";
}

TEST(RunLog, OfACopyHasWhatWasCopiedAndWhatWasNot) {
  const auto told = events([] {
    CopyProgress progress(MovingLine::no);
    progress.finished({.repository = "a/there"});
    progress.finished({.repository = "a/new", .id = 7, .snapshots = 1, .objects = 2, .bytes = 30});
    progress.finished({.repository = "a/bad", .problems = {"snapshot x is left out"}});
  });

  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].dump(),
            R"({"level":"info","message":"a/new: 1 snapshot, 2 objects, 30 B copied","event":"repository",)"
            R"("repository":"a/new","id":7,"snapshots":1,"objects":2,"bytes":30,"problems":[]})");
  EXPECT_EQ(told[1].at("level"), "error");
  EXPECT_THAT(told[1].at("problems"), ElementsAre("snapshot x is left out"));
}

}  // namespace
}  // namespace hubkeep
