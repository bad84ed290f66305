// Objects in archive classes, asked back from a server that has AWS's rules for it.
#include <gmock/gmock.h>

#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class S3Thaw : public ::testing::Test {
 protected:
  S3Thaw() {
    must_put(*store_, "a", "1");
    fake_.move_to_class("/bucket/p/a", "GLACIER");
  }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  S3Parts parts_;
  std::unique_ptr<ObjectStore> store_ = parts_.store(server_.endpoint(), "s3://bucket/p");
  const ThawRequest request_{.tier = ThawTier::standard, .days = std::chrono::days(5)};
};

TEST_F(S3Thaw, IsAskedForOnce) {
  EXPECT_EQ(store_->thaw("a", request_), Access::cold);
  EXPECT_EQ(store_->thaw("a", request_), Access::thawing);
  EXPECT_EQ(store_->find("a").value().access, Access::thawing);
  fake_.finish_restores();
  EXPECT_EQ(store_->thaw("a", request_), Access::at_once);

  EXPECT_THAT(fake_.restore_requests(),
              ElementsAre("<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>5</Days>"
                          "<GlacierJobParameters><Tier>Standard</Tier></GlacierJobParameters>"
                          "</RestoreRequest>"));
  EXPECT_EQ(get(*store_, "a"), "1");
}

TEST_F(S3Thaw, ThatAnotherOneAskedForMeanwhileIsOnItsWay) {
  server_.meddle("?restore=", refuse(409, "RestoreAlreadyInProgress"));

  EXPECT_EQ(store_->thaw("a", request_), Access::thawing);
}

TEST_F(S3Thaw, ThatIsRefusedIsAnError) {
  server_.meddle("?restore=", refuse(403, "AccessDenied"));

  EXPECT_EQ(kind_of_error([&] { store_->thaw("a", request_); }), ErrorKind::forbidden);
  EXPECT_EQ(kind_of_error([&] { store_->thaw("missing", request_); }), ErrorKind::not_found);
  EXPECT_THAT(fake_.restore_requests(), IsEmpty());
}

TEST_F(S3Thaw, HasNoDaysForWhatComesBackForGood) {
  fake_.move_to_class("/bucket/p/a", "INTELLIGENT_TIERING", "DEEP_ARCHIVE_ACCESS");

  EXPECT_EQ(store_->thaw("a", request_), Access::cold);
  EXPECT_EQ(store_->find("a").value().access, Access::thawing);
  fake_.finish_restores();

  EXPECT_EQ(store_->find("a").value().access, Access::at_once);
}

}  // namespace
}  // namespace hubkeep
