// Histories that cannot be cut by their refs, because there are none, or one of them leads to everything:
// what came whole is kept, whatever ends a transfer, and an attempt begins where the last one ended. Each
// commit brings as many bytes as any other, so that bytes of packs tell how much of a history was fetched.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <thread>

#include "e2e/end_to_end.h"
#include "e2e/random_history.h"
#include "e2e/torture.h"
#include "sim/histories.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sim::HistoryShape;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr unsigned kCommits = 96;
constexpr std::size_t kBytes = 3'000;
constexpr std::uint64_t kCarried = 200'000;   // by a bad connection; less than a packet would be an outage
constexpr std::int64_t kLargeKb = 1'000'000;  // what GitHub says: large enough to begin in slices

struct Named {
  const char* name;
  HistoryShape shape;
};

const Named kShapes[] = {
    {"ALine", {.commits = kCommits, .bytes = kBytes}},
    {"TwelveTags", {.commits = kCommits, .bytes = kBytes, .tags = 12}},
    {"LatestAtTheTip", {.commits = kCommits, .bytes = kBytes, .has_latest = true}},
    {"MergesAllOver", {.commits = kCommits / 2, .bytes = kBytes, .merge_every = 3}},
};

std::string name_of(const testing::TestParamInfo<Named>& info) {
  return info.param.name;
}

/// The vault of some runs, and the server that they fetch from; several may show one world at once.
struct Lane {
  Lane(sim::World& world, fs::path to, sim::GitFeatures features = {})
      : github(world, {.git_features = features}), vault(std::move(to)) {}

  /// Of each pack that was asked for in earnest, how much of it was sent.
  std::vector<std::uint64_t> packs() const {
    std::vector<std::uint64_t> sizes;
    for (const sim::LoggedRequest& request : github.log())
      if (request.git_command == sim::GitCommand::fetch && !request.is_question && request.status == 200)
        sizes.push_back(request.pack_bytes);
    return sizes;
  }
  std::uint64_t fetched() const {
    const auto sizes = packs();
    return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  }

  sim::Simulator github;
  fs::path vault;
};

class Histories : public EndToEnd {
 protected:
  sim::RepositoryId add(const HistoryShape& shape, std::int64_t size_kb = 0) {
    const auto id = add_repository("site");
    sim::make_history(path_of(id), shape);
    pushed(id);
    world_.edit(id, [&](sim::Repository& repository) { repository.size_kb = size_kb; });
    return id;
  }
  sim::Environment environment(const std::string& retries) const {
    return {{"TOKEN_GITHUB", token_}, {"HUBKEEP_RETRIES", retries}};
  }
  static std::vector<std::string> arguments(const Lane& lane) {
    return {"backup", "--api-url", lane.github.api_url(), "--to", lane.vault.string(), "--json"};
  }
  sim::RunResult backup_of(const Lane& lane, const std::string& retries = "0") {
    return hubkeep(arguments(lane), environment(retries));
  }
  sim::RunResult of_vault(const std::string& command, const fs::path& vault,
                          std::vector<std::string> more = {}) {
    more.insert(more.begin(), command);
    more.insert(more.end(), {"--from", vault.string()});
    return hubkeep(std::move(more));
  }
  static json line_of(const sim::RunResult& result) {
    return json::parse(result.out).at("repositories").at(0);
  }
  json snapshots_in(const fs::path& vault) {
    return json::parse(of_vault("list", vault, {"octo/site", "--json"}).out).at("snapshots");
  }
  void expect_restores(sim::RepositoryId id, const fs::path& vault) {
    const fs::path folder = vault.string() + "-restored";
    const auto result = of_vault("restore", vault, {"octo/site", folder.string(), "--bare"});
    ASSERT_EQ(result.exit_code, 0) << vault << result.err;
    EXPECT_EQ(state_of(folder), state_of(path_of(id))) << vault;
    sim::git(folder, {"fsck", "--strict", "--no-dangling"});
  }
  void expect_whole(sim::RepositoryId id, const fs::path& vault) {
    expect_restores(id, vault);
    const auto verified = of_vault("verify", vault);
    EXPECT_EQ(verified.exit_code, 0) << vault << verified.out << verified.err;
  }
  /// Bytes of the pack in which all of it comes at once.
  std::uint64_t one_piece(sim::RepositoryId id) {
    const std::string objects = sim::git(path_of(id), {"for-each-ref", "--format=%(objectname)"});
    return sim::git(path_of(id), {"pack-objects", "--revs", "--stdout", "-q"}, objects + "\n").size();
  }

  sim::FaultMatch packs_ = {.git_command = sim::GitCommand::fetch, .is_question = false};
};

// Headers and checksums of packs, and trees that two slices both have changed.
std::uint64_t with_overhead(std::uint64_t bytes) {
  return bytes + bytes / 20 + 2'000;
}

// Of packs that came one after the other, but for those that were cut when all had brought so much.
std::uint64_t bytes_that_counted(const std::vector<std::uint64_t>& packs,
                                 const std::set<std::uint64_t>& cuts) {
  std::uint64_t sent = 0;
  std::uint64_t counted = 0;
  for (const std::uint64_t pack : packs) {
    sent += pack;
    if (!cuts.contains(sent)) counted += pack;
  }
  return counted;
}

class HistorySlices : public Histories, public testing::WithParamInterface<Named> {};

TEST_P(HistorySlices, OfALargeHistoryAreFetchedFromTheStart) {
  const auto id = add(GetParam().shape, kLargeKb);
  Lane lane(world_, scratch_ / "vault");

  const auto result = backup_of(lane);

  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto packs = lane.packs();
  EXPECT_GT(packs.size(), 8U);
  EXPECT_LE(lane.fetched(), with_overhead(one_piece(id)));
  EXPECT_LT(*std::max_element(packs.begin(), packs.end()), one_piece(id) / 5);
  EXPECT_EQ(snapshots_in(lane.vault).back().at("git"), "ok");
  expect_whole(id, lane.vault);
  EXPECT_EQ(of_vault("verify", lane.vault, {"--deep"}).exit_code, 0);
  EXPECT_EQ(line_of(backup_of(lane)).at("result"), "unchanged");
}

TEST_P(HistorySlices, CutAtEveryBorderAndInsideEachAreNotFetchedAgain) {
  const auto id = add(GetParam().shape, kLargeKb);
  Lane measured(world_, scratch_ / "measured");
  ASSERT_EQ(backup_of(measured).exit_code, 0);
  const auto sizes = measured.packs();
  const std::uint64_t whole = one_piece(id);

  const auto cut_at = [&](std::size_t slice, bool inside) {
    Lane lane(world_, scratch_ / fmt::format("vault-{}-{}", slice, inside ? "inside" : "before"));
    const int before = static_cast<int>(slice);
    if (inside) lane.github.faults().add(packs_, sim::CutPackAfter{sizes[slice] / 2}, 1, before);
    lane.github.faults().add(packs_, sim::Respond{.status = 503}, sim::Fault::kForever,
                             before + (inside ? 1 : 0));
    const auto first = backup_of(lane);
    EXPECT_EQ(first.exit_code, fs::exists(lane.vault / "repos") ? 3 : 1) << lane.vault << first.err;
    lane.github.faults().clear();

    const auto second = backup_of(lane);

    EXPECT_EQ(second.exit_code, 0) << lane.vault << second.err;
    const std::uint64_t cut = inside ? lane.packs().at(slice) : 0;
    EXPECT_LE(cut, sizes[slice] / 2) << lane.vault;
    EXPECT_LE(lane.fetched(), with_overhead(whole) + cut) << lane.vault;
    expect_restores(id, lane.vault);
  };
  // Each place of the line, and every third of the others, but all of them with `make torture`.
  const std::size_t step = GetParam().name == kShapes[0].name || torture_rounds(0) > 0 ? 1 : 3;
  std::vector<std::jthread> threads;
  for (std::size_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      for (std::size_t i = first * step; i < sizes.size() * 2; i += 4 * step) cut_at(i / 2, i % 2 == 1);
    });
  }
}

// Nobody has said that it is large: the first pack has all of it, and breaks.
TEST_P(HistorySlices, AreWhatComesAfterAPieceThatBroke) {
  HistoryShape shape = GetParam().shape;
  shape.bytes = 15'000;  // more than what is begun with anew
  const auto id = add(shape);
  Lane lane(world_, scratch_ / "vault");
  const std::uint64_t whole = one_piece(id);
  lane.github.faults().add(packs_, sim::CutPackAfter{whole * 9 / 10});

  const auto result = backup_of(lane, "4");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  auto packs = lane.packs();
  ASSERT_GT(packs.size(), 3U);
  EXPECT_EQ(packs.front(), whole * 9 / 10);
  EXPECT_LE(lane.fetched(), with_overhead(whole) + packs.front());
  packs.erase(packs.begin());
  EXPECT_LT(*std::max_element(packs.begin(), packs.end()), whole / 2);
  expect_whole(id, lane.vault);
}

TEST_P(HistorySlices, ComeThroughAConnectionThatCarriesLittle) {
  HistoryShape shape = GetParam().shape;
  shape.bytes = 15'000;
  const auto id = add(shape);
  Lane lane(world_, scratch_ / "vault");
  lane.github.faults().add(packs_, sim::CutPackAfter{kCarried}, sim::Fault::kForever);

  const auto result = backup_of(lane, "4");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_whole(id, lane.vault);
}

INSTANTIATE_TEST_SUITE_P(Of, HistorySlices, testing::ValuesIn(kShapes), name_of);

/// 382 commits of the same size, of which 322 come.
class CutTransfer : public Histories {
 protected:
  static constexpr unsigned kAll = 382;
  static constexpr unsigned kCame = 322;

  CutTransfer() : id_(add({.commits = kAll, .bytes = kBytes}, kLargeKb)), whole_(one_piece(id_)) {}

  std::uint64_t came() const { return whole_ * kCame / kAll; }
  /// All that is left after a cut there: the rest, and what had come of the slice that was cut, a sixteenth
  /// of all or a bit more.
  std::uint64_t left_at_most() const { return with_overhead(whole_ - came() + whole_ / 10); }

  const sim::RepositoryId id_;
  const std::uint64_t whole_;
};

TEST_F(CutTransfer, GoesOnWithinTheSameRun) {
  Lane lane(world_, scratch_ / "vault");
  lane.github.faults().add(packs_, sim::CutPacksAt{came()}, sim::Fault::kForever);

  const auto result = backup_of(lane, "4");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LE(lane.fetched(), came() + left_at_most());
  expect_whole(id_, lane.vault);
}

TEST_F(CutTransfer, GoesOnWithTheNextRun) {
  Lane lane(world_, scratch_ / "vault");
  bool is_down = false;
  lane.github.faults().add(packs_, sim::CutPacksAt{came()}, sim::Fault::kForever);
  lane.github.faults().add(packs_, sim::Hook{[&] {
                             if (is_down || lane.fetched() < came()) return;
                             is_down = true;
                             lane.github.faults().add(packs_, sim::Respond{.status = 503},
                                                      sim::Fault::kForever);
                           }},
                           sim::Fault::kForever);
  const auto first = backup_of(lane, "1");
  EXPECT_EQ(first.exit_code, 3) << first.err;
  lane.github.faults().clear();
  const std::uint64_t before = lane.fetched();
  EXPECT_GE(before, came());

  const auto second = backup_of(lane);

  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_LE(lane.fetched() - before, left_at_most());
  expect_whole(id_, lane.vault);
}

TEST_F(CutTransfer, GoesOnAfterItWasStoppedOrKilled) {
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    Lane lane(world_, scratch_ / fmt::format("vault-{}", signal));
    lane.github.faults().add(packs_, sim::HoldPacksAt{came()}, sim::Fault::kForever);
    BackgroundRun run = start_hubkeep(arguments(lane), environment("1"));
    EXPECT_TRUE(wait_until([&] { return lane.fetched() == came(); })) << signal;
    run.signal(signal);
    const auto result = run.finish();
    lane.github.faults().clear();

    const auto second = backup_of(lane);

    EXPECT_NE(result.exit_code, 0);
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_LE(lane.fetched(), came() + left_at_most()) << signal;
    EXPECT_THAT(second.err, Not(HasSubstr("damaged")));
    expect_whole(id_, lane.vault);
  }
}

// Of a history that GitHub says nothing of.
TEST_F(Histories, OnePieceThatWasStoppedComesInSlicesTheNextTime) {
  const auto id = add({.commits = 400, .bytes = 2 * kBytes});
  const std::uint64_t whole = one_piece(id);
  ASSERT_GT(whole * 3 / 4, std::uint64_t{1} << 20);
  Lane lane(world_, scratch_ / "vault");
  for (const std::uint64_t come : {whole * 3 / 4, whole / 2}) {  // within the piece, then within the slices
    const std::uint64_t before = lane.fetched();
    lane.github.faults().add(packs_, sim::HoldPacksAt{come}, sim::Fault::kForever);
    BackgroundRun run = start_hubkeep(arguments(lane), environment("1"));
    EXPECT_TRUE(wait_until([&] { return lane.fetched() == before + come; })) << come;
    run.signal(SIGINT);
    EXPECT_NE(run.finish().exit_code, 0);
    lane.github.faults().clear();
  }

  const auto last = backup_of(lane);

  EXPECT_EQ(last.exit_code, 0) << last.err;
  EXPECT_LE(lane.fetched(), whole * 3 / 4 + with_overhead(whole + whole / 8));
  expect_whole(id, lane.vault);
}

/// Of servers that announce less than GitHub, and histories that are wider than what a server is told.
class OtherServers : public Histories {
 protected:
  void expect_mended(sim::GitFeatures features, const HistoryShape& shape, std::uint64_t most_at_once) {
    const auto id = add(shape, kLargeKb);
    Lane lane(world_, scratch_ / "vault", features);
    const std::uint64_t whole = one_piece(id);
    lane.github.faults().add(packs_, sim::CutPacksAt{whole * 2 / 3}, sim::Fault::kForever);

    const auto result = backup_of(lane, "4");

    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto packs = lane.packs();
    EXPECT_LE(*std::max_element(packs.begin(), packs.end()), most_at_once);
    expect_whole(id, lane.vault);
    for (const sim::LoggedRequest& request : lane.github.log()) {
      const bool is_answered = request.git_command != sim::GitCommand::fetch || request.response_bytes > 0;
      EXPECT_TRUE(is_answered) << "it was sent what it does not announce";
      EXPECT_LE(request.haves, 512U) << "what is held, and refs";
    }
  }
};

TEST_F(OtherServers, WithoutFilterAreCutByDepth) {
  const HistoryShape shape = {.commits = kCommits, .bytes = kBytes};
  expect_mended({.filter = false}, shape, std::uint64_t{kCommits} * kBytes / 2);
}

TEST_F(OtherServers, WithoutFilterAreCutByDepthWhereMergesAreAllOver) {
  const HistoryShape shape = {.commits = kCommits / 2, .bytes = kBytes, .merge_every = 3};
  expect_mended({.filter = false}, shape, std::uint64_t{kCommits} * kBytes / 2);
}

TEST_F(OtherServers, WithoutShallowAreCutByRefs) {
  const HistoryShape shape = {.commits = kCommits, .bytes = kBytes, .tags = 12};
  expect_mended({.shallow = false}, shape, std::uint64_t{kCommits} * (kBytes + 1'000));
}

TEST_F(OtherServers, WithNeitherAreCutByRefs) {
  const HistoryShape shape = {.commits = kCommits, .bytes = kBytes, .tags = 12};
  expect_mended({.filter = false, .shallow = false}, shape, std::uint64_t{kCommits} * (kBytes + 1'000));
}

TEST_F(OtherServers, AreToldOfNoMoreThan256CommitsHoweverWideAHistoryIs) {
  const HistoryShape shape = {.commits = 900, .bytes = 300, .lines = 300};
  expect_mended({}, shape, std::uint64_t{900} * 700);
}

TEST_F(Histories, ACommitThatIsTooLargeForTheConnectionIsNamedAndAllBeforeItIsKept) {
  const auto id = add({.commits = 40, .bytes = 15'000});
  push_file(id, random_bytes(4 * kCarried, 7));
  const std::string large = sim::git(path_of(id), {"rev-parse", "main"});
  Lane lane(world_, scratch_ / "vault");
  lane.github.faults().add(packs_, sim::CutPackAfter{kCarried}, sim::Fault::kForever);

  const auto result = backup_of(lane, "1");

  EXPECT_EQ(result.exit_code, 3) << result.err;
  const auto message = line_of(result).at("error").at("message").get<std::string>();
  EXPECT_THAT(message, HasSubstr(large));
  EXPECT_LE(lane.packs().size(), 60U);
  lane.github.faults().clear();
  const std::uint64_t before = lane.fetched();
  EXPECT_EQ(backup_of(lane).exit_code, 0);
  EXPECT_LE(lane.fetched() - before, with_overhead(4 * kCarried));
  expect_whole(id, lane.vault);
}

/// `make torture N=600`: thirty trials on each of twenty histories.
TEST_F(Histories, WhateverTheyAreAndWhereverTheyAreCutTheyComeWhole) {
  const unsigned seed = torture_seed();
  const unsigned trials = torture_rounds(6);
  const unsigned histories = std::clamp(trials / 2, 1U, 20U);
  SCOPED_TRACE(fmt::format("SEED={}", seed));
  std::uint64_t largest = 0;
  double largest_share = 0;
  for (unsigned history = 0; history < histories; ++history) {
    const auto id = add_repository("site");
    RandomHistory random_history(path_of(id), seed + history, 60'000);
    for (int step = 0; step < 25; ++step) random_history.step();
    pushed(id);
    const std::uint64_t whole = one_piece(id);
    std::mt19937 random(seed + history);
    for (unsigned trial = history; trial < trials; trial += histories) {
      SCOPED_TRACE(fmt::format("history {}, trial {}", history, trial));
      const bool is_large = random() % 2 == 0;  // else it begins in one piece
      world_.edit(id, [&](sim::Repository& each) { each.size_kb = is_large ? kLargeKb : 0; });
      Lane lane(world_, scratch_ / fmt::format("vault-{}-{}", history, trial));
      std::set<std::uint64_t> cuts;
      for (unsigned cut = 1 + static_cast<unsigned>(random() % 3); cut > 0; --cut)
        cuts.insert(1 + random() % whole);
      for (const std::uint64_t cut : cuts)
        lane.github.faults().add(packs_, sim::CutPacksAt{cut}, sim::Fault::kForever);

      auto result = backup_of(lane, "0");
      for (std::size_t run = 0; result.exit_code != 0 && run < cuts.size(); ++run)
        result = backup_of(lane, "0");

      ASSERT_EQ(result.exit_code, 0) << result.err;
      expect_whole(id, lane.vault);
      const auto packs = lane.packs();
      const std::uint64_t slice = is_large ? *std::max_element(packs.begin(), packs.end()) : 0;
      EXPECT_LE(bytes_that_counted(packs, cuts), with_overhead(whole));
      largest = std::max(largest, slice);
      largest_share = std::max(largest_share, static_cast<double>(slice) / static_cast<double>(whole));
      fs::remove_all(lane.vault);
      fs::remove_all(lane.vault.string() + "-restored");
    }
    world_.remove(id);
  }
  fmt::print(
      "{} trials on {} histories, SEED={}: the largest slice had {} bytes, {:.0f} % of its history at most\n",
      trials, histories, seed, largest, 100 * largest_share);
}

}  // namespace
}  // namespace hubkeep
