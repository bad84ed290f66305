// What every store promises, kept by a bucket of a real server that checks signatures.
#include "base/text.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

class S3Home final : public StoreHome {
 public:
  S3Home() : bucket_("contract-" + random_hex(12)) {
    parts_.client(endpoint(), bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }

  std::unique_ptr<ObjectStore> open(OpenMode) override {
    return parts_.store(endpoint(), "s3://" + bucket_ + "/a prefix/with+signs=%");
  }
  std::size_t unfinished_size() const override { return std::size_t{12} << 20; }

 private:
  static std::string endpoint() { return Radosgw::instance().endpoint(); }

  S3Parts parts_;
  const std::string bucket_;
};

std::unique_ptr<StoreHome> make_s3_home() {
  return std::make_unique<S3Home>();
}

std::vector<MakeStoreHome> homes() {
  return Radosgw::installed() ? std::vector<MakeStoreHome>{&make_s3_home} : std::vector<MakeStoreHome>();
}

INSTANTIATE_TEST_SUITE_P(S3, StoreContract, ::testing::ValuesIn(homes()));

TEST(StoreContractOnS3, HasAServer) {
  if (!Radosgw::installed())
    GTEST_SKIP() << "radosgw is not installed: the store's contract was not tried on S3";
}

}  // namespace
}  // namespace hubkeep
