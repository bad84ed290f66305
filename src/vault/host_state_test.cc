#include "vault/host_state.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error_of.h"
#include "base/zstd.h"
#include "vault/sealed_lines.h"

namespace hubkeep {
namespace {

UtcTime day(int number) {
  return *parse_time("2026-11-" + std::to_string(10 + number) + "T00:00:00Z");
}

HostState sample() {
  HostState state{.host = "github.com", .vault = "00ff"};
  state.newest_run =
      CompletedRun{.run = *SnapshotId::parse("20261112T000000Z-00000a"), .finished = day(2), .number = 2};
  state.losses = {{.key = "zip/2026-11-11/metadata.json", .detail = "is missing", .found_at = day(2)}};
  state.repositories[7] = {.name = "acme/site",
                           .folder = "repos/github.com/acme/site.7/",
                           .is_private = true,
                           .checked_at = day(2),
                           .failure = Failure{.since = day(1), .kind = ErrorKind::forbidden, .message = "no"},
                           .absence = Absence{.since = day(1), .accepted_at = day(2)},
                           .was_cut = true,
                           .came_by_star = true,
                           .losses = {{.key = "repos/github.com/acme/site.7/git/x.bundle",
                                       .detail = "has 3 bytes where 4 were written",
                                       .found_at = day(1),
                                       .accepted_at = day(2),
                                       .size = 4,
                                       .sha256 = std::string(64, 'a')}},
                           .newest = {{*SnapshotId::parse("20261112T000000Z-00000a"), std::string(64, 'b')}}};
  state.repositories[30] = {.name = "acme/new", .folder = "", .is_private = false, .checked_at = day(2)};
  return state;
}

// Without the seal, which is the last 40 bytes.
std::string lines_of(const HostState& state) {
  const std::string stored = format_state(state);
  return zstd_decompress(stored.substr(0, stored.size() - 40));
}

ErrorKind kind_of_reading(const std::string& stored) {
  return error_of([&] { parse_state(stored); }).kind();
}

TEST(HostState, IsReadBackAsWritten) {
  EXPECT_EQ(parse_state(format_state(sample())), sample());
  EXPECT_EQ(parse_state(format_state({.host = "h", .vault = "v"})), (HostState{.host = "h", .vault = "v"}));
}

TEST(HostState, RemembersSubjectsOfAllKinds) {
  HostState state = sample();
  state.repositories[SubjectId::gist("7")] = {
      .name = "octocat/7", .folder = "gists/github.com/octocat/7/", .checked_at = day(2)};
  state.repositories[SubjectId::account(7)] = {
      .name = "acme", .folder = "accounts/github.com/acme.7/", .checked_at = day(2)};
  HostState misplaced = state;
  misplaced.repositories[SubjectId::gist("7")].folder = "repos/github.com/acme/site.7/";

  EXPECT_EQ(parse_state(format_state(state)), state);
  EXPECT_EQ(state.repositories.size(), 4U);
  EXPECT_EQ(kind_of_reading(format_state(misplaced)), ErrorKind::corrupt);
}

TEST(HostState, IsWrittenWhateverAMessageHolds) {
  HostState state = sample();
  state.repositories.at(7).failure->message = "cut within \xc3";

  const HostState read = parse_state(format_state(state));

  EXPECT_EQ(read.repositories.at(7).failure->message, "cut within \xef\xbf\xbd");
  EXPECT_EQ(read.repositories.size(), state.repositories.size());
}

TEST(HostState, NoticesEveryChangedBitAndEveryLostByte) {
  const std::string stored = format_state(sample());

  for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string changed = stored;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(kind_of_reading(changed), ErrorKind::corrupt) << bit;
  }
  for (std::size_t size = 0; size < stored.size(); ++size)
    EXPECT_EQ(kind_of_reading(stored.substr(0, size)), ErrorKind::corrupt) << size;
}

TEST(HostState, RefusesWhatLeadsOutOfTheVaultOrIsOutOfOrder) {
  const std::string head = R"({"host":"h","vault":"v"})";
  const std::string end = R"(,"private":false,"checked_at":"2026-11-12T00:00:00Z"})";
  const auto stored = [](const std::vector<std::string>& lines) {
    SealedLinesWriter writer("state");
    for (const auto& line : lines) writer.add(nlohmann::ordered_json::parse(line));
    return writer.finish();
  };
  const std::string good = R"({"id":1,"name":"a/b","folder":"repos/h/a/b.1/")" + end;

  EXPECT_EQ(parse_state(stored({head, good})).repositories.size(), 1U);
  for (const auto& lines :
       {std::vector<std::string>{},
        {good},
        {head, good, good},
        {head, R"({"id":1,"name":"a/b","folder":"../x/")" + end},
        {head, R"({"id":1,"name":"a/b","folder":"zip/x/")" + end},
        {head, good.substr(0, good.size() - 1) + R"(,"newest":[{"snapshot":"x","sha256":""}]})"},
        {head, R"({"id":1.5,"name":"a/b","folder":"")" + end},
        {R"({"host":"h","vault":"v","losses":[{"key":"../x","detail":"",)"
         R"("found_at":"2026-11-12T00:00:00Z"}]})"},
        {R"({"host":"h","vault":"v","newest_run":{"run":"x","finished":""}})"},
        {R"({"host":"h","vault":"v","newest_run":{"run":"20261112T000000Z-00000a",)"
         R"("finished":"2026-11-12T00:00:00Z","number":-1}})"}}) {
    EXPECT_EQ(kind_of_reading(stored(lines)), ErrorKind::corrupt) << (lines.empty() ? "" : lines.back());
  }
}

TEST(HostState, KeepsTheTimeWhenALossWasFirstFound) {
  std::vector<Loss> losses;

  EXPECT_TRUE(add_loss(losses, {.key = "a", .detail = "is missing", .found_at = day(1)}));
  EXPECT_TRUE(add_loss(losses, {.key = "b", .detail = "is missing", .found_at = day(1)}));
  EXPECT_FALSE(add_loss(losses, {.key = "a", .detail = "is missing", .found_at = day(2)}));

  ASSERT_EQ(losses.size(), 2U);
  EXPECT_EQ(losses.front().found_at, day(1));
}

TEST(HostState, CountsRunsWhateverTheirClocksSay) {
  const auto run = [](int number) {
    return *SnapshotId::parse("202611" + std::to_string(10 + number) + "T000000Z-00000a");
  };
  HostState state{.host = "h", .vault = "v"};

  complete_run(state, run(9), day(9));
  complete_run(state, run(2), day(2));  // of a machine whose clock is behind
  complete_run(state, run(2), day(3));  // a shared run that is ended twice

  EXPECT_EQ(state.newest_run, (CompletedRun{.run = run(2), .finished = day(2), .number = 2}));
  EXPECT_FALSE(is_behind(state.newest_run, {.run = run(9), .finished = day(9), .number = 1}));
  EXPECT_FALSE(is_behind(state.newest_run, *state.newest_run));
  EXPECT_TRUE(is_behind(state.newest_run, {.run = run(3), .finished = day(3), .number = 2}));
  EXPECT_TRUE(is_behind(state.newest_run, {.run = run(1), .finished = day(1), .number = 3}));
  EXPECT_TRUE(is_behind(std::nullopt, {.run = run(1), .finished = day(1), .number = 0}));
}

TEST(HostState, KnowsWhatNobodyHasAccepted) {
  HostState state = sample();
  EXPECT_EQ(open_losses(state).size(), 1U);
  EXPECT_EQ(open_losses(state).front().repository, "") << "of the vault itself";

  state.repositories.at(7).losses.front().accepted_at.reset();
  EXPECT_EQ(open_losses(state).back().losses.back().key, "repos/github.com/acme/site.7/git/x.bundle");

  EXPECT_EQ(lines_of(state).find('\n'), lines_of(state).find("}]}\n") + 3) << "the first line is the head";
}

}  // namespace
}  // namespace hubkeep
