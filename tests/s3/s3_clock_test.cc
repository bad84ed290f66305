// Locks go by the server's clock, not by this machine's.
#include <gmock/gmock.h>

#include "base/error.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kServerDate = "Mon, 23 Nov 2026 18:45:01 GMT";
const UtcTime kServerTime = parse_http_date(kServerDate).value();

/// One that is set while the machine goes on.
class SetClock final : public Clock {
 public:
  UtcTime now() override { return time; }
  seconds uptime() override { return up; }
  void sleep(std::chrono::milliseconds, std::stop_token) override {}

  UtcTime time = kServerTime;
  seconds up{1000};
};

class ServerClock : public ::testing::Test {
 protected:
  ServerClock() { fake_.has_object_lock = true; }

  std::unique_ptr<ObjectStore> store() {
    S3Options options;
    options.lock = ObjectLock{
        .mode = "GOVERNANCE", .retention = days(30), .covers = [](const ObjectKey&) { return true; }};
    auto store = std::make_unique<S3Store>(
        S3Services{.http = *parts_.http, .credentials = parts_.credentials, .clock = clock_},
        parse_s3_location("s3://bucket/p"), "us-east-1", Url::parse(server_.endpoint()), options,
        parts_.observer());
    store->find("hubkeep.json");  // as a vault does
    return store;
  }

  FakeS3 fake_;
  std::string date_ = kServerDate;
  Meddler server_{[this](const sim::HttpRequest& request) {
    sim::HttpResponse response = fake_.handle(request);
    if (!date_.empty()) response.headers.emplace_back("Date", date_);
    return response;
  }};
  SetClock clock_;
  S3Parts parts_;
};

TEST_F(ServerClock, GoesOnWhateverBecomesOfThisMachines) {
  S3Client client(*parts_.http, parts_.credentials, clock_,
                  {.endpoint = Url::parse(server_.endpoint()), .region = "us-east-1", .bucket = "bucket"}, {},
                  {});
  const auto before = client.server_time();
  client.send({.method = "GET", .key = "a", .action = "s3:GetObject", .expected = {404}}, {});

  clock_.time += days(3650);
  clock_.up += seconds(90);

  EXPECT_EQ(before, std::nullopt);
  EXPECT_EQ(client.server_time(), kServerTime + seconds(90));
}

TEST_F(ServerClock, IsTheOneThatLocks) {
  clock_.time = kServerTime + minutes(14);

  EXPECT_EQ(store()->lock_plan(clock_.time)->renew_before, kServerTime + days(15));
}

TEST_F(ServerClock, IsThisMachinesWhereItDoesNotTell) {
  date_ = "";

  EXPECT_EQ(store()->lock_plan(clock_.time)->renew_before, clock_.time + days(15));
}

TEST_F(ServerClock, LocksNothingWhereTheTwoDiffer) {
  for (const seconds off : {seconds(minutes(16)), -seconds(minutes(16)), seconds(days(3650))}) {
    clock_.time = kServerTime + off;
    const auto store = this->store();

    EXPECT_EQ(kind_of_error([&] { store->lock_plan(clock_.time); }), ErrorKind::invalid);
    EXPECT_THAT(message_of_error([&] { must_put(*store, "a", "1"); }),
                HasSubstr("nothing is locked by a wrong clock"));
    EXPECT_THAT(fake_.objects(), IsEmpty());
  }
}

}  // namespace
}  // namespace hubkeep
