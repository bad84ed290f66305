// How many requests a repository costs in a bucket: what docs/costs.md reckons with.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "e2e/bucket_vault.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"

namespace hubkeep {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Counts = std::map<std::string, int>;

Counts operator-(Counts counts, const Counts& other) {
  for (const auto& [kind, count] : other) counts[kind] -= count;
  std::erase_if(counts, [](const auto& each) { return each.second == 0; });
  return counts;
}

class RequestCount : public BucketVault {
 protected:
  void SetUp() override {
    if (!Radosgw::installed()) GTEST_SKIP() << "radosgw is not installed";
    parts_.client(Radosgw::instance().endpoint(), bucket_)
        .send({.method = "PUT", .action = "s3:CreateBucket"}, {});
  }

  // What one run asks of S3, as S3 bills it; but not what it tries again because the server was too slow, nor
  // the HEAD by which it then looks whether the first try had come through.
  Counts run() { return run_into(location(), {}); }

  Counts run_into(const std::string& vault, const std::vector<std::string>& repositories) {
    const Meddler way(forward_to(Radosgw::instance().endpoint()));
    std::vector<std::string> arguments = {"backup", "--api-url", github_.api_url(), "--to", vault};
    for (const std::string& name : repositories) arguments.insert(arguments.end(), {"--repo", name});
    const auto result = hubkeep(std::move(arguments), environment(way.endpoint()));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    Counts counts;
    std::set<std::string> seen;
    for (const std::string& request : way.requests()) {
      const bool lists = request.find("list-type=2") != std::string::npos;
      if (request.starts_with("HEAD") || (!lists && !seen.insert(request).second)) continue;
      ++counts[lists ? "LIST" : request.substr(0, request.find(' '))];
    }
    return counts;
  }
};

TEST_F(RequestCount, OfANewAndOfAChangedRepository) {
  // What a run itself costs falls out of the difference between one repository and two.
  add_filled("first");
  run();
  std::vector ids = {add_filled("a")};
  const Counts one_new = run();
  ids.push_back(add_filled("b"));
  ids.push_back(add_filled("c"));
  const Counts two_new = run();
  push_file(ids[0], "changed");
  const Counts one_changed = run();
  push_file(ids[1], "changed");
  push_file(ids[2], "changed");
  const Counts two_changed = run();

  EXPECT_THAT(two_new - one_new, UnorderedElementsAre(Pair("PUT", 4), Pair("LIST", 1)));
  EXPECT_THAT(two_changed - one_changed,
              UnorderedElementsAre(Pair("PUT", 4), Pair("LIST", 2), Pair("GET", 3)));
}

TEST_F(RequestCount, OfARepositoryInTheFirstRun) {
  for (const char* name : {"a", "b", "c"}) add_filled(name);
  const std::string bucket = "s3://" + bucket_;

  const Counts one = run_into(bucket + "/one", {"octo/a"});
  const Counts three = run_into(bucket + "/three", {"octo/a", "octo/b", "octo/c"});

  EXPECT_THAT(three - one, UnorderedElementsAre(Pair("PUT", 8), Pair("LIST", 2)));
}

class VerifyRequestCount : public BucketVault {
 protected:
  std::vector<std::string> requests_of_verify(std::size_t unnamed) {
    const Meddler way(backend_);
    const auto result = hubkeep({"verify", "--json", "--from", location()}, environment(way.endpoint()));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(nlohmann::json::parse(result.out).at("repositories").at(0).at("unnamed").size(), unnamed);
    auto requests = way.requests();
    std::sort(requests.begin(), requests.end());
    return requests;
  }

  FakeS3 fake_;
  S3Backend backend_ = [this](const sim::HttpRequest& request) { return fake_.handle(request); };
};

// It shows in lists that are asked for anyway.
TEST_F(VerifyRequestCount, DoesNotGrowWithWhatNothingNames) {
  add_filled("site");
  ASSERT_EQ(backup_to(Meddler(backend_).endpoint()).exit_code, 0);
  const auto before = requests_of_verify(0);
  std::string folder;
  for (const auto& [path, bytes] : fake_.objects())
    if (path.ends_with(".bundle")) folder = path.substr(0, path.rfind('/') + 1);
  for (int i = 0; i < 50; ++i) fake_.add(folder + std::to_string(i) + ".bundle", "left");

  EXPECT_EQ(requests_of_verify(50), before);
  // hubkeep.json, README.txt, catalog, state, manifest; bundle, index and refs for their checksums; the lists
  // of the root (also for which kinds of subjects there are), of the states, of what is in repos/ down to the
  // repository, of its folder, its snapshots and what was removed of it, of the days with zips.
  EXPECT_EQ(before.size(), 18U) << testing::PrintToString(before);
}

ByteCount length_of(const sim::HttpResponse& piece) {
  unsigned long long first = 0;
  unsigned long long last = 0;
  const std::string range = sim::header_value(piece.headers, "Content-Range");
  return std::sscanf(range.c_str(), "bytes %llu-%llu/", &first, &last) == 2 ? last - first + 1 : 0;
}

class ProofRequestCount : public BucketVault {
 protected:
  struct Read {
    int requests = 0;
    ByteCount bytes = 0;
    nlohmann::json told = {};  // of the repository, by the run
  };
  /// What a backup reads of objects whose names end so.
  Read read_by_backup(const std::string& end) {
    Read read;
    std::mutex mutex;
    const Meddler way([&](const sim::HttpRequest& request) {
      auto answer = fake_.handle(request);
      if (request.method != "GET" || !request.path.ends_with(end)) return answer;
      const std::scoped_lock lock(mutex);
      ++read.requests;
      read.bytes += length_of(answer);
      return answer;
    });
    const auto result = backup_to(way.endpoint(), {"--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out + result.err, testing::Not(testing::HasSubstr("not_proved_because")));
    read.told = nlohmann::json::parse(result.out).at("repositories").at(0);
    return read;
  }

  FakeS3 fake_;
};

// A thin pack needs bases; what is read of the chain for them is the least that is allowed, or as much as is
// new. Slices build on each other in the same way.
TEST_F(ProofRequestCount, AnIncrementReadsLittleOfTheBundlesBefore) {
  const auto id = add_filled("site", 1, 400);
  const std::string large = random_bytes(300'000, 5);
  push_file(id, large);
  const Read first = read_by_backup(".bundle");
  EXPECT_EQ(first.requests, 0);
  EXPECT_FALSE(first.told.contains("proof_requests"));
  push_file(id, large + "more");

  const Read bases = read_by_backup(".bundle");
  push_file(id, large + "more and more");
  const Read indexes = read_by_backup(".idx");

  EXPECT_GE(bases.bytes, large.size()) << "it is not thin";
  EXPECT_LE(bases.bytes, large.size() + (128U << 10U));
  EXPECT_LE(bases.requests, 4);
  EXPECT_EQ(bases.told.at("proof_requests"), bases.requests);
  EXPECT_EQ(bases.told.at("proof_bytes"), bases.bytes);
  EXPECT_EQ(indexes.requests, 2) << "one for each bundle";
}

}  // namespace
}  // namespace hubkeep
