// hubkeep backup --zip into a bucket: on a server that does what AWS does, and on a real one.

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "crypto/hash.h"
#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "store/s3/s3_head.h"

namespace hubkeep {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::size_t kSomeParts = std::size_t{12} << 20;
constexpr int kAlways = 1000;

class ZipBucket : public BucketVault {
 protected:
  sim::RunResult backup_zips(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), "--zip");
    return backup_to(server_.endpoint(), std::move(arguments));
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", location()});
    return hubkeep(std::move(arguments), environment(server_.endpoint()));
  }
  std::vector<std::string> paths(const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& [path, unused] : fake_.objects())
      if (path.ends_with(ending) && path.find("/zip/") != std::string::npos) found.push_back(path);
    return found;
  }
  json named() const { return json::parse(fake_.objects().at(paths("metadata.json").at(0))).at("zips"); }
  std::string named_day() const {
    const std::string path = paths("metadata.json").at(0);
    return path.substr(path.find("/zip/") + 5, std::string("2026-11-23").size());
  }
  const std::string put_of_a_days_ = "PUT /" + bucket_ + "/vault/zip/";
  std::size_t asked_for_zips() { return github_.request_log().count_path("/zipball/"); }

  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(ZipBucket, HoldsListsAndVerifiesZipsBesideTheHistory) {
  const auto id = add_filled("site");

  const auto result = backup_zips();
  const auto listed = hubkeep({"list", "--json", "--from", location()}, environment(server_.endpoint()));
  const auto verified = verify({"--read-data"});
  const auto restored = restore_from(server_.endpoint(), "octo/site");

  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_THAT(paths(".zip"), SizeIs(1));
  EXPECT_EQ(named().at(0).at("sha256"), sha256_hex(fake_.objects().at(paths(".zip").at(0))));
  EXPECT_THAT(paths(".zip").at(0), HasSubstr(named().at(0).at("key").get<std::string>()));
  EXPECT_THAT(listed.out, HasSubstr(named().at(0).at("key").get<std::string>().substr(1)));
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, AllOf(HasSubstr("1 zip"), HasSubstr("1 were read")));
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_EQ(state_of(restored_folder()), state_of(path_of(id)));
}

TEST_F(ZipBucket, NamesWhatTwoRunsAddAtTheSameTime) {
  add_filled("site");
  add_filled("tools", 2);
  std::optional<sim::RunResult> other;
  server_.meddle(
      put_of_a_days_,
      [&](const sim::HttpRequest& request, const S3Backend& backend) {
        if (request.path.ends_with("metadata.json") && !other) {
          other.emplace();
          other = backup_zips({"--include", "octo/tools"});
        }
        return backend(request);
      },
      kAlways);

  const auto result = backup_zips({"--include", "octo/site"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->exit_code, 0) << other->err;
  ASSERT_THAT(named(), SizeIs(2));
  EXPECT_EQ(named().at(0).at("name"), "site");
  EXPECT_EQ(named().at(1).at("name"), "tools");
}

TEST_F(ZipBucket, TakesLostAnswersForWhatTheyWere) {
  add_filled("site");
  std::set<std::string> lost;
  server_.meddle(
      put_of_a_days_,
      [&](const sim::HttpRequest& request, const S3Backend& backend) {
        auto answer = backend(request);
        return lost.insert(request.path).second ? sim::HttpResponse{.close_connection = true} : answer;
      },
      kAlways);

  const auto result = backup_zips();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(lost, SizeIs(2));
  EXPECT_THAT(named(), SizeIs(1));
  EXPECT_EQ(asked_for_zips(), 1U);
}

TEST_F(ZipBucket, KeepsTheZipsButNotWhatNamesThemInTheStorageClass) {
  add_filled("site");

  ASSERT_EQ(backup_zips({"--storage-class", "GLACIER"}).exit_code, 0);
  const auto verified = verify({"--read-data"});

  const auto class_of = [&](const std::string& path) {
    return sim::header_value(fake_.headers_of(path), "x-amz-storage-class");
  };
  EXPECT_EQ(class_of(paths(".zip").at(0)), "GLACIER");
  EXPECT_EQ(class_of(paths("metadata.json").at(0)), "");
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("1 are in an archive class and cannot be read now"));
}

TEST_F(ZipBucket, VerifiesAndCopiesWhatElseIsThereWhenADaysNamesAreInAnArchiveClass) {
  add_filled("site");
  ASSERT_EQ(backup_zips().exit_code, 0);
  for (const auto& path : {paths("metadata.json").at(0), paths(".zip").at(0)})
    fake_.move_to_class(path, "GLACIER");

  const auto verified = verify({"--read-data"});
  const auto copied =
      hubkeep({"copy", location(), (scratch_ / "copy").string()}, environment(server_.endpoint()));

  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out,
              AllOf(HasSubstr("1 zip"), HasSubstr("1 are in an archive class and cannot be read"),
                    HasSubstr("metadata.json of 1 days is in an archive class")));
  EXPECT_EQ(copied.exit_code, 3);
  EXPECT_THAT(copied.out, HasSubstr("the zips of " + named_day() + " are left out: "));
  EXPECT_EQ(hubkeep({"verify", "--from", (scratch_ / "copy").string()}).exit_code, 0);
}

TEST_F(ZipBucket, IsCopiedWholeAlsoWhereWhatNamesItIsInAnArchiveClass) {
  add_filled("site");
  ASSERT_EQ(backup_zips().exit_code, 0);
  const auto copy = [&] {
    return hubkeep({"copy", location(), "s3://" + bucket_ + "/copy"}, environment(server_.endpoint()));
  };
  ASSERT_EQ(copy().exit_code, 0);
  const auto there = [&](const std::string& ending) {
    const auto all = paths(ending);
    return *std::find_if(all.begin(), all.end(),
                         [](const auto& path) { return path.find("/copy/zip/") != path.npos; });
  };
  fake_.move_to_class(there("metadata.json"), "GLACIER");

  const auto again = copy();
  parts_.client(server_.endpoint(), bucket_)
      .send(
          {.method = "DELETE", .key = there(".zip").substr(bucket_.size() + 2), .action = "s3:DeleteObject"},
          {});
  const auto incomplete = copy();

  EXPECT_EQ(again.exit_code, 0) << again.out;
  EXPECT_EQ(incomplete.exit_code, 3);
  EXPECT_THAT(incomplete.out, HasSubstr("the zips of " + named_day() + " are left out: "));
}

TEST_F(ZipBucket, SaysOfAZipThatNobodyNamedAndNobodyCanReadWhenThereWillBeAnother) {
  add_filled("site");
  server_.meddle(
      put_of_a_days_,
      [&](const sim::HttpRequest& request, const S3Backend& backend) {
        return request.path.ends_with("metadata.json") ? s3_error(403, "AccessDenied") : backend(request);
      },
      kAlways);
  ASSERT_EQ(backup_zips({"--storage-class", "GLACIER"}).exit_code, 3);

  const auto next = backup_zips({"--storage-class", "GLACIER"});

  EXPECT_EQ(next.exit_code, 1);
  EXPECT_THAT(next.err,
              AllOf(HasSubstr("octo/site: failed: zip: "), HasSubstr("The run of another day makes a new")));
}

TEST_F(ZipBucket, LocksTheZipsAndAddsToWhatNamesThem) {
  fake_.has_object_lock = true;
  add_filled("site");
  add_filled("tools", 2);

  for (const char* name : {"octo/site", "octo/tools"}) {
    const auto result =
        backup_zips({"--include", name, "--object-lock", "compliance", "--retain-days", "30"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  for (const auto& path : paths(".zip")) {
    EXPECT_EQ(fake_.lock_of(path).mode, "COMPLIANCE");
    EXPECT_GE(fake_.lock_of(path).until, SystemClock().now() + std::chrono::days(29));
  }
  EXPECT_EQ(fake_.lock_of(paths("metadata.json").at(0)).mode, "");
  EXPECT_THAT(named(), SizeIs(2));
}

TEST_F(ZipBucket, HoldsNothingOfAZipWhoseUploadWasCut) {
  const auto id = add_filled("site");
  push_file(id, random_bytes(kSomeParts, 1));
  server_.meddle(".zip?partNumber=2", cut(), kAlways);

  const auto result = backup_zips({"--retries", "0"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed: zip: "), Not(HasSubstr("trying again"))));
  EXPECT_THAT(paths(".zip"), IsEmpty());
  EXPECT_THAT(paths("metadata.json"), IsEmpty());
  EXPECT_EQ(fake_.uploads(), 0U);
}

TEST_F(ZipBucket, GetsAZipAgainAfterACutWhereItMayRetry) {
  const auto id = add_filled("site");
  push_file(id, random_bytes(kSomeParts, 1));
  server_.meddle(".zip?partNumber=2", cut());

  const auto result = backup_zips();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(named().at(0).at("size"), fake_.objects().at(paths(".zip").at(0)).size());
  EXPECT_EQ(fake_.uploads(), 0U);
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
}

TEST_F(ZipBucket, NamesInTheNextRunWhatItCouldNotName) {
  add_filled("site");
  std::atomic<bool> is_refused = true;
  server_.meddle(
      put_of_a_days_,
      [&](const sim::HttpRequest& request, const S3Backend& backend) {
        return is_refused && request.path.ends_with("metadata.json") ? s3_error(403, "AccessDenied")
                                                                     : backend(request);
      },
      kAlways);

  const auto refused = backup_zips();
  const auto nothing_named = paths("metadata.json");
  is_refused = false;
  const auto next = backup_zips();

  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.out, HasSubstr("s3:PutObject"));
  EXPECT_EQ(refused.err.rfind("note: "), refused.err.find("note: made a new vault"));
  EXPECT_THAT(nothing_named, IsEmpty());
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_THAT(named(), SizeIs(1));
  EXPECT_EQ(asked_for_zips(), 1U);
}

TEST_F(ZipBucket, TellsALostZipFromThoseThatHaveExpired) {
  add_filled("site");
  add_filled("tools", 2);
  ASSERT_EQ(backup_zips().exit_code, 0);
  const auto remove = [&](const std::string& path) {
    parts_.client(server_.endpoint(), bucket_)
        .send({.method = "DELETE", .key = path.substr(bucket_.size() + 2), .action = "s3:DeleteObject"}, {});
  };
  const auto zips = paths(".zip");

  remove(zips.at(0));
  const auto lost = verify();
  remove(zips.at(1));
  const auto expired = verify();

  EXPECT_EQ(lost.exit_code, 3);
  EXPECT_THAT(lost.out, HasSubstr("is missing"));
  EXPECT_EQ(expired.exit_code, 0) << expired.out;
  EXPECT_THAT(expired.out, HasSubstr("2 more have expired"));
}

class ZipInLockedBucket : public BucketVault {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    parts_.client(endpoint(), bucket_)
        .send({.method = "PUT",
               .headers = {{"x-amz-bucket-object-lock-enabled", "true"}},
               .action = "s3:CreateBucket"},
              {});
  }
  static std::string endpoint() { return Radosgw::instance().endpoint(); }
  std::map<std::string, S3Head> zip_heads() {
    std::map<std::string, S3Head> heads;
    auto client = parts_.client(endpoint(), bucket_);
    parts_.store(endpoint(), location())->list("zip/", "", [&](const ObjectInfo& object) {
      heads.emplace(object.key, head_object(client, "vault/" + object.key).value());
      return true;
    });
    return heads;
  }
};

TEST_F(ZipInLockedBucket, IsLockedWholeAndNamedWithThoseOfTheRunsBefore) {
  const auto large = add_filled("large");
  push_file(large, random_bytes(kSomeParts, 1));
  add_filled("small", 2);

  for (const char* name : {"octo/large", "octo/small"}) {
    const auto result = backup_to(
        endpoint(), {"--zip", "--include", name, "--object-lock", "governance", "--retain-days", "30"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const auto verified = hubkeep({"verify", "--read-data", "--from", location()}, environment(endpoint()));

  const auto heads = zip_heads();
  ASSERT_THAT(heads, SizeIs(3));
  for (const auto& [key, head] : heads)
    EXPECT_EQ(head.lock_mode, key.ends_with(".zip") ? "GOVERNANCE" : "") << key;
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("2 zips"));
}

}  // namespace
}  // namespace hubkeep
