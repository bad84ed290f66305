#include "http/clock_watch.h"

#include <gmock/gmock.h>

#include <vector>

#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

const UtcTime kServerTime = parse_http_date(kDate).value();

HttpResponse dated(const std::string& date, Headers headers = {}) {
  headers.emplace_back("date", date);
  return {.status = 200, .headers = std::move(headers), .body = {}, .url = {}};
}

struct Case {
  seconds sent;  // after the server's time
  seconds answered;
  seconds ahead;
};

TEST(ClockAhead, IsWhatNoWayOfTheAnswerExplains) {
  for (const Case& each :
       {Case{seconds(0), seconds(0), seconds(0)}, Case{seconds(-7200), seconds(1), seconds(0)},
        Case{seconds(0), seconds(7200), seconds(0)}, Case{seconds(5), seconds(90), seconds(5)},
        Case{seconds(-90), seconds(-5), seconds(-5)}}) {
    const Exchange exchange{.sent = kServerTime + each.sent, .answered = kServerTime + each.answered};

    EXPECT_EQ(clock_ahead(dated(kDate), exchange), each.ahead) << each.sent.count();
  }
}

TEST(ClockAhead, IsNotKnownWithoutEvidence) {
  const Exchange exchange{.sent = kServerTime + seconds(9999), .answered = kServerTime + seconds(9999)};
  const Exchange set_back{.sent = kServerTime + seconds(9999), .answered = kServerTime};

  EXPECT_EQ(clock_ahead({}, exchange), std::nullopt);
  EXPECT_EQ(clock_ahead(dated("yesterday"), exchange), std::nullopt);
  EXPECT_EQ(clock_ahead(dated("Mon, 31 Feb 2026 18:45:01 GMT"), exchange), std::nullopt);
  EXPECT_EQ(clock_ahead(dated(kDate, {{"Age", "9999"}}), exchange), std::nullopt);
  EXPECT_EQ(clock_ahead(dated(kDate), set_back), std::nullopt);
}

TEST(ClockAhead, IsSaidInWords) {
  EXPECT_EQ(describe_clock("this machine", std::chrono::hours(24 * 365), "GitHub's"),
            "the clock of this machine is 1 year ahead of GitHub's");
  EXPECT_EQ(describe_clock("this machine", -std::chrono::minutes(90), "GitHub's"),
            "the clock of this machine is 1 hour and 30 minutes behind GitHub's");
}

TEST(WatchClock, TellsOfEachAnswerThatSaysSomething) {
  auto scripted = std::make_unique<ScriptedHttp>();
  scripted->answer("https://a/", 200, "", {{"Date", kDate}});
  scripted->answer("https://b/", 500, "", {{"Date", kDate}});
  scripted->answer("https://c/", 200, "", {{"Date", "today"}});
  ManualClock clock;
  clock.time = kServerTime + seconds(1000);
  std::vector<seconds> heard;
  const auto client = watch_clock(std::move(scripted), clock, [&](seconds ahead) { heard.push_back(ahead); });

  for (const char* url : {"https://a/", "https://b/", "https://c/"})
    client->send({.url = Url::parse(url)}, nullptr, {});

  EXPECT_THAT(heard, ElementsAre(seconds(1000), seconds(1000)));
}

class SlowServer final : public HttpClient {
 public:
  explicit SlowServer(ManualClock& clock) : clock_(clock) {}
  HttpResponse send(const HttpRequest&, ByteSink*, const std::stop_token&) override {
    clock_.time += std::chrono::hours(2);
    return dated(kDate);
  }

 private:
  ManualClock& clock_;
};

// Of a pack of two hours, on a machine that is an hour behind.
TEST(WatchClock, HearsNothingFromALongAnswerThatFits) {
  ManualClock clock;
  clock.time = kServerTime - std::chrono::hours(1);
  std::vector<seconds> heard;
  const auto client =
      watch_clock(std::make_unique<SlowServer>(clock), clock, [&](seconds ahead) { heard.push_back(ahead); });

  client->send({.url = Url::parse("https://a/")}, nullptr, {});

  EXPECT_THAT(heard, ::testing::IsEmpty());
}

}  // namespace
}  // namespace hubkeep
