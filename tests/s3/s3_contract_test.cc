// What every store promises, kept by buckets of servers that check signatures.
#include "base/text.h"
#include "s3/moto.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

class S3Home final : public StoreHome {
 public:
  explicit S3Home(std::string endpoint)
      : endpoint_(std::move(endpoint)), bucket_("contract-" + random_hex(12)) {
    parts_.client(endpoint_, bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }

  std::unique_ptr<ObjectStore> open(OpenMode) override {
    return parts_.store(endpoint_, "s3://" + bucket_ + "/a prefix/with+signs=%");
  }
  std::size_t unfinished_size() const override { return std::size_t{12} << 20; }

 private:
  S3Parts parts_;
  const std::string endpoint_;
  const std::string bucket_;
};

template <typename Server>
std::unique_ptr<StoreHome> make_home() {
  return std::make_unique<S3Home>(Server::instance().endpoint());
}

template <typename Server>
std::vector<MakeStoreHome> homes() {
  return Server::installed() ? std::vector<MakeStoreHome>{&make_home<Server>} : std::vector<MakeStoreHome>();
}

INSTANTIATE_TEST_SUITE_P(S3, StoreContract, ::testing::ValuesIn(homes<Radosgw>()));
INSTANTIATE_TEST_SUITE_P(Moto, StoreContract, ::testing::ValuesIn(homes<Moto>()));

TEST(StoreContractOnS3, HasAServer) {
  if (!Radosgw::installed())
    GTEST_SKIP() << "radosgw is not installed: the store's contract was not tried on S3";
}

TEST(StoreContractOnS3, HasAServerThatChecksChecksums) {
  if (!Moto::installed())
    GTEST_SKIP()
        << "python3 has no moto: the store's contract was not tried on a server that checks checksums";
}

}  // namespace
}  // namespace hubkeep
