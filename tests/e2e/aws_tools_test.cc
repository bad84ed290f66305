// AWS's own tools read what hubkeep wrote, and git reads what they give.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/crc32.h"
#include "crypto/hash.h"
#include "e2e/bucket_vault.h"
#include "s3/moto.h"
#include "sim/server_program.h"
#include "store/s3/s3_context.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kBoto3Reader = HUBKEEP_SOURCE_DIR "/tests/s3/boto3_reader.py";

struct Server {
  std::string name;
  bool (*installed)();
  std::string (*endpoint)();
  bool keeps_checksums;
};

const Server kRadosgw{"radosgw", &Radosgw::installed, [] { return Radosgw::instance().endpoint(); }, false};
const Server kMoto{"moto", &Moto::installed, [] { return Moto::instance().endpoint(); }, true};

void PrintTo(const Server& server, std::ostream* out) {
  *out << server.name;
}

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What a tool says of a bucket's objects, by their keys in the vault, and where it put them.
struct Seen {
  std::map<std::string, ByteCount> sizes;
  std::map<std::string, nlohmann::json> heads;  // as head-object gives them
  fs::path folder;
};

/// A vault with a small repository and one that was sent in parts, in a bucket of `server`.
class AwsVault : public BucketVault {
 protected:
  explicit AwsVault(Server server) : server_(std::move(server)) {}

  void SetUp() override {
    if (!server_.installed()) GTEST_SKIP() << server_.name << " is not installed";
    if (!sim::find_program("aws")) GTEST_SKIP() << "aws is not installed";
    parts_.client(endpoint(), bucket_).send({.method = "PUT", .action = "s3:CreateBucket"}, {});
    small_ = add_filled("small");
    large_ = add_filled("large", 2);
    push_file(large_, random_bytes(std::size_t{20} << 20, 1));
    const auto result = backup_to(endpoint());
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  std::string endpoint() const { return server_.endpoint(); }

  /// The output of a program with the bucket's keys and nobody's configuration.
  std::string run_with_keys(std::vector<std::string> argv) const {
    argv.insert(argv.begin(), {"env", "-u", "AWS_PROFILE", "-u", "AWS_DEFAULT_PROFILE"});
    return sim::run_checked(argv, {.cwd = scratch_.path(),
                                   .env = {{"AWS_ACCESS_KEY_ID", Radosgw::kAccessKey},
                                           {"AWS_SECRET_ACCESS_KEY", Radosgw::kSecretKey},
                                           {"AWS_SESSION_TOKEN", ""},
                                           {"AWS_DEFAULT_REGION", Moto::kRegion},
                                           {"AWS_REGION", Moto::kRegion},
                                           {"AWS_CONFIG_FILE", "/dev/null"},
                                           {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
                                           {"AWS_PAGER", ""},
                                           {"NO_PROXY", "127.0.0.1"},
                                           {"no_proxy", "127.0.0.1"}}})
        .out;
  }

  std::string aws(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"aws", "--endpoint-url", endpoint()});
    return run_with_keys(std::move(arguments));
  }

  /// "2026-11-23 18:45:01    1234 vault/README.txt"
  std::map<std::string, ByteCount> aws_list() const {
    std::map<std::string, ByteCount> sizes;
    std::istringstream lines(aws({"s3", "ls", "--recursive", location() + "/"}));
    std::string date;
    std::string time;
    std::string key;
    for (ByteCount size = 0; lines >> date >> time >> size >> key;)
      sizes.emplace(key.substr(std::string("vault/").size()), size);
    return sizes;
  }

  Seen see_by_aws() const {
    Seen seen{.sizes = aws_list(), .heads = {}, .folder = scratch_ / "by-aws"};
    aws({"s3", "cp", "--only-show-errors", "--recursive", location(), seen.folder.string()});
    for (const auto& [key, size] : seen.sizes) {
      if (key.find("/git/") == std::string::npos) continue;
      seen.heads.emplace(key, nlohmann::json::parse(aws({"s3api", "head-object", "--bucket", bucket_, "--key",
                                                         "vault/" + key, "--checksum-mode", "ENABLED"})));
    }
    return seen;
  }

  Seen see_by_boto3() const {
    Seen seen{.sizes = {}, .heads = {}, .folder = scratch_ / "by-boto3"};
    const auto objects = nlohmann::json::parse(
        run_with_keys({"python3", kBoto3Reader, endpoint(), bucket_, "vault/", seen.folder.string()}));
    for (const auto& [key, object] : objects.items()) {
      seen.sizes.emplace(key, object.at("size"));
      seen.heads.emplace(key, object.at("head"));
    }
    return seen;
  }

  /// By their keys in the vault, the records of all that the manifests in a copy of it name.
  static std::map<std::string, nlohmann::json> records_in(const fs::path& folder) {
    std::map<std::string, nlohmann::json> records;
    for (const auto& file : fs::recursive_directory_iterator(folder / "repos")) {
      if (file.path().parent_path().filename() != "snapshots") continue;
      const auto repository = fs::relative(file.path().parent_path().parent_path(), folder).string() + "/";
      const auto git =
          nlohmann::json::parse(sim::run_checked({"zstd", "-dcq", file.path()}).out).at("parts").at("git");
      for (const auto* kind : {"bundles", "refs"})
        for (const auto& record : git.at(kind))
          records.emplace(repository + record.at("key").get<std::string>(), record);
    }
    return records;
  }

  void expect_as_recorded(const Seen& seen) const {
    const auto records = records_in(seen.folder);
    EXPECT_EQ(records.size(), 4U);
    for (const auto& [key, record] : records) {
      SCOPED_TRACE(key);
      const std::string bytes = content_of(seen.folder / key);
      const auto& head = seen.heads.at(key);

      EXPECT_EQ(seen.sizes.at(key), record.at("size").get<ByteCount>());
      EXPECT_EQ(head.at("ContentLength").get<ByteCount>(), record.at("size").get<ByteCount>());
      EXPECT_EQ(sha256_hex(bytes), record.at("sha256").get<std::string>());
      EXPECT_EQ(fmt::format("{:08x}", crc32_of(bytes)), record.at("crc32").get<std::string>());
      if (server_.keeps_checksums) {
        EXPECT_EQ(head.value("ChecksumCRC32", ""), checksum_value(crc32_of(bytes)));
        EXPECT_EQ(head.value("ChecksumType", ""), "FULL_OBJECT");
      }
    }
  }

  /// The key of the large repository's base.
  static std::string large_bundle_in(const fs::path& folder) {
    for (const auto& [key, record] : records_in(folder))
      if (key.find("/large.") != std::string::npos && key.ends_with(".bundle")) return key;
    ADD_FAILURE() << "no bundle in " << folder;
    return {};
  }

  void expect_to_be_cloned(const fs::path& large_bundle) {
    const fs::path clone = scratch_ / "clone.git";
    sim::git(path_of(small_), {"bundle", "verify", "--quiet", large_bundle});  // it has none of its objects
    sim::run_checked({"git", "clone", "--quiet", "--mirror", large_bundle, clone});
    EXPECT_EQ(state_of(clone), state_of(path_of(large_)));
  }

  const Server server_;
  sim::RepositoryId small_ = 0;
  sim::RepositoryId large_ = 0;
};

class AwsTools : public AwsVault, public ::testing::WithParamInterface<Server> {
 protected:
  AwsTools() : AwsVault(GetParam()) {}
};

TEST_P(AwsTools, ReadWhatWasWritten) {
  const Seen seen = see_by_aws();

  expect_as_recorded(seen);
  EXPECT_EQ(seen.heads.size(), 6U);  // no bundle that no manifest names
  EXPECT_THAT(seen.heads.at(large_bundle_in(seen.folder)).at("ETag"),
              HasSubstr("-"));  // it was sent in parts
  const auto verified = hubkeep({"verify", "--read-data", "--from", seen.folder.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  expect_to_be_cloned(seen.folder / large_bundle_in(seen.folder));
}

TEST_P(AwsTools, ReadByBoto3WhatWasWritten) {
  if (sim::run({"python3", "-c", "import boto3"}).exit_code != 0) GTEST_SKIP() << "python3 has no boto3";

  const Seen seen = see_by_boto3();

  expect_as_recorded(seen);
  EXPECT_EQ(seen.sizes, aws_list());
}

INSTANTIATE_TEST_SUITE_P(On, AwsTools, ::testing::Values(kRadosgw, kMoto),
                         [](const auto& server) { return server.param.name; });

class ChecksummedVault : public AwsVault {
 protected:
  ChecksummedVault() : AwsVault(kMoto) {}

  sim::RunResult verify() { return hubkeep({"verify", "--from", location()}, environment(endpoint())); }
};

TEST_F(ChecksummedVault, IsVerifiedWithoutReadingAnything) {
  const auto whole = verify();
  std::string key;
  for (const auto& [listed, size] : aws_list())
    if (listed.find("/small.") != std::string::npos && listed.ends_with(".bundle")) key = listed;
  const fs::path file = scratch_ / "changed";
  aws({"s3", "cp", "--only-show-errors", location() + "/" + key, file.string()});
  std::string bytes = content_of(file);
  bytes.at(bytes.size() / 2) ^= 1;
  std::ofstream(file, std::ios::binary) << bytes;
  aws({"s3", "cp", "--only-show-errors", file.string(), location() + "/" + key});
  const auto changed = verify();

  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(changed.exit_code, 3);
  EXPECT_THAT(changed.err, AllOf(HasSubstr("octo/small: DAMAGED"), HasSubstr(key + " has the CRC-32")));
  EXPECT_THAT(changed.out, HasSubstr("0 objects, 0 B, were read"));
}

}  // namespace
}  // namespace hubkeep
