#include "aws/renewing_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>
#include <vector>

#include "base/error_of.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using std::chrono::minutes;

// A source that counts, and does what the test says.
struct RenewingCredentialsTest : ::testing::Test {
  Credentials make(const std::string& key_id) {
    Credentials made{.access_key_id = key_id,
                     .secret_access_key = Secret("S", "the source"),
                     .session_token = Secret("T" + key_id, "the source")};
    if (lifetime) made.expires_at = clock.now() + *lifetime;
    return made;
  }

  Credentials next(const std::stop_token& stop) {
    const int count = ++asked;
    if (on_ask) on_ask(stop);
    return make("ID" + std::to_string(count));
  }

  std::string id() { return credentials.get({}).access_key_id; }

  // Runs `during` while a thread of its own is inside the source, which ends when the promise is kept: with
  // `failure` when there is one.
  void while_renewing(const std::function<void(std::promise<void>& let_it_end)>& during) {
    std::promise<void> entered;
    std::promise<void> let_it_end;
    std::atomic<bool> is_first = true;
    on_ask = [&, end = let_it_end.get_future().share()](const std::stop_token&) {
      if (is_first.exchange(false)) {
        entered.set_value();
        end.wait();
        if (failure) throw *failure;
      } else if (failure && failure->kind() != ErrorKind::cancelled) {
        throw *failure;
      }
    };
    std::thread renewing([&] {
      try {
        credentials.get({});
      } catch (const Error&) {
        ++failed;
      }
    });
    entered.get_future().wait();
    during(let_it_end);
    renewing.join();
    on_ask = nullptr;
  }

  ManualClock clock;
  std::optional<minutes> lifetime = minutes(60);
  std::function<void(const std::stop_token&)> on_ask;
  std::optional<Error> failure;
  std::atomic<int> asked = 0;
  std::atomic<int> failed = 0;
  RenewingCredentials credentials{[this](const std::stop_token& stop) { return next(stop); }, clock};
};

TEST_F(RenewingCredentialsTest, AsksOnceWhileTheyAreGood) {
  EXPECT_EQ(id(), "ID1");
  clock.time += minutes(54);
  EXPECT_EQ(id(), "ID1");
  EXPECT_EQ(asked, 1);
}

TEST_F(RenewingCredentialsTest, RenewsFiveMinutesBeforeTheEnd) {
  id();

  clock.time += minutes(55);

  EXPECT_EQ(id(), "ID2");
  EXPECT_EQ(id(), "ID2");
}

TEST_F(RenewingCredentialsTest, NeverAsksAgainForKeysThatDoNotExpire) {
  lifetime = std::nullopt;
  id();

  clock.time += minutes(1'000'000);

  EXPECT_EQ(id(), "ID1");
}

TEST_F(RenewingCredentialsTest, GoesOnWithTheOldOnesWhenARenewalFails) {
  id();
  on_ask = [](const std::stop_token&) { throw Error(ErrorKind::transient, "down"); };

  clock.time += minutes(56);

  EXPECT_EQ(id(), "ID1");
  EXPECT_EQ(id(), "ID1");
  EXPECT_EQ(asked, 2);  // not before a minute has gone
  clock.time += minutes(1);
  EXPECT_EQ(id(), "ID1");
  EXPECT_EQ(asked, 3);
  clock.time += minutes(3);
  EXPECT_THROW(id(), Error);
}

TEST_F(RenewingCredentialsTest, DoesNotAskAgainAndAgainForShortLivedOnes) {
  lifetime = minutes(3);

  id();
  id();

  EXPECT_EQ(asked, 1);
  clock.time += minutes(1);
  EXPECT_EQ(id(), "ID2");
}

TEST_F(RenewingCredentialsTest, RefusesWhatIsOverAlready) {
  lifetime = minutes(0);

  const Error error = error_of([&] { id(); });

  EXPECT_EQ(error.kind(), ErrorKind::unauthorized);
  EXPECT_EQ(
      error.message(),
      "the source gave AWS credentials that expired at 2001-09-09T01:46:40Z (it is 2001-09-09T01:46:40Z by "
      "this machine's clock)");
}

TEST_F(RenewingCredentialsTest, AsksAgainAfterARefusal) {
  const auto first = credentials.get({});

  credentials.invalidate(first);

  EXPECT_EQ(id(), "ID2");
}

TEST_F(RenewingCredentialsTest, KeepsNewerOnesThanTheRefused) {
  const auto first = credentials.get({});
  credentials.invalidate(first);
  id();

  credentials.invalidate(first);

  EXPECT_EQ(id(), "ID2");
  EXPECT_EQ(asked, 2);
}

TEST_F(RenewingCredentialsTest, DoesNotGiveOutRefusedOnesWhenTheRenewalFails) {
  credentials.invalidate(credentials.get({}));
  on_ask = [](const std::stop_token&) { throw Error(ErrorKind::transient, "down"); };

  EXPECT_THROW(id(), Error);
}

TEST_F(RenewingCredentialsTest, LetsTheOthersGoOnWithTheOldOnesMeanwhile) {
  id();
  clock.time += minutes(56);

  while_renewing([&](std::promise<void>& let_it_end) {
    EXPECT_EQ(id(), "ID1");
    let_it_end.set_value();
  });

  EXPECT_EQ(id(), "ID2");
  EXPECT_EQ(asked, 2);
}

TEST_F(RenewingCredentialsTest, LetsTheOthersWaitWhenTheOldOnesAreOver) {
  std::vector<std::string> got(4);

  while_renewing([&](std::promise<void>& let_it_end) {
    std::vector<std::jthread> others;
    for (auto& text : got) others.emplace_back([this, &text] { text = id(); });
    let_it_end.set_value();
  });

  EXPECT_THAT(got, ::testing::Each("ID1"));
  EXPECT_EQ(asked, 1);
}

TEST_F(RenewingCredentialsTest, GivesOneFailureToAllWhoWait) {
  failure = Error(ErrorKind::unauthorized, "no");
  std::latch started(5);
  std::atomic<int> also_failed = 0;

  while_renewing([&](std::promise<void>& let_it_end) {
    std::vector<std::jthread> others;
    for (int i = 0; i < 4; ++i) {
      others.emplace_back([&] {
        started.count_down();
        try {
          credentials.get({});
        } catch (const Error& error) {
          also_failed += error.kind() == ErrorKind::unauthorized ? 1 : 0;
        }
      });
    }
    started.arrive_and_wait();
    let_it_end.set_value();
  });

  EXPECT_EQ(failed, 1);
  EXPECT_EQ(also_failed, 4);
}

TEST_F(RenewingCredentialsTest, StopsWaitingOnRequest) {
  std::stop_source stop;
  stop.request_stop();

  while_renewing([&](std::promise<void>& let_it_end) {
    const Error error = error_of([&] { credentials.get(stop.get_token()); });

    EXPECT_EQ(error.kind(), ErrorKind::cancelled);
    let_it_end.set_value();
  });
}

TEST_F(RenewingCredentialsTest, DoesNotStopTheOthersWhenTheOneThatRenewsIsStopped) {
  failure = Error(ErrorKind::cancelled, "stopped");
  std::string got;

  while_renewing([&](std::promise<void>& let_it_end) {
    std::jthread other([&] { got = id(); });
    let_it_end.set_value();
  });

  EXPECT_EQ(got, "ID2");
  EXPECT_EQ(failed, 1);
}

}  // namespace
}  // namespace hubkeep
