// What holds against every kind of server: a lack is learnt from something small, once; what was sent is what
// is stored, or it is an error; and nothing is asked for ever.
#include <gmock/gmock.h>

#include <atomic>

#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "s3/server_kinds.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t kFiveParts = std::size_t{22} << 20;  // of 5 MiB
constexpr std::uint64_t kSmall = std::uint64_t{64} << 10;
constexpr int kAlways = 100'000;

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xFFU);
  return bytes;
}

class EveryKind : public ::testing::TestWithParam<ServerKind> {
 protected:
  EveryKind() {
    become(fake_, GetParam());
    parts_.options.retries.max_attempts = 3;
    if (GetParam().has_object_lock)
      parts_.options.lock = {.mode = "GOVERNANCE",
                             .retention = std::chrono::days(1),
                             .covers = [](const auto&) { return true; }};
    store_ = parts_.store(server_.endpoint(), "s3://bucket/p");
  }
  std::string stored(const std::string& key) const {
    const auto objects = fake_.objects();
    const auto found = objects.find("/bucket/p/" + key);
    return found == objects.end() ? "nothing" : found->second;
  }
  void use_all(const std::string& name) {
    must_put(*store_, name + "/small", "1", Precondition::absent());
    must_put(*store_, name + "/large", bytes_of(kFiveParts), Precondition::absent());
    std::ignore = store_->find(name + "/small");
    keys_of(*store_, "", name);
    children_of(*store_);
    std::ignore = store_->remove(std::vector<ObjectKey>{"x", "y"}, {});
    std::ignore = store_->remove_stale(std::chrono::hours(1));
  }
  /// Whether an answer to a write says of which bytes it is.
  static bool is_told() { return GetParam().receipts != FakeS3::Receipts::opaque; }

  FakeS3 fake_;
  std::atomic<std::uint64_t> received_ = 0;  // bytes of bodies
  Meddler server_{[this](const sim::HttpRequest& request) {
    received_ += request.body.size();
    return fake_.handle(request);
  }};
  S3Parts parts_;
  std::unique_ptr<ObjectStore> store_;
};

// What an upload's end alone shows costs its end once more, and none of its parts.
TEST_P(EveryKind, ShowsWhatItLacksWithoutAnythingLargeBeingSentInVain) {
  const std::string bytes = bytes_of(kFiveParts);

  EXPECT_EQ(put(*store_, "large", bytes, Precondition::absent()), CommitResult::committed);

  EXPECT_TRUE(stored("large") == bytes);
  EXPECT_LE(fake_.wasted(), kSmall);
  EXPECT_LE(received_, bytes.size() + kSmall);
  EXPECT_EQ(fake_.uploads(), 0U);
}

// A refusal without a word counts when it comes a second time: the first may have been a moment's.
TEST_P(EveryKind, IsAskedNothingAgainOnceItIsKnown) {
  use_all("first");
  use_all("second");
  const int refused = fake_.refusals();

  use_all("third");

  EXPECT_EQ(fake_.refusals(), refused);
}

TEST_P(EveryKind, RefusesWhatIsDamagedOnTheWayAndGetsItAgain) {
  must_put(*store_, "first", "1");
  const std::string bytes = bytes_of(kFiveParts);
  server_.meddle("PUT /bucket/p/small?", damage_body());
  server_.meddle("partNumber=2", damage_body());
  server_.meddle("partNumber=5", damage_body());

  EXPECT_EQ(put(*store_, "small", "123", Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(put(*store_, "large", bytes, Precondition::absent()), CommitResult::committed);

  EXPECT_EQ(stored("small"), "123");
  EXPECT_TRUE(stored("large") == bytes);
}

TEST_P(EveryKind, NeverKeepsWhatIsAlwaysDamaged) {
  server_.meddle("PUT /bucket/p/small?", damage_body(), kAlways);
  server_.meddle("partNumber=2", damage_body(), kAlways);
  const auto before = server_.requests().size();

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "small", "123", Precondition::absent()); }),
            ErrorKind::transient);
  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "large", bytes_of(kFiveParts), Precondition::absent()); }),
            ErrorKind::transient);

  EXPECT_EQ(stored("small"), "nothing");
  EXPECT_EQ(stored("large"), "nothing");
  EXPECT_LE(server_.requests().size() - before, 60U);
}

// The server has taken other bytes for those that were sent: it has no reason to refuse them, and its answer
// shows it.
TEST_P(EveryKind, IsNotBelievedWhereItHasStoredOtherBytes) {
  must_put(*store_, "first", "1");
  server_.meddle("PUT /bucket/p/small?", replace_body(is_told() ? "124" : "12"), kAlways);
  server_.meddle("partNumber=2", replace_body(std::string((std::size_t{5} << 20) + (is_told() ? 0 : 1), 'y')),
                 kAlways);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "small", "123"); }), ErrorKind::transient);
  EXPECT_THROW(must_put(*store_, "large", bytes_of(kFiveParts)), Error);
}

// Before anything else has shown what the server's answers mean.
TEST_P(EveryKind, IsNotBelievedWhereTheFirstThingThatItStoredAreOtherBytes) {
  server_.meddle("partNumber=2", replace_body(std::string((std::size_t{5} << 20) + (is_told() ? 0 : 1), 'y')),
                 kAlways);

  EXPECT_THROW(must_put(*store_, "large", bytes_of(kFiveParts), Precondition::absent()), Error);
}

// Whatever may be lacking, what is forbidden is told in the server's words, and not tried for ever.
TEST_P(EveryKind, IsHeardWhereItForbids) {
  must_put(*store_, "first", "1");
  const auto before = server_.requests().size();
  server_.meddle(
      "PUT /bucket/p/a",
      [](const sim::HttpRequest&, const S3Backend&) {
        return s3_error(403, "AccessDenied", {}, "Your key may only read.");
      },
      kAlways);

  const auto message = message_of_error([&] { must_put(*store_, "a", "1"); });

  EXPECT_THAT(message,
              HasSubstr("arn:aws:s3:::bucket/p/a: AccessDenied (HTTP 403): Your key may only read."));
  EXPECT_LE(server_.requests().size() - before, 4U);
}

TEST_P(EveryKind, IsHeardWhereItRefusesEverything) {
  server_.meddle("/bucket", refuse(400, "InvalidRequest"), kAlways);

  const auto message = message_of_error([&] { must_put(*store_, "a", bytes_of(kFiveParts)); });

  EXPECT_THAT(message, HasSubstr("InvalidRequest (HTTP 400): as told"));
  EXPECT_LE(server_.requests().size(), 40U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryKind, ::testing::ValuesIn(server_kinds()), name_of_kind);

// What has everything is told everything: whatever falls back does so only where it must.
TEST(AWholeServer, IsToldTheChecksumOfEachBodyAndOfTheWhole) {
  FakeS3 fake;
  std::vector<std::string> without;
  Meddler server([&](const sim::HttpRequest& request) {
    if (!request.body.empty() && !sim::has_header(request.headers, "x-amz-checksum-crc32"))
      without.push_back(request.method + " " + request.path + "?" + request.query);
    return fake.handle(request);
  });
  fake.wants_checksums = false;
  S3Parts parts;
  const auto store = parts.store(server.endpoint(), "s3://bucket/p");

  must_put(*store, "large", bytes_of(kFiveParts), Precondition::absent());
  must_put(*store, "small", "1", Precondition::absent());
  std::ignore = store->remove(std::vector<ObjectKey>{"x", "y"}, {});

  EXPECT_THAT(without, IsEmpty());
  EXPECT_EQ(fake.refusals(), 0);
}

}  // namespace
}  // namespace hubkeep
