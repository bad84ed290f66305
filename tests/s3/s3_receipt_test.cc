// A server that says 200 and has not stored what was sent, for each kind of answer that servers give to a
// write; and what looking at it costs.
#include <gmock/gmock.h>

#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kBytes(std::size_t{12} << 20, 'x');  // three parts

class Receipts : public ::testing::TestWithParam<FakeS3::Receipts> {
 protected:
  Receipts() {
    fake_.receipts = GetParam();
    parts_.options.retries.max_attempts = 3;
    store_ = parts_.store(server_.endpoint(), "s3://bucket/p");
  }
  bool is_there(const std::string& key, const std::string& bytes) const {
    const auto objects = fake_.objects();
    const auto found = objects.find("/bucket/p/" + key);
    return found != objects.end() && found->second == bytes;
  }
  /// Whether an answer says of which bytes it is; where not, only their number can be asked for.
  static bool is_told() {
    return GetParam() == FakeS3::Receipts::checksum || GetParam() == FakeS3::Receipts::md5;
  }
  /// Says what S3 says, and stores nothing.
  S3Fault forget() {
    return [this](const sim::HttpRequest& request, const S3Backend&) {
      FakeS3 other;
      other.receipts = fake_.receipts;
      auto answer =
          replace_body("other bytes")(request, [&](const sim::HttpRequest& r) { return other.handle(r); });
      return answer;
    };
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  S3Parts parts_;
  std::unique_ptr<ObjectStore> store_;
};

TEST_P(Receipts, WhatIsStoredAsItWasSentIsASuccess) {
  EXPECT_EQ(put(*store_, "a", "123", Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(put(*store_, "b", kBytes, Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(put(*store_, "a", "456", Precondition::unchanged(store_->read_versioned("a", {}).version)),
            CommitResult::committed);

  EXPECT_TRUE(is_there("a", "456"));
  EXPECT_TRUE(is_there("b", kBytes));
  EXPECT_EQ(parts_.clock.slept, 0);
}

TEST_P(Receipts, WhatIsNotStoredOnceIsSentAgain) {
  server_.meddle("PUT /bucket/p/a", forget());

  EXPECT_EQ(put(*store_, "a", "123", Precondition::absent()), CommitResult::committed);

  EXPECT_TRUE(is_there("a", "123"));
}

TEST_P(Receipts, WhatIsNeverStoredIsAnError) {
  server_.meddle("PUT /bucket/p/a", forget(), 1000);

  const auto write = [&] { must_put(*store_, "a", "123", Precondition::absent()); };

  EXPECT_EQ(kind_of_error(write), ErrorKind::transient);
  EXPECT_THAT(message_of_error(write), HasSubstr("s3:PutObject on arn:aws:s3:::bucket/p/a"));
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

TEST_P(Receipts, OtherBytesUnderTheKeyAreNoSuccess) {
  const bool only_size_is_known = GetParam() == FakeS3::Receipts::opaque;
  server_.meddle("PUT /bucket/p/a", replace_body(only_size_is_known ? "12" : "124"), 1000);

  EXPECT_NE(put(*store_, "a", "123", Precondition::absent()), CommitResult::committed);
  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", "123"); }), ErrorKind::transient);
}

TEST_P(Receipts, APartOfOtherBytesIsNoSuccess) {
  // Large enough to be a part: else it is refused for its size.
  server_.meddle("partNumber=2", replace_body(std::string(std::size_t{5} << 20, 'y')), 1000);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", kBytes, Precondition::absent()); }),
            ErrorKind::transient);
}

TEST_P(Receipts, ACompletionThatHasDoneNothingIsNoSuccess) {
  server_.meddle(
      "POST /bucket/p/a?uploadId",
      [](const sim::HttpRequest&, const S3Backend&) {
        return sim::HttpResponse{
            .status = 200,
            .body =
                "<CompleteMultipartUploadResult><ETag>\"35f9e794323b453885f5181f1b624d0b-3\""
                "</ETag></CompleteMultipartUploadResult>"};
      },
      1000);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", kBytes, Precondition::absent()); }),
            ErrorKind::transient);
  EXPECT_THAT(fake_.objects(), IsEmpty());
}

// A first write shows what the ETags are; those after it cost one request each, and one HEAD where the
// server's answer says nothing of the content.
TEST_P(Receipts, CostARequestOnlyWhereTheServerSaysNothing) {
  must_put(*store_, "first", "123");
  const auto before = server_.requests().size();
  for (const char* key : {"a", "b", "c"}) must_put(*store_, key, "123");
  const auto small = server_.requests().size() - before;
  must_put(*store_, "large", kBytes);
  const auto large = server_.requests().size() - before - small;

  EXPECT_EQ(small, is_told() ? 3U : 6U);
  EXPECT_EQ(large, is_told() ? 5U : 6U);  // begun, three parts, completed
  EXPECT_THAT(server_.requests("GET"), SizeIs(GetParam() == FakeS3::Receipts::like_md5 ? 1 : 0));
}

TEST_P(Receipts, OfALargeObjectThatIsTheFirstAreReadBackIfTheyLookWrong) {
  must_put(*store_, "large", kBytes, Precondition::absent());
  must_put(*store_, "second", kBytes, Precondition::absent());

  EXPECT_THAT(server_.requests("GET"), SizeIs(GetParam() == FakeS3::Receipts::like_md5 ? 1 : 0));
}

// The second completion is told that there is no such upload, as after an answer that was lost.
TEST_P(Receipts, AWholeThatIsDisprovedIsNotThereWhenItIsCompletedAgain) {
  fake_.extensions = {.composite_only = Lack::not_implemented, .opaque_parts = true};
  if (!is_told()) return;  // whether there are as many bytes is all that can be asked for
  server_.meddle("partNumber=2", replace_body(std::string(std::size_t{5} << 20, 'y')), 1000);

  EXPECT_EQ(kind_of_error([&] { must_put(*store_, "a", kBytes, Precondition::absent()); }),
            ErrorKind::transient);
}

TEST_P(Receipts, AWholeWhoseAnswerIsLostIsFoundByItsBytes) {
  fake_.extensions = {.composite_only = Lack::not_implemented, .opaque_parts = true, .opaque_wholes = true};
  server_.meddle("POST /bucket/p/a?uploadId", lose_answer());

  EXPECT_EQ(put(*store_, "a", kBytes, Precondition::absent()), CommitResult::committed);

  EXPECT_THAT(server_.requests("GET /bucket/p/a?"), SizeIs(1));
}

// Another run has put it while our completion was on its way: its bytes are not ours, though as many.
TEST_P(Receipts, AnotherWholeIsNotTakenForOurs) {
  server_.meddle("POST /bucket/p/a?uploadId", [this](const sim::HttpRequest&, const S3Backend&) {
    must_put(*parts_.store(server_.endpoint(), "s3://bucket/p"), "a", std::string(kBytes.size(), 'y'));
    return sim::HttpResponse{.close_connection = true};
  });

  EXPECT_EQ(put(*store_, "a", kBytes, Precondition::absent()), CommitResult::precondition_failed);
}

INSTANTIATE_TEST_SUITE_P(Servers, Receipts,
                         ::testing::Values(FakeS3::Receipts::checksum, FakeS3::Receipts::md5,
                                           FakeS3::Receipts::like_md5, FakeS3::Receipts::opaque));

}  // namespace
}  // namespace hubkeep
