#include "sim/media_host.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/media_content.h"
#include "sim/sim_fixture.h"

namespace hubkeep::sim {

namespace {

std::string read_all(const BodySource& source) {
  std::string out;
  for (std::string piece = source(); !piece.empty(); piece = source()) out += piece;
  return out;
}

class MediaHostTest : public SimTest {
 protected:
  MediaHostTest() {
    auto give = [this](const HttpRequest& request) { return content_response(request, content); };
    github.media_host().serve("/signed/", MediaAccess::signed_address, give);
    github.media_host().serve("/open/", MediaAccess::anyone, give);
  }

  ClientResponse get_range(const std::string& range) {
    return http_get(github.media_host().address("/open/x"), {{"Range", range}});
  }

  MediaContent content = content_of("0123456789");
};

}  // namespace

TEST_F(MediaHostTest, IsAnotherOriginThatGivesContentToASignedAddress) {
  const std::string address = github.media_host().signed_address("/signed/x");

  ClientResponse response = http_get(address);

  EXPECT_FALSE(address.starts_with(github.origin() + "/")) << address;
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "0123456789");
  EXPECT_EQ(response.header("Content-Length"), "10");
  ASSERT_EQ(github.count(RequestKind::media), 1U);
  EXPECT_EQ(github.log().back().response_bytes, 10U);
  EXPECT_EQ(github.log().back().status, 200);
  EXPECT_EQ(github.media_host().tokens_seen(), 0U);
}

TEST_F(MediaHostTest, RefusesATokenEvenWithASignature) {
  const std::string address = github.media_host().signed_address("/signed/x");

  const int bearer = http_get(address, {{"Authorization", "Bearer " + token}}).status;
  const int basic = http_get(address, {{"Authorization", "Basic eDp5"}}).status;
  const int open =
      http_get(github.media_host().address("/open/x"), {{"Authorization", "token " + token}}).status;
  const int other = http_get(address, {{"Authorization", "RemoteAuth abc"}}).status;

  EXPECT_EQ(bearer, 400);
  EXPECT_EQ(basic, 400);
  EXPECT_EQ(open, 400);
  EXPECT_EQ(other, 200);
  EXPECT_EQ(github.media_host().tokens_seen(), 3U);
}

TEST_F(MediaHostTest, RefusesAnAddressThatIsNotSignedForThatPath) {
  std::string address = github.media_host().signed_address("/signed/x");

  const int bare = http_get(github.media_host().address("/signed/x")).status;
  const int invented = http_get(github.media_host().address("/signed/x?X-Amz-Signature=00")).status;
  const int other_path = http_get(address.replace(address.find("/x?"), 2, "/y")).status;

  EXPECT_EQ(bare, 403);
  EXPECT_EQ(invented, 403);
  EXPECT_EQ(other_path, 403);
  EXPECT_EQ(http_get(github.media_host().address("/open/x")).status, 200);
  EXPECT_EQ(http_get(github.media_host().address("/nowhere")).status, 404);
}

TEST_F(MediaHostTest, AddressesExpireByTheWorldsClockAndByUse) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  const std::string by_time = github.media_host().signed_address("/signed/x", {std::chrono::minutes(5), {}});
  const std::string by_use = github.media_host().signed_address("/signed/x", {std::chrono::hours(1), 1});

  const int in_time = http_get(by_time).status;
  const int first_use = http_get(by_use).status;
  ClientResponse second_use = http_get(by_use);
  world.advance(std::chrono::minutes(5));

  EXPECT_EQ(in_time, 200);
  EXPECT_EQ(first_use, 200);
  EXPECT_EQ(second_use.status, 403);
  EXPECT_NE(second_use.body.find("Request has expired"), std::string::npos) << second_use.body;
  EXPECT_EQ(http_get(by_time).status, 403);
}

TEST_F(MediaHostTest, GivesRanges) {
  const ClientResponse middle = get_range("bytes=2-4");
  const ClientResponse tail = get_range("bytes=7-");
  const ClientResponse last = get_range("bytes=-2");
  const ClientResponse beyond = get_range("bytes=10-");

  EXPECT_EQ(middle.status, 206);
  EXPECT_EQ(middle.body, "234");
  EXPECT_EQ(middle.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(middle.header("Content-Length"), "3");
  EXPECT_EQ(tail.body, "789");
  EXPECT_EQ(last.body, "89");
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.header("Content-Range"), "bytes */10");
}

TEST_F(MediaHostTest, TakesFaultsAndBreaksABodyOfKnownLength) {
  github.faults().add({.kind = RequestKind::media}, CutAfter{4});
  github.faults().add({.kind = RequestKind::media}, EndAfter{4}, 1, 1);

  const ClientResponse broken = http_get(github.media_host().address("/open/x"));
  const ClientResponse ended = http_get(github.media_host().address("/open/x"));

  EXPECT_EQ(broken.status, 0);
  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(ended.body, "0123");
}

TEST_F(MediaHostTest, KeepsItsPortOverARestart) {
  const std::string address = github.media_host().signed_address("/signed/x");

  github.stop();
  const int stopped = http_get(address).status;
  github.start();

  EXPECT_EQ(stopped, 0);
  EXPECT_EQ(http_get(address).status, 200);
}

TEST(MediaContentTest, RepeatsAPatternFromAnyOffset) {
  const MediaContent content = repeating_content("abc", 1'000'001);

  const std::string whole = read_all(content.read(0, content.size));
  const std::string part = read_all(content.read(999'998, 3));

  EXPECT_EQ(whole.size(), 1'000'001U);
  EXPECT_EQ(part, whole.substr(999'998));
  EXPECT_EQ(sha256_of(content), sha256_of(content_of(whole)));
  EXPECT_EQ(sha256_of(content_of("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace hubkeep::sim
