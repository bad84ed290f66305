// Git LFS through the whole program: what is fetched, how often, from whom, and what a run that is cut or
// killed amid it costs.
#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "base/text.h"
#include "crypto/hash.h"
#include "e2e/bucket_vault.h"
#include "e2e/end_to_end.h"
#include "e2e/torture.h"
#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "sim/lfs.h"
#include "sim/lfs_faults.h"
#include "sim/media_content.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr unsigned kKills = 12;
constexpr unsigned kKillsOfOneWorld = 20;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

template <typename Fixture>
class WithLfs : public Fixture {
 protected:
  WithLfs() { this->keeps_histories_alone_ = false; }

  /// A repository whose only file is a pointer to it.
  sim::RepositoryId add_lfs_repository(const std::string& name, const sim::RepositoryOptions& options = {}) {
    const auto id = this->add_repository(name, options);
    sim::fast_import(this->path_of(id),
                     "commit refs/heads/main\n"
                     "committer A U Thor <author@example.com> 1700000000 +0000\n"
                     "data 6\na file\n"
                     "M 100644 inline README\ndata 3\nhi\n\n");
    this->pushed(id);
    return id;
  }
  /// A commit that adds pointers to these.
  void push_pointers(sim::RepositoryId id, const std::vector<sim::LfsObject>& objects) {
    std::string commit = fmt_commit();
    for (const auto& object : objects) {
      const std::string pointer = sim::lfs_pointer(object);
      commit += "M 100644 inline " + object.oid.substr(0, 16) + "\ndata " + std::to_string(pointer.size()) +
                "\n" + pointer + "\n";
    }
    sim::fast_import(this->path_of(id), commit);
    this->pushed(id);
  }
  sim::LfsObject add_object(sim::RepositoryId id, const std::string& bytes) {
    return this->world_.add_lfs_object(id, sim::content_of(bytes));
  }
  std::vector<sim::LfsObject> add_objects(sim::RepositoryId id, unsigned count, std::size_t size,
                                          unsigned seed = 1) {
    std::vector<sim::LfsObject> objects;
    for (unsigned i = 0; i < count; ++i)
      objects.push_back(add_object(id, random_bytes(size, seed * 10'000 + i)));
    return objects;
  }
  void order(const sim::FaultMatch& match, sim::FaultAction action, int times = 1) {
    this->github_.faults().add({.match = match, .action = std::move(action), .times = times});
  }

  std::map<std::string, sim::LfsTraffic> traffic() const { return sim::lfs_traffic(this->github_.log()); }
  std::size_t batches() const { return this->github_.count(sim::RequestKind::lfs); }
  std::size_t downloads() const {
    std::size_t sum = 0;
    for (const auto& [oid, each] : traffic()) sum += each.downloads;
    return sum;
  }

 private:
  static std::string fmt_commit() {
    return "commit refs/heads/main\n"
           "committer A U Thor <author@example.com> 1700000000 +0000\n"
           "data 6\na file\n"
           "from refs/heads/main^0\n";
  }
};

class Lfs : public WithLfs<EndToEnd> {
 protected:
  sim::RunResult back_up(std::vector<std::string> arguments = {}) {
    return backup(std::move(arguments), {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "lfs"}});
  }
  std::string stored(const sim::LfsObject& object) const { return content_of(file_of(object)); }
  fs::path file_of(const sim::LfsObject& object) const {
    return vault() / "lfs" / object.oid.substr(0, 2) / object.oid.substr(2, 2) / object.oid;
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
};

TEST_F(Lfs, IsSavedOnceAndAskedForNoMore) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 120, 2'000);
  push_pointers(id, objects);

  const auto first = back_up();

  ASSERT_EQ(first.exit_code, 0) << first.err;
  for (const auto& object : objects) EXPECT_EQ(sha256_hex(stored(object)), object.oid);
  EXPECT_EQ(batches(), 2U);
  EXPECT_EQ(downloads(), 120U);
  EXPECT_EQ(github_.media_host().tokens_seen(), 0U);
  github_.clear_log();
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(batches(), 0U);
  EXPECT_EQ(github_.count(sim::RequestKind::media), 0U);
  EXPECT_EQ(github_.count(sim::RequestKind::git), 0U);
}

TEST_F(Lfs, AnIncrementFetchesOnlyWhatIsNew) {
  const auto id = add_lfs_repository("site");
  push_pointers(id, add_objects(id, 3, 100, 1));
  ASSERT_EQ(back_up().exit_code, 0);
  const auto later = add_objects(id, 2, 100, 2);
  push_pointers(id, later);
  github_.clear_log();

  ASSERT_EQ(back_up().exit_code, 0);

  EXPECT_EQ(batches(), 1U);
  EXPECT_THAT(traffic(), SizeIs(2));
  for (const auto& object : later) EXPECT_EQ(traffic()[object.oid].downloads, 1U);
}

TEST_F(Lfs, ForksAtOnceShareEachObject) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 30, 20'000);
  push_pointers(id, objects);
  for (const char* name : {"fork1", "fork2", "fork3"}) {
    const auto fork = add_lfs_repository(name, {.fork = true, .fork_of = id});
    push_pointers(fork, objects);
  }

  const auto result = back_up({"--jobs", "4"});

  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const auto& object : objects) EXPECT_EQ(traffic()[object.oid].downloads, 1U);
}

TEST_F(Lfs, WhatTheServerLacksIsToldOnceAndIsNoFailure) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 4, 100);
  push_pointers(id, objects);
  world_.lfs().remove(world_.repository(id).network, objects[0].oid);
  order(sim::lfs_batches(), sim::lfs_object_error(objects[1].oid, 410, "was removed"), 2);
  order(sim::lfs_batches(), sim::lfs_object_error(objects[2].oid, 422, "is not valid"), 2);

  const auto first = back_up();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out + first.err,
              AllOf(HasSubstr("that the server does not have"), HasSubstr("that cannot be had")));
  EXPECT_EQ(sha256_hex(stored(objects[3])), objects[3].oid);
  github_.clear_log();
  const auto second = back_up();
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.out + second.err, Not(HasSubstr("that the server does not have")));
  EXPECT_EQ(batches(), 0U) << "they are asked for once a day";
  EXPECT_THAT(snapshots_of(folder_of(id)), SizeIs(1));
  world_.advance(std::chrono::hours(24));
  world_.lfs().put(world_.repository(id).network, objects[0].oid, sim::content_of(random_bytes(100, 10'000)));
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(sha256_hex(stored(objects[0])), objects[0].oid);
}

TEST_F(Lfs, OverTheOwnersQuotaIsToldAndTriedAgain) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 2, 100);
  push_pointers(id, objects);
  order(sim::lfs_batches(), sim::lfs_over_quota(), 2);

  const auto first = back_up();

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out + first.err, HasSubstr("over the owner's quota"));
  EXPECT_FALSE(fs::exists(file_of(objects[0])));
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_EQ(sha256_hex(stored(objects[0])), objects[0].oid);
}

TEST_F(Lfs, ALimitOfRequestsIsWaitedOut) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 1, 100);
  push_pointers(id, objects);
  order(sim::lfs_batches(), sim::lfs_too_many_requests(std::chrono::seconds(1)));

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sha256_hex(stored(objects[0])), objects[0].oid);
}

TEST_F(Lfs, AnAddressThatHasExpiredIsAskedForAgain) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 1, 300'000);
  push_pointers(id, objects);
  github_.lfs().set({.address_life = {.time = std::chrono::seconds(3600), .uses = 1}});
  order(sim::lfs_downloads(), sim::CutAfter{100'000});

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sha256_hex(stored(objects[0])), objects[0].oid);
  EXPECT_EQ(traffic()[objects[0].oid].asked, 2U) << "the address was good for one request";
}

TEST_F(Lfs, ACutDownloadGoesOnWhereItWas) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 1, 300'000);
  push_pointers(id, objects);
  order(sim::lfs_downloads(), sim::CutAfter{200'000});

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sha256_hex(stored(objects[0])), objects[0].oid);
  EXPECT_EQ(traffic()[objects[0].oid].downloads, 2U);
  EXPECT_LE(traffic()[objects[0].oid].bytes, 300'000U + 65'536U) << "only the rest comes again";
}

TEST_F(Lfs, OtherBytesAreNotKept) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 2, 100);
  push_pointers(id, objects);
  world_.lfs().put(world_.repository(id).network, objects[0].oid, sim::content_of(random_bytes(100, 77)));

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.out + result.err, HasSubstr("other bytes than those of the object's name"));
  EXPECT_FALSE(fs::exists(file_of(objects[0])));
  EXPECT_EQ(traffic()[objects[0].oid].downloads, 2U);
}

TEST_F(Lfs, TheActionsHeaderGoesToTheMediaHostAndNoToken) {
  const auto id = add_lfs_repository("site", {.is_private = true});
  const auto objects = add_objects(id, 2, 100);
  push_pointers(id, objects);
  github_.lfs().set({.address_life = {}, .download_header = {{"X-Media-Key", "opens it"}}});

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sha256_hex(stored(objects[1])), objects[1].oid);
  EXPECT_EQ(github_.media_host().tokens_seen(), 0U);
}

TEST_F(Lfs, SwitchedOnLaterItIsFilledInFromTheBeginning) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 2, 100);
  push_pointers(id, {objects[0]});
  ASSERT_EQ(backup({}, {{"HUBKEEP_WITHOUT", "all"}}).exit_code, 0);
  push_pointers(id, {objects[1]});
  ASSERT_EQ(backup({}, {{"HUBKEEP_WITHOUT", "all"}}).exit_code, 0);
  github_.clear_log();

  ASSERT_EQ(back_up().exit_code, 0);

  for (const auto& object : objects) EXPECT_EQ(sha256_hex(stored(object)), object.oid);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
}

TEST_F(Lfs, LargerThanTheLimitIsLeftOutAndComesWithoutIt) {
  const auto id = add_lfs_repository("site");
  const auto small = add_object(id, random_bytes(1'000, 1));
  const auto large = add_object(id, random_bytes(3'000, 2));
  push_pointers(id, {small, large});

  const auto first = back_up({"--lfs-max-size", "2KiB"});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out + first.err, HasSubstr("larger than --lfs-max-size"));
  EXPECT_TRUE(fs::exists(file_of(small)));
  EXPECT_FALSE(fs::exists(file_of(large)));
  world_.advance(std::chrono::hours(24));
  ASSERT_EQ(back_up().exit_code, 0);
  EXPECT_TRUE(fs::exists(file_of(large)));
  EXPECT_EQ(traffic()[small.oid].downloads, 1U);
}

// Nothing of these commands knows the part.
TEST_F(Lfs, IsVerifiedCopiedAndListedAsAnyPart) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 3, 1'000);
  push_pointers(id, objects);
  ASSERT_EQ(back_up().exit_code, 0);
  const auto copy = scratch_ / "copy";

  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
  EXPECT_EQ(hubkeep({"copy", vault().string(), copy.string()}).exit_code, 0);
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", copy.string()}).exit_code, 0);
  EXPECT_EQ(hubkeep({"list", "--from", copy.string()}).exit_code, 0);
  fs::remove(file_of(objects[1]));
  const auto damaged = verify();
  EXPECT_NE(damaged.exit_code, 0);
  EXPECT_THAT(damaged.out + damaged.err, HasSubstr(objects[1].oid));
}

TEST_F(Lfs, ALostObjectIsRepaired) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 3, 1'000);
  push_pointers(id, objects);
  ASSERT_EQ(back_up().exit_code, 0);
  fs::remove(file_of(objects[1]));
  const auto findings = (scratch_ / "findings.json").string();
  std::ofstream(findings) << verify({"--json"}).out;

  const auto result = back_up({"--repair", findings});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sha256_hex(stored(objects[1])), objects[1].oid);
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
}

TEST_F(Lfs, IsKilledAnywhereAndFetchesNothingTwiceThatWasStored) {
  const unsigned seed = torture_seed();
  std::mt19937 random(seed);
  for (unsigned round = 0; round < torture_rounds(kKills); ++round) {
    SCOPED_TRACE("SEED=" + std::to_string(seed) + " round " + std::to_string(round));
    begin_anew();
    const auto id = add_lfs_repository("site" + std::to_string(round));
    const auto objects = add_objects(id, 12, 30'000, round + 1);
    push_pointers(id, objects);
    github_.clear_log();
    // When it comes to one of them the program is killed, with others under way.
    const auto victim = objects[random() % objects.size()];
    std::promise<BackgroundRun*> started;
    github_.faults().add(sim::lfs_downloads(victim.oid),
                         sim::Hook{[run = started.get_future().share()] { run.get()->signal(SIGKILL); }});
    BackgroundRun run = start_backup({}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "lfs"}});
    started.set_value(&run);
    ASSERT_EQ(run.finish().exit_code, 128 + SIGKILL);
    github_.faults().clear();
    std::set<std::string> whole;
    for (const auto& object : objects)
      if (fs::exists(file_of(object))) whole.insert(object.oid);
    github_.clear_log();

    const auto result = back_up({"--stale-after", "0"});

    ASSERT_EQ(result.exit_code, 0) << result.err;
    for (const auto& object : objects) {
      EXPECT_EQ(sha256_hex(stored(object)), object.oid);
      EXPECT_EQ(traffic()[object.oid].downloads, whole.contains(object.oid) ? 0U : 1U);
    }
    ASSERT_EQ(verify({"--read-data"}).exit_code, 0);
    world_.remove(id);
  }
}

// One world for many kills: each run goes on from where the one before was killed.
TEST_F(Lfs, IsKilledAgainAndAgainAndLosesNothingThatWasStored) {
  const unsigned seed = torture_seed();
  std::mt19937 random(seed);
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 150, 2'000);
  push_pointers(id, objects);
  std::set<std::string> whole;
  const auto expect_whole = [&] {
    auto moved = traffic();
    for (const auto& object : objects) {
      const bool was_there = whole.contains(object.oid);
      EXPECT_LE(moved[object.oid].downloads, was_there ? 0U : 1U);
      if (!was_there && !fs::exists(file_of(object))) continue;
      EXPECT_EQ(sha256_hex(stored(object)), object.oid);
      whole.insert(object.oid);
    }
  };
  const auto finish = [&] {
    github_.clear_log();
    const auto result = back_up({"--stale-after", "0"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    expect_whole();
    EXPECT_THAT(whole, SizeIs(objects.size()));
    EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
    begin_anew();
    whole.clear();
  };
  for (unsigned round = 0; round < torture_rounds(kKillsOfOneWorld); ++round) {
    SCOPED_TRACE("SEED=" + std::to_string(seed) + " round " + std::to_string(round));
    if (whole.size() == objects.size()) finish();
    std::vector<std::string> lacking;
    for (const auto& object : objects)
      if (!whole.contains(object.oid)) lacking.push_back(object.oid);
    const std::string victim = lacking[random() % lacking.size()];
    github_.clear_log();
    std::promise<BackgroundRun*> started;
    github_.faults().add(sim::lfs_downloads(victim),
                         sim::Hook{[run = started.get_future().share()] { run.get()->signal(SIGKILL); }});
    BackgroundRun run =
        start_backup({"--stale-after", "0"}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "lfs"}});
    started.set_value(&run);
    ASSERT_EQ(run.finish().exit_code, 128 + SIGKILL);
    github_.faults().clear();
    expect_whole();
  }
  finish();
}

// The set is worth a snapshot of its own, with what is to come.
TEST_F(Lfs, ALargeSetThatIsKilledHasSavedItsHistory) {
  const auto id = add_lfs_repository("site");
  const auto large =
      world_.add_lfs_object(id, sim::repeating_content("0123456789abcdef", std::uint64_t{24} << 20U));
  const auto small = add_object(id, "small");
  push_pointers(id, {large, small});
  std::promise<BackgroundRun*> started;
  github_.faults().add(sim::lfs_downloads(large.oid),
                       sim::Hook{[run = started.get_future().share()] { run.get()->signal(SIGKILL); }});
  BackgroundRun run = start_backup({}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "lfs"}});
  started.set_value(&run);
  ASSERT_EQ(run.finish().exit_code, 128 + SIGKILL);
  EXPECT_THAT(snapshots_of(folder_of(id)), SizeIs(1));
  github_.clear_log();

  const auto result = back_up({"--stale-after", "0"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
  EXPECT_EQ(sha256_hex(stored(large)), large.oid);
}

TEST_F(Lfs, CtrlCAmidObjectsKeepsTheHistoryAndWhatCame) {
  const auto id = add_lfs_repository("site");
  const auto objects = add_objects(id, 2, 1'000'000);
  push_pointers(id, objects);
  order(sim::lfs_downloads(objects[1].oid), sim::Drip{.bytes_per_second = 100'000});
  BackgroundRun run = start_backup({}, {{"HUBKEEP_WITHOUT", "all"}, {"HUBKEEP_WITH", "lfs"}});
  ASSERT_TRUE(wait_until([&] { return fs::exists(file_of(objects[0])); }));
  run.signal(SIGINT);
  ASSERT_EQ(run.finish().exit_code, 128 + SIGINT);
  ASSERT_THAT(snapshots_of(folder_of(id)), SizeIs(1));
  github_.clear_log();

  const auto result = back_up();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
  EXPECT_EQ(traffic()[objects[0].oid].downloads, 0U);
  EXPECT_EQ(sha256_hex(stored(objects[1])), objects[1].oid);
}

TEST_F(Lfs, AnObjectOfAnySizeTakesLittleMemory) {
  const auto id = add_lfs_repository("site");
  const auto large = world_.add_lfs_object(
      id, sim::repeating_content(random_bytes(1U << 20U, 5), std::uint64_t{800} << 20U));
  push_pointers(id, {large});

  const auto result = shell("ulimit -v 700000 && hubkeep backup --jobs 1 --api-url " + github_.api_url() +
                                " --to " + vault().string(),
                            {{"TOKEN_GITHUB", token_}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(fs::file_size(file_of(large)), large.size);
}

TEST_F(Lfs, CatPrintsTheContentOfAFileOrSaysWhyThereIsNone) {
  const auto id = add_lfs_repository("site");
  const auto kept = add_object(id, random_bytes(300'000, 1));
  const auto large = add_object(id, random_bytes(400'000, 2));
  push_pointers(id, {kept, large});
  const auto cat = [&](const sim::LfsObject& object) {
    return hubkeep({"cat", "octo/site", object.oid.substr(0, 16), "--from", vault().string()});
  };

  ASSERT_EQ(backup({}, {{"HUBKEEP_WITHOUT", "all"}}).exit_code, 0);
  const auto before = cat(kept);
  back_up({"--lfs-max-size", "350KiB"});
  const auto content = cat(kept);
  const auto too_large = cat(large);
  {
    std::fstream file(file_of(kept), std::ios::in | std::ios::out | std::ios::binary);
    file.put('\0').put('\0');
  }
  const auto damaged = cat(kept);

  EXPECT_EQ(before.exit_code, 1);
  EXPECT_THAT(before.err, HasSubstr("the snapshot was made without LFS objects; a backup without "
                                    "--without lfs fetches it, if GitHub still has it"));
  EXPECT_EQ(before.out, "");
  EXPECT_EQ(content.exit_code, 0) << content.err;
  EXPECT_EQ(sha256_hex(content.out), kept.oid);
  EXPECT_EQ(too_large.exit_code, 1);
  EXPECT_THAT(too_large.err, HasSubstr("a backup with a larger --lfs-max-size fetches it"));
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.err, HasSubstr("what was printed is not the file; how to mend it is said by "
                                     "hubkeep verify --read-data"));
}

class LfsInBucket : public WithLfs<BucketVault> {
 protected:
  sim::RunResult verify() {
    return hubkeep({"verify", "--read-data", "--from", location()}, environment(server_.endpoint()));
  }
  FakeS3 fake_;
  Meddler server_{[this](const sim::HttpRequest& request) { return fake_.handle(request); }};
};

TEST_F(LfsInBucket, IsSavedOnceForAllRepositories) {
  const auto id = add_lfs_repository("site");
  auto objects = add_objects(id, 20, 5'000);
  objects.push_back(
      world_.add_lfs_object(id, sim::repeating_content("0123456789abcdef", std::uint64_t{40} << 20U)));
  push_pointers(id, objects);
  push_pointers(add_lfs_repository("fork", {.fork = true, .fork_of = id}), objects);

  const auto first = backup_to(server_.endpoint());

  ASSERT_EQ(first.exit_code, 0) << first.err;
  for (const auto& object : objects) EXPECT_EQ(traffic()[object.oid].downloads, 1U);
  EXPECT_EQ(verify().exit_code, 0);
  github_.clear_log();
  ASSERT_EQ(backup_to(server_.endpoint()).exit_code, 0);
  EXPECT_EQ(batches(), 0U);
}

}  // namespace
}  // namespace hubkeep
