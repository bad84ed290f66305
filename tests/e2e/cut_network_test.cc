// Connections that break, crawl or fall silent, at every place of a run.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "e2e/end_to_end.h"
#include "sim/cutting_proxy.h"
#include "sim/histories.h"

namespace hubkeep {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

/// A simulator that is reached over a bad network; several may show one world at once.
struct Lane {
  Lane(sim::World& world, std::filesystem::path to)
      : github(world), network(github.port()), vault(std::move(to)) {
    github.set_public_origin(network.origin());
  }
  sim::Simulator github;
  sim::CuttingProxy network;
  std::filesystem::path vault;
};

/// How many bytes had come to the client when each answer began, and when the last had ended.
struct Offsets {
  std::uint64_t listing = 0;
  std::uint64_t ls_refs = 0;
  std::uint64_t pack = 0;
  std::uint64_t end = 0;
};

/// Fourteen places in the answer that lies between `begin` and `end`: in its headers and in its body.
void add_places(std::uint64_t begin, std::uint64_t end, std::vector<std::uint64_t>& places) {
  for (const std::uint64_t offset : {1, 60, 120, 180}) places.push_back(begin + offset);
  // Not to the very end: no two answers have the same size to the byte.
  for (std::uint64_t i = 1; i <= 10; ++i) places.push_back(begin + 200 + (end - begin - 200) * i * 9 / 100);
}

class CutNetwork : public EndToEnd {
 protected:
  sim::RepositoryId add_filled(const std::string& name, int commits) {
    const auto id = add_repository(name);
    sim::make_repository_content(path_of(id), 3, commits, 10);
    pushed(id);
    return id;
  }
  sim::RunResult backup_through(const Lane& lane) {
    return hubkeep({"backup", "--api-url", lane.github.api_url(), "--to", lane.vault.string(), "--jobs", "1"},
                   {{"TOKEN_GITHUB", token_}});
  }
  Offsets measure() {
    Lane lane(world_, scratch_ / "measured");
    Offsets offsets;
    lane.github.faults().add({.git_command = sim::GitCommand::ls_refs},
                             sim::Hook{[&] { offsets.ls_refs = lane.network.bytes_downstream(); }});
    lane.github.faults().add({.git_command = sim::GitCommand::fetch},
                             sim::Hook{[&] { offsets.pack = lane.network.bytes_downstream(); }});
    const auto result = backup_through(lane);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(lane.network.connections(), 1U);
    offsets.end = lane.network.bytes_downstream();
    return offsets;
  }
  void expect_restored(sim::RepositoryId id, const std::filesystem::path& from, const std::string& to) {
    const auto folder = scratch_ / to;
    const auto result = hubkeep(
        {"restore", world_.repository(id).full_name(), folder.string(), "--bare", "--from", from.string()});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(state_of(folder), state_of(path_of(id)));
  }
  static std::size_t files_in(const std::filesystem::path& folder) {
    std::size_t count = 0;
    if (!std::filesystem::exists(folder)) return 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      count += entry.is_regular_file() && entry.path().filename() != "lock" ? 1 : 0;
    return count;
  }
};

TEST_F(CutNetwork, ACutAtAnyPlaceIsMendedByAnotherTry) {
  const auto id = add_filled("site", 60);
  const Offsets offsets = measure();
  std::vector<std::uint64_t> places;
  add_places(offsets.listing, offsets.ls_refs, places);
  add_places(offsets.ls_refs, offsets.pack, places);
  add_places(offsets.pack, offsets.end, places);
  ASSERT_GE(places.size(), 40U);

  const auto cut_at = [&](std::size_t i) {
    Lane lane(world_, scratch_ / fmt::format("vault-{}", i));
    lane.network.set_rule(0, {.cut_after = places[i], .reset = i % 2 == 1});
    const auto result = backup_through(lane);
    EXPECT_EQ(result.exit_code, 0) << "cut after " << places[i] << ": " << result.err;
    EXPECT_GE(lane.network.connections(), 2U) << "cut after " << places[i];
    expect_restored(id, lane.vault, fmt::format("restored-{}", i));
    EXPECT_EQ(files_in(lane.vault / ".tmp"), 0U) << "cut after " << places[i];
  };
  std::vector<std::jthread> threads;
  for (std::size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (std::size_t i = first; i < places.size(); i += 4) cut_at(i);
    });
  }
}

TEST_F(CutNetwork, ARepositoryThatIsAlwaysCutIsALineInTheReport) {
  const auto large = add_repository("large");
  sim::make_history(path_of(large), {.commits = 3, .bytes = 200'000});  // each more than a connection carries
  pushed(large);
  const auto small = add_filled("small", 2);
  Lane lane(world_, scratch_ / "vault");
  lane.network.set_rule({.cut_after = 30'000});

  const auto result = backup_through(lane);

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 1 failed"));
  // Where git's first packet is larger than what comes, nothing of a pack has come: an outage.
  EXPECT_THAT(result.err, AllOf(HasSubstr("octo/large: failed: "), HasSubstr("server closed the connection"),
                                AnyOf(HasSubstr("tried 5 times"), HasSubstr("cannot be had"))));
  EXPECT_EQ(files_in(vault() / ".tmp"), 0U);
  expect_restored(small, vault(), "small");
  EXPECT_EQ(hubkeep({"restore", "octo/large", "large", "--from", vault().string()}).exit_code, 1);
  lane.network.set_rule({});
  EXPECT_EQ(backup_through(lane).exit_code, 0);
  expect_restored(large, vault(), "large");
}

TEST_F(CutNetwork, AListingThatIsAlwaysCutEndsTheRun) {
  add_filled("site", 5);
  Lane lane(world_, scratch_ / "vault");
  lane.network.set_rule({.cut_after = 500});

  const auto result = backup_through(lane);

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("/user/repos"), HasSubstr("tried 5 times")));
  EXPECT_FALSE(std::filesystem::exists(vault() / "repos"));
  EXPECT_FALSE(std::filesystem::exists(vault() / "runs"));
  EXPECT_EQ(files_in(vault() / ".tmp"), 0U);
}

TEST_F(CutNetwork, ASlowNetworkOnlyTakesLonger) {
  const auto id = add_filled("site", 30);
  Lane lane(world_, scratch_ / "vault");
  lane.network.set_rule({.bytes_per_second = 40'000, .delay = std::chrono::milliseconds(200)});

  const auto result = backup_through(lane);

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(lane.network.connections(), 1U);
  expect_restored(id, vault(), "site");
}

}  // namespace
}  // namespace hubkeep
