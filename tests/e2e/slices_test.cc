// Histories larger than what a connection carries in one piece: what came whole is kept, and never fetched
// again.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <future>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "e2e/end_to_end.h"
#include "sim/cutting_proxy.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Of random bytes in each commit. Packets have at most 64 KiB: less of a pack would look like an outage.
constexpr std::size_t kFileSize = 100'000;
constexpr std::uint64_t kCarried = 250'000;     // two commits, but not three
constexpr std::size_t kRefsAndFrames = 10'000;  // bytes that are received beside a pack, at most

std::string commit(const std::string& ref, const std::string& from, unsigned number,
                   std::size_t size = kFileSize) {
  std::string stream = fmt::format("commit {}\ncommitter A U Thor <author@example.com> {} +0000\ndata 1\nx\n",
                                   ref, 1'700'000'000 + number);
  if (!from.empty()) stream += fmt::format("from {}\n", from);
  return stream +
         fmt::format("M 100644 inline file{}\ndata {}\n{}\n", number, size, random_bytes(size, number));
}

std::string tag(const std::string& name, const std::string& from) {
  return fmt::format("reset refs/tags/{}\nfrom {}\n\n", name, from);
}

/// Twelve versions, main ahead of the last, two branches, three pull requests: each with a file of its own.
std::string history() {
  std::string stream;
  for (unsigned i = 1; i <= 12; ++i) {
    stream += commit("refs/heads/main", "", i);
    stream += tag(fmt::format("v1.{}", i), "refs/heads/main");
  }
  stream += commit("refs/heads/main", "", 13);
  stream += commit("refs/heads/topic/a", "refs/tags/v1.3", 14);
  stream += commit("refs/heads/topic/b", "refs/tags/v1.9", 15);
  for (unsigned i = 1; i <= 3; ++i)
    stream += commit(fmt::format("refs/pull/{}/head", i), "refs/heads/main", 15 + i);
  return stream;
}

/// The vault of one run, and the server that it came from; several may show one world at once.
struct Lane {
  Lane(sim::World& world, fs::path to) : github(world), vault(std::move(to)) {}
  sim::Simulator github;
  fs::path vault;
};

class Slices : public EndToEnd {
 protected:
  Slices() : id_(add_repository("site")) {
    sim::fast_import(path_of(id_), history());
    pushed(id_);
  }

  sim::RunResult backup_of(const Lane& lane, const std::string& retries = "0",
                           const std::string& api_url = "") {
    return hubkeep({"backup", "--api-url", api_url.empty() ? lane.github.api_url() : api_url, "--to",
                    lane.vault.string(), "--json"},
                   {{"TOKEN_GITHUB", token_}, {"HUBKEEP_RETRIES", retries}});
  }
  static json line_of(const sim::RunResult& result) {
    return json::parse(result.out).at("repositories").at(0);
  }
  void cut_large_packs(sim::Faults& faults) {
    faults.add(fetch_, sim::EndAfter{kCarried}, sim::Fault::kForever);
  }
  json snapshots_in(const fs::path& vault) {
    return json::parse(hubkeep({"list", "octo/site", "--json", "--from", vault.string()}).out)
        .at("snapshots");
  }
  fs::path restored(const fs::path& vault, const std::string& at) {
    const fs::path folder = vault.string() + "-" + (at.empty() ? "newest" : at);
    std::vector<std::string> arguments = {"restore", "octo/site", folder.string(),
                                          "--bare",  "--from",    vault.string()};
    if (!at.empty()) arguments.insert(arguments.end(), {"--at", at});
    const auto result = hubkeep(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    sim::git(folder, {"fsck", "--no-dangling"});
    return folder;
  }
  static std::vector<std::string> objects_of_refs(const fs::path& repository) {
    std::istringstream lines(sim::git(repository, {"for-each-ref", "--format=%(objectname)"}));
    std::vector<std::string> objects;
    for (std::string line; std::getline(lines, line);) objects.push_back(line);
    return objects;
  }
  /// Bytes of the pack that git makes of all that the newest snapshot of the vault lacks.
  std::size_t left_for(const fs::path& vault) {
    std::string revisions;
    for (const auto& object : objects_of_refs(path_of(id_))) revisions += object + "\n";
    if (fs::exists(vault / "repos")) {
      const auto newest = snapshots_in(vault).back().at("snapshot").get<std::string>();
      for (const auto& object : objects_of_refs(restored(vault, newest))) revisions += "^" + object + "\n";
    }
    return sim::git(path_of(id_), {"pack-objects", "--revs", "--thin", "--stdout", "-q"}, revisions).size();
  }
  void expect_whole(const fs::path& vault) {
    EXPECT_EQ(state_of(restored(vault, "")), state_of(path_of(id_)));
    const auto made_again = hubkeep({"verify", "--deep", "--from", vault.string()});
    EXPECT_EQ(made_again.exit_code, 0) << made_again.out << made_again.err;
  }

  const sim::FaultMatch fetch_{.git_command = sim::GitCommand::fetch};
  const sim::FaultMatch packs_{.git_command = sim::GitCommand::fetch, .is_question = false};
  sim::RepositoryId id_ = 0;
};

TEST_F(Slices, TogetherAreTheWholeHistory) {
  cut_large_packs(github_.faults());

  const auto result = backup({}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("it is fetched in slices"), HasSubstr("saved (fetched in slices)")));
  const json snapshots = snapshots_in(vault());
  EXPECT_GT(snapshots.size(), 8U);
  EXPECT_EQ(snapshots.back().at("git"), "ok");
  expect_whole(vault());
  EXPECT_EQ(state_of(restore_by_readme(folder_of(id_), snapshots.back().at("snapshot"))),
            state_of(path_of(id_)));
  EXPECT_THAT(backup().out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
}

TEST_F(Slices, AreSnapshotsThatRestoreEach) {
  cut_large_packs(github_.faults());
  backup({}, {{"HUBKEEP_RETRIES", "1"}});
  const std::string all = state_of(path_of(id_));
  json snapshots = snapshots_in(vault());
  snapshots.erase(snapshots.size() - 1);

  std::size_t held = 0;
  for (const auto& snapshot : snapshots) {
    ASSERT_EQ(snapshot.at("git"), "partial");
    const auto id = snapshot.at("snapshot").get<std::string>();
    const std::string state = state_of(restored(vault(), id));
    EXPECT_EQ(state, state_of(restore_by_readme(folder_of(id_), id)));
    std::istringstream lines(state);
    std::size_t refs = 0;
    for (std::string line; std::getline(lines, line); ++refs) EXPECT_THAT(all, HasSubstr(line));
    EXPECT_GT(refs, held);
    held = refs;
  }
}

TEST_F(Slices, CutAtEveryBorderAndInsideEachAreNotFetchedAgain) {
  Lane measured(world_, scratch_ / "measured");
  cut_large_packs(measured.github.faults());
  ASSERT_EQ(backup_of(measured).exit_code, 0);
  const int fetches = static_cast<int>(measured.github.count(sim::GitCommand::fetch));
  ASSERT_GT(fetches, 12);

  const auto cut_at = [&](int fetch, bool inside) {
    Lane lane(world_, scratch_ / fmt::format("vault-{}-{}", fetch, inside ? "inside" : "before"));
    cut_large_packs(lane.github.faults());
    if (inside) lane.github.faults().add(fetch_, sim::EndAfter{80'000}, 1, fetch);
    lane.github.faults().add(fetch_, sim::Respond{.status = 503}, sim::Fault::kForever,
                             fetch + (inside ? 1 : 0));
    const auto first = backup_of(lane);
    EXPECT_EQ(first.exit_code, fs::exists(lane.vault / "repos") ? 3 : 1) << lane.vault << first.err;
    lane.github.faults().clear();
    const std::size_t left = left_for(lane.vault);

    const auto second = backup_of(lane);

    EXPECT_EQ(second.exit_code, 0) << lane.vault << second.err;
    EXPECT_EQ(line_of(second).at("requests"), 2) << lane.vault;
    EXPECT_GE(line_of(second).at("bytes_received"), left) << lane.vault;
    EXPECT_LE(line_of(second).at("bytes_received"), left + kRefsAndFrames) << lane.vault;
    expect_whole(lane.vault);
  };
  std::vector<std::jthread> threads;
  for (int first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (int i = first; i < fetches * 2; i += 4) cut_at(i / 2, i % 2 == 1);
    });
  }
}

TEST_F(Slices, GoOnInSlicesWhileTheConnectionStaysBad) {
  Lane lane(world_, scratch_ / "vault");
  cut_large_packs(lane.github.faults());
  lane.github.faults().add(packs_, sim::Respond{.status = 503}, 1, 4);
  const auto first = backup_of(lane);
  const auto kept = snapshots_in(lane.vault).size();
  const std::size_t left = left_for(lane.vault);

  const auto second = backup_of(lane);

  EXPECT_EQ(line_of(first).at("result"), "failed");
  EXPECT_THAT(line_of(first).at("error").at("message").get<std::string>(), HasSubstr("refs are kept"));
  const auto of_both = lane.github.count(sim::GitCommand::fetch) +
                       lane.github.count(sim::GitCommand::ls_refs) +
                       lane.github.count(sim::GitCommand::info_refs);
  EXPECT_EQ(
      line_of(first).at("requests").get<std::size_t>() + line_of(second).at("requests").get<std::size_t>(),
      of_both);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_GT(snapshots_in(lane.vault).size(), kept + 3);
  EXPECT_LE(line_of(second).at("bytes_stored"), left + kRefsAndFrames);
  expect_whole(lane.vault);
}

TEST_F(Slices, ComeThroughANetworkThatBreaksEveryConnection) {
  Lane lane(world_, scratch_ / "vault");
  sim::CuttingProxy network(lane.github.port());
  lane.github.set_public_origin(network.origin());
  network.set_rule({.cut_after = kCarried + 20'000, .reset = true});

  const auto result = backup_of(lane, "1", network.origin() + "/api/v3");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_GT(network.connections(), 5U);
  EXPECT_EQ(line_of(result).at("detail"), "fetched in slices");
  expect_whole(lane.vault);
}

TEST_F(Slices, ARefTooLargeForTheConnectionIsNamedAndAllOthersAreThere) {
  sim::fast_import(path_of(id_), commit("refs/tags/v1.5-assets", "", 99, 4 * kFileSize));
  pushed(id_);
  cut_large_packs(github_.faults());

  const auto result = backup({}, {{"HUBKEEP_RETRIES", "1"}});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/site: failed: refs/tags/v1.5-assets cannot be had: commit "),
                                HasSubstr("18 of 19 refs are kept")));
  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("octo/site  partial"));
  const auto newest = snapshots_in(vault()).back().at("snapshot").get<std::string>();
  const std::string state = state_of(restored(vault(), newest));
  sim::git(path_of(id_), {"update-ref", "-d", "refs/tags/v1.5-assets"});
  EXPECT_EQ(state, state_of(path_of(id_)));
}

TEST_F(Slices, AreNotRestoredUnlessAskedFor) {
  ASSERT_EQ(backup().exit_code, 0);
  const std::string whole = state_of(path_of(id_));
  sim::fast_import(path_of(id_),
                   commit("refs/tags/v2", "", 98) + commit("refs/tags/v3", "", 99, 4 * kFileSize));
  pushed(id_);
  cut_large_packs(github_.faults());
  EXPECT_EQ(backup({}, {{"HUBKEEP_RETRIES", "1"}}).exit_code, 3);

  const auto result = hubkeep({"restore", "octo/site", "restored", "--bare", "--from", vault().string()});

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("is not complete, an older one is taken"));
  EXPECT_EQ(state_of(scratch_ / "restored"), whole);
  github_.faults().clear();
  EXPECT_EQ(backup().exit_code, 0);
  expect_whole(vault());
}

TEST_F(Slices, OfARunThatIsStoppedOrKilledStay) {
  for (const int signal : {SIGINT, SIGKILL}) {
    Lane lane(world_, scratch_ / fmt::format("vault-{}", signal));
    std::promise<void> asked;
    std::promise<void> go_on;
    cut_large_packs(lane.github.faults());
    lane.github.faults().add(fetch_, sim::Hook{[&] {
                               asked.set_value();
                               go_on.get_future().wait();
                             }},
                             1, 8);
    auto run = start_hubkeep({"backup", "--api-url", lane.github.api_url(), "--to", lane.vault.string()},
                             {{"TOKEN_GITHUB", token_}, {"HUBKEEP_RETRIES", "1"}});
    asked.get_future().wait();
    run.signal(signal);
    const auto result = run.finish();
    go_on.set_value();
    lane.github.faults().clear();
    const std::size_t left = left_for(lane.vault);

    const auto second = backup_of(lane);

    EXPECT_EQ(result.exit_code == 0, false);
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_LE(line_of(second).at("bytes_received"), left + kRefsAndFrames) << signal;
    EXPECT_THAT(second.err, Not(HasSubstr("damaged")));
    expect_whole(lane.vault);
  }
}

}  // namespace
}  // namespace hubkeep
