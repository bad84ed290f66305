// What every store promises, kept by buckets of servers that check signatures.
#include "base/text.h"
#include "s3/moto.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"
#include "s3/server_kinds.h"
#include "s3/swift.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

/// Where a real server is, and who may write there.
struct RealServer {
  std::string endpoint;
  Credentials credentials;
  bool keeps_conditions = true;
};

template <typename Server>
RealServer real_server() {
  return {.endpoint = Server::instance().endpoint(), .credentials = test_credentials()};
}

// Of several writers at once, each may find that its condition holds.
template <>
RealServer real_server<Swift>() {
  return {.endpoint = Swift::instance().endpoint(),
          .credentials = swift_credentials(),
          .keeps_conditions = false};
}

class S3Home final : public StoreHome {
 public:
  explicit S3Home(RealServer server) : server_(std::move(server)), bucket_("contract-" + random_hex(12)) {
    parts_.credentials.replace({server_.credentials});
    parts_.client(server_.endpoint, bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }

  std::unique_ptr<ObjectStore> open(OpenMode) override {
    return parts_.store(server_.endpoint, "s3://" + bucket_ + "/a prefix/with+signs=%");
  }
  std::size_t unfinished_size() const override { return std::size_t{12} << 20; }
  bool keeps_conditions() const override { return server_.keeps_conditions; }

 private:
  S3Parts parts_;
  const RealServer server_;
  const std::string bucket_;
};

template <typename Server>
std::unique_ptr<StoreHome> make_home() {
  return std::make_unique<S3Home>(real_server<Server>());
}

template <typename Server>
std::vector<MakeStoreHome> homes() {
  return Server::installed() ? std::vector<MakeStoreHome>{&make_home<Server>} : std::vector<MakeStoreHome>();
}

/// In a bucket of the scripted server, which lacks what the kind lacks.
class KindHome final : public StoreHome {
 public:
  explicit KindHome(const ServerKind& kind) : kind_(kind) {
    become(fake_, kind);
    fake_.checks_signatures = true;
    if (kind.has_object_lock)
      parts_.options.lock = {.mode = "GOVERNANCE",
                             .retention = std::chrono::days(1),
                             .covers = [](const auto&) { return true; }};
  }

  std::unique_ptr<ObjectStore> open(OpenMode) override {
    return parts_.store(server_.endpoint(), "s3://bucket/a prefix/with+signs=%&<");
  }
  std::size_t unfinished_size() const override { return std::size_t{12} << 20; }
  bool keeps_conditions() const override { return kind_.keeps_conditions(); }
  bool lists_unfinished() const override { return kind_.lists_uploads(); }

 private:
  const ServerKind& kind_;
  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
  S3Parts parts_;
};

std::vector<MakeStoreHome> kind_homes() {
  std::vector<MakeStoreHome> homes;
  for (const ServerKind& kind : server_kinds())
    homes.emplace_back([&kind] { return std::make_unique<KindHome>(kind); });
  return homes;
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreContract, ::testing::ValuesIn(kind_homes()),
                         [](const auto& home) { return server_kinds().at(home.index).name; });
INSTANTIATE_TEST_SUITE_P(S3, StoreContract, ::testing::ValuesIn(homes<Radosgw>()));
INSTANTIATE_TEST_SUITE_P(Moto, StoreContract, ::testing::ValuesIn(homes<Moto>()));

TEST(StoreContractOnS3, HasAServer) {
  if (!Radosgw::installed())
    GTEST_SKIP() << "radosgw is not installed: the store's contract was not tried on S3";
}
INSTANTIATE_TEST_SUITE_P(OnSwift, StoreContract, ::testing::ValuesIn(homes<Swift>()));

TEST(StoreContractOnS3, HasAServerWithoutChecksumsAndConditions) {
  if (!Swift::installed())
    GTEST_SKIP()
        << "Swift is not installed, or the folder for temporary files takes no attributes: the store's "
           "contract was not tried on a real server that lacks checksums and conditions";
}

TEST(StoreContractOnS3, HasAServerThatChecksChecksums) {
  if (!Moto::installed())
    GTEST_SKIP()
        << "python3 has no moto: the store's contract was not tried on a server that checks checksums";
}

}  // namespace
}  // namespace hubkeep
