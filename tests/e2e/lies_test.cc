// A server that lies to a backup that proves nothing (--no-proof, or an older version; for one that does, see
// proof_test.cc): it answers a fetch with a pack that is well-formed and not what was asked for. What can
// be seen of that while the pack streams by is refused. What cannot is saved, and then it is not handed out
// by restore, is found by verify --restore, and fetched again by a repair: a vault heals.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"
#include "e2e/lying_packs.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

enum class Fetch { base, increment };
enum class End { refused, healed };

// As failures print it.
void PrintTo(End end, std::ostream* out) {
  *out << (end == End::refused ? "refused" : "healed");
}

std::string objects_of(const fs::path& repository) {
  std::vector<std::string> lines;
  std::istringstream text(sim::git(repository, {"rev-list", "--objects", "--no-object-names", "--all"}));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return testing::PrintToString(lines);
}

class LieTest : public EndToEnd {
 protected:
  LieTest() {
    id_ = add_filled("site", 1, 3);
    sim::run_checked({"git", "init", "--bare", "--quiet", another().string()});
    sim::make_repository_content(another(), 77, 4, 3);
  }
  fs::path another() const { return scratch_ / "another.git"; }

  sim::RunResult backup(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    environment.emplace("HUBKEEP_NO_PROOF", "true");
    return EndToEnd::backup(std::move(arguments), std::move(environment));
  }

  /// Two commits on main, the newer one with dir/one and dir/two, and one on a new branch.
  void push_more() {
    const auto commit = [](const std::string& ref, const std::string& from) {
      return fmt::format(
          "commit {}\ncommitter A U Thor <author@example.com> 1700000000 +0000\ndata 5\nmore\n\nfrom {}\n",
          ref, from);
    };
    const auto file = [](const std::string& path) {
      const std::string content = fmt::format("what only {} says, in a line of its own\n", path);
      return fmt::format("M 100644 inline {}\ndata {}\n{}\n", path, content.size(), content);
    };
    sim::fast_import(path_of(id_), commit("refs/heads/fix", "refs/heads/main^0") + file("fixed") +
                                       commit("refs/heads/main", "refs/heads/main^0") + file("dir/zero") +
                                       "\n");
    sim::fast_import(path_of(id_),
                     commit("refs/heads/main", "refs/heads/main^0") + file("dir/one") + file("dir/two"));
    pushed(id_);
  }

  void answer_with(std::function<sim::FetchAnswer(const LyingServer&, const sim::FetchedObjects&)> answer) {
    const LyingServer server{path_of(id_), another(), earlier_pack_};
    sim::FaultMatch fetch;
    fetch.git_command = sim::GitCommand::fetch;
    github_.faults().clear();
    github_.faults().add(fetch, sim::AnswerFetchWith{[server, answer](const std::string& body) {
                           return answer(server, sim::fetch_in(body));
                         }},
                         sim::Fault::kForever);
  }

  /// A backup in which the server answers so; then it is honest again.
  sim::RunResult backup_from(
      std::function<sim::FetchAnswer(const LyingServer&, const sim::FetchedObjects&)> answer) {
    answer_with(std::move(answer));
    auto result = backup({}, {{"HUBKEEP_RETRIES", "1"}});
    EXPECT_GT(github_.faults().applied(), 0U) << "nothing was asked for";
    github_.faults().clear();
    return result;
  }

  sim::RunResult verify(std::vector<std::string> arguments = {"--restore"}) {
    arguments.insert(arguments.begin(),
                     {"verify", "--temp-dir", temp_dir().string(), "--from", vault().string()});
    auto result = hubkeep(arguments);
    EXPECT_TRUE(!fs::exists(temp_dir()) || fs::is_empty(temp_dir()));
    return result;
  }
  fs::path temp_dir() const { return scratch_ / "temporary"; }

  /// None where nothing of it was saved.
  std::vector<std::string> found_snapshots() const {
    if (!fs::exists(vault() / "repos")) return {};
    for (const auto& entry : fs::recursive_directory_iterator(vault() / "repos"))
      if (entry.is_directory() && entry.path().filename().string().ends_with("." + std::to_string(id_)) &&
          fs::exists(entry.path() / "snapshots"))
        return snapshots_of(entry.path());
    return {};
  }

  /// By hubkeep and by plain git: all that the server has, and nothing is broken.
  void expect_the_servers_history() {
    const auto by_hubkeep = restore("octo/site");
    const auto by_git = restore_by_readme(folder_of(id_), snapshots_of(folder_of(id_)).back());
    for (const auto& restored : {by_hubkeep, by_git}) {
      EXPECT_EQ(state_of(restored), state_of(path_of(id_)));
      EXPECT_EQ(objects_of(restored), objects_of(path_of(id_)));
      const auto check = sim::run({"git", "-C", restored.string(), "fsck", "--full"});
      EXPECT_EQ(check.exit_code, 0) << check.err;
    }
  }
  void expect_all_proved() {
    for (const char* how : {"--restore", "--deep"}) {
      const auto result = verify({how});
      EXPECT_EQ(result.exit_code, 0) << how << ": " << result.out << result.err;
    }
  }

  void expect_refused(const sim::RunResult& run) {
    EXPECT_EQ(run.exit_code, 1) << run.out << run.err;
    EXPECT_THAT(run.err + run.out, HasSubstr("octo/site"));
    EXPECT_EQ(backup().exit_code, 0);
    expect_all_proved();
    expect_the_servers_history();
  }

  /// `whole` are the snapshots of which every object had come.
  void expect_healed(const std::vector<std::string>& whole) {
    const std::string lied = snapshots_of(folder_of(id_)).back();
    expect_not_handed_out(lied);
    expect_named(lied, whole);
    const auto repaired = backup({"--repair", findings().string()});
    EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
    const auto proved = verify();
    EXPECT_EQ(proved.exit_code, 0) << proved.out << proved.err;
    EXPECT_THAT(proved.out + proved.err, HasSubstr("lost before, and known to be"));
    expect_the_servers_history();
    push_file(id_, "what comes later");
    EXPECT_EQ(backup().exit_code, 0);
    expect_all_proved();
    expect_the_servers_history();
  }
  void expect_not_handed_out(const std::string& snapshot) {
    const auto target = scratch_ / "broken";
    const auto result = hubkeep(
        {"restore", "octo/site", target.string(), "--bare", "--from", vault().string(), "--at", snapshot});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("hubkeep verify --deep --from " + vault().string() + " octo/site@"));
    EXPECT_FALSE(fs::exists(target));
  }
  void expect_named(const std::string& lied, const std::vector<std::string>& whole) {
    const auto result = verify({"--restore", "--json"});
    EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
    std::ofstream(findings()) << result.out;
    const auto verdict = nlohmann::json::parse(result.out).at("repositories").at(0);
    ASSERT_EQ(verdict.at("damages").size(), 1U) << result.out;
    const auto damage = verdict.at("damages").at(0);
    // Of an empty pack no bundle is kept; then it is the refs that claim too much.
    const bool has_bundle = fs::exists(folder_of(id_) / "git" / (lied + ".bundle"));
    EXPECT_THAT(damage.at("key").get<std::string>(),
                testing::EndsWith("/git/" + lied + (has_bundle ? ".bundle" : ".refs.zst")));
    EXPECT_EQ(damage.at("kind"), "connectivity");
    EXPECT_EQ(damage.at("snapshots"), nlohmann::json::array({lied}));
    EXPECT_EQ(verdict.at("proved"), whole.size());
    EXPECT_EQ(verdict.at("newest_restorable"),
              whole.empty() ? nlohmann::json() : nlohmann::json(whole.back()));
  }
  fs::path findings() const { return scratch_ / "findings.json"; }

  sim::RepositoryId id_ = 0;
  std::string earlier_pack_;
};

struct Told {
  std::size_t lie;
  Fetch as;
  End end;
};

class Lies : public LieTest, public testing::WithParamInterface<Told> {};

TEST_P(Lies, NeverMakeAVaultThatStaysBroken) {
  std::vector<std::string> whole;
  std::string state;
  earlier_pack_ = whole_pack(path_of(id_));
  if (GetParam().as == Fetch::increment) {
    ASSERT_EQ(backup().exit_code, 0);
    whole = snapshots_of(folder_of(id_));
    state = state_of(path_of(id_));
  }
  push_more();

  const auto run = backup_from(lies().at(GetParam().lie).answer);

  const bool is_saved = found_snapshots().size() > whole.size();
  ASSERT_EQ(is_saved ? End::healed : End::refused, GetParam().end) << run.out << run.err;
  if (is_saved)
    expect_healed(whole);
  else
    expect_refused(run);
  for (const auto& snapshot : whole) EXPECT_EQ(state_of(restore("octo/site", snapshot)), state);
}

// Honest runs that came after the lie build on it: a repair has to let go of these as well.
TEST_P(Lies, AreHealedWhateverWasBuiltOnThem) {
  if (GetParam().end == End::refused) return;
  earlier_pack_ = whole_pack(path_of(id_));
  if (GetParam().as == Fetch::increment) {
    ASSERT_EQ(backup().exit_code, 0);
  }
  push_more();
  ASSERT_EQ(backup_from(lies().at(GetParam().lie).answer).exit_code, 0);
  push_file(id_, "on top of it");
  ASSERT_EQ(backup().exit_code, 0);

  const auto found = verify({"--restore", "--json"});
  std::ofstream(findings()) << found.out;
  const auto repaired = backup({"--repair", findings().string()});

  EXPECT_EQ(found.exit_code, 3) << found.out;
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  expect_all_proved();
  expect_the_servers_history();
  push_file(id_, "what comes later");
  EXPECT_EQ(backup().exit_code, 0);
  expect_all_proved();
  expect_the_servers_history();
}

// Two proofs that have nothing in common but what they are to find.
TEST_P(Lies, AreFoundByADeepVerificationAsByARestore) {
  if (GetParam().end == End::refused) return;
  earlier_pack_ = whole_pack(path_of(id_));
  if (GetParam().as == Fetch::increment) {
    ASSERT_EQ(backup().exit_code, 0);
  }
  push_more();
  ASSERT_EQ(backup_from(lies().at(GetParam().lie).answer).exit_code, 0);
  push_file(id_, "on top of it");
  ASSERT_EQ(backup().exit_code, 0);
  const auto found_by = [&](const std::string& how) {
    const auto result = verify({how, "--json"});
    EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
    return nlohmann::json::parse(result.out).at("repositories").at(0);
  };

  const auto by_restore = found_by("--restore");
  const auto by_reading = found_by("--deep");

  for (const char* field : {"proved", "restorable", "newest_restorable", "objects_read", "bytes_read"})
    EXPECT_EQ(by_reading.at(field), by_restore.at(field)) << field;
  ASSERT_EQ(by_reading.at("damages").size(), by_restore.at("damages").size()) << by_reading << by_restore;
  for (std::size_t i = 0; i < by_restore.at("damages").size(); ++i)
    for (const char* field : {"key", "kind", "snapshots"})
      EXPECT_EQ(by_reading.at("damages").at(i).at(field), by_restore.at("damages").at(i).at(field)) << field;
}

// A repair is told of the same.
TEST_F(LieTest, WhatADeepVerificationFindsIsHealed) {
  ASSERT_EQ(backup().exit_code, 0);
  push_more();
  ASSERT_EQ(backup_from(lies().at(2).answer).exit_code, 0);  // without a blob
  const auto found = verify({"--deep", "--json"});
  std::ofstream(findings()) << found.out;

  const auto repaired = backup({"--repair", findings().string()});

  EXPECT_EQ(found.exit_code, 3);
  EXPECT_THAT(found.out, HasSubstr(sim::git(path_of(id_), {"rev-parse", "main:dir/two"})));
  EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
  expect_all_proved();
  expect_the_servers_history();
}

// What can be seen without an index: in a base, each tip, and each base of a delta, must be in the pack.
std::vector<Told> table() {
  constexpr std::array kOfABase = {
      End::refused,  // the answer of an earlier time
      End::refused,  // the pack of another repository
      End::healed,   // without a blob
      End::healed,   // without a tree
      End::healed,   // without a parent
      End::refused,  // without the tip
      End::refused,  // a delta whose base is nowhere
      End::refused,  // a cycle of deltas
      End::refused,  // nothing at all
      End::refused,  // fewer objects than tips
      End::refused,  // a shallow history
  };
  // An increment may name what older packs have, and of a rewind it may be empty.
  constexpr std::array kOfAnIncrement = {
      End::healed, End::healed, End::healed, End::healed, End::healed,  End::healed,
      End::healed, End::healed, End::healed, End::healed, End::refused,
  };
  std::vector<Told> rows;
  for (std::size_t lie = 0; lie < lies().size(); ++lie) {
    rows.push_back({lie, Fetch::base, kOfABase.at(lie)});
    rows.push_back({lie, Fetch::increment, kOfAnIncrement.at(lie)});
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(All, Lies, testing::ValuesIn(table()), [](const auto& row) {
  return std::string(lies().at(row.param.lie).name) +
         (row.param.as == Fetch::base ? "AsABase" : "AsAnIncrement");
});

// Honest snapshots that came after a lie lack what it left out, too, until they no longer need it.
TEST_F(LieTest, WhatIsBuiltOnALieIsToldOfUnderTheBundleThatBroughtIt) {
  ASSERT_EQ(backup().exit_code, 0);
  push_more();
  ASSERT_EQ(backup_from(lies().at(2).answer).exit_code, 0);  // without a blob
  push_file(id_, "on top of it");
  ASSERT_EQ(backup().exit_code, 0);
  const auto all = snapshots_of(folder_of(id_));
  ASSERT_EQ(all.size(), 3U);

  const auto result = verify({"--restore", "--json"});

  EXPECT_EQ(result.exit_code, 3);
  const auto verdict = nlohmann::json::parse(result.out).at("repositories").at(0);
  ASSERT_EQ(verdict.at("damages").size(), 1U) << result.out;
  const auto damage = verdict.at("damages").at(0);
  EXPECT_THAT(damage.at("key").get<std::string>(), testing::EndsWith("/git/" + all[1] + ".bundle"));
  EXPECT_EQ(damage.at("snapshots"), nlohmann::json::array({all[2], all[1]}));
  EXPECT_THAT(damage.at("detail").get<std::string>(),
              AllOf(HasSubstr("refs/heads/main"),
                    HasSubstr(sim::git(path_of(id_), {"rev-parse", "main~1:dir/two"}))));
  EXPECT_EQ(verdict.at("proved"), 1);
  const auto told = verify();
  EXPECT_THAT(told.out, HasSubstr("hubkeep backup --to " + vault().string() + " --repair findings.json"));
  EXPECT_THAT(told.out, AllOf(HasSubstr("hubkeep verify "), HasSubstr("--restore")));
}

// An honest pack is thin: it has deltas of what an earlier one left out, and cannot be read without.
TEST_F(LieTest, APackThatRestsOnALieIsNotToBlame) {
  const std::string large = random_bytes(20'000, 5);
  ASSERT_EQ(backup().exit_code, 0);
  push_file(id_, large);
  answer_with([&](const LyingServer& server, const sim::FetchedObjects& asked) {
    auto objects = server.objects_for(asked);
    std::erase(objects, sim::git(server.repository, {"rev-parse", "main:file"}));
    return sim::FetchAnswer{pack_of(server.repository, objects)};
  });
  ASSERT_EQ(backup().exit_code, 0);
  github_.faults().clear();
  push_file(id_, large + "more");
  ASSERT_EQ(backup().exit_code, 0);
  const auto all = snapshots_of(folder_of(id_));
  ASSERT_LT(fs::file_size(folder_of(id_) / "git" / (all[2] + ".bundle")), large.size()) << "it is not thin";

  const auto result = verify({"--restore", "--json"});

  EXPECT_EQ(result.exit_code, 3);
  const auto damages = nlohmann::json::parse(result.out).at("repositories").at(0).at("damages");
  ASSERT_EQ(damages.size(), 1U) << result.out;
  EXPECT_THAT(damages.at(0).at("key").get<std::string>(), testing::EndsWith("/git/" + all[1] + ".bundle"));
  EXPECT_EQ(damages.at(0).at("snapshots"), nlohmann::json::array({all[2], all[1]}));
}

// A repair that found the repository gone has given it up; when it comes back, nothing is built on the lie.
TEST_F(LieTest, WhatWasGivenUpIsNotBuiltOnWhenTheRepositoryComesBack) {
  push_more();
  ASSERT_EQ(backup_from(lies().at(2).answer).exit_code, 0);
  const auto name_and_path = world_.repository(id_);
  world_.remove(id_);
  std::ofstream(findings()) << verify({"--restore", "--json"}).out;
  EXPECT_EQ(backup({"--accept-gone"}).exit_code, 0);
  EXPECT_EQ(backup({"--repair", findings().string()}).exit_code, 3);
  world_.add_repository("octo", "site", {.id = id_, .adopt_path = name_and_path.path});
  pushed(id_);

  const auto back = backup();

  EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
  EXPECT_THAT(back.err, HasSubstr("it needs what a repair gave up as lost"));
  const auto newest = snapshots_of(folder_of(id_)).back();
  const auto verdict = nlohmann::json::parse(verify({"--restore", "--json"}).out).at("repositories").at(0);
  EXPECT_EQ(verdict.at("newest_restorable"), newest);
  expect_the_servers_history();
}

// Tips that were held all along, in packs that may be empty: what no earlier snapshot names is none of a lie.
TEST_F(LieTest, HonestRewindsAreSavedAndProved) {
  push_more();
  ASSERT_EQ(backup().exit_code, 0);
  for (const char* to : {"main~1", "main~2", "main~1"}) {
    const auto commit = sim::git(path_of(id_), {"rev-parse", to});
    sim::git(path_of(id_), {"update-ref", "refs/heads/main", commit});
    sim::git(path_of(id_), {"update-ref", "refs/heads/from/" + commit.substr(0, 8), commit + "~1"});
    pushed(id_);

    const auto run = backup();

    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
    expect_all_proved();
  }
  EXPECT_THAT(verify({}).out,
              HasSubstr(" snapshots are not proved to be whole; to prove it:\n  hubkeep verify --from "));
  EXPECT_THAT(verify().out, Not(HasSubstr("not proved")));
  EXPECT_EQ(snapshots_of(folder_of(id_)).size(), 4U);
}

TEST_F(LieTest, EachByteIsReadOnce) {
  ASSERT_EQ(backup().exit_code, 0);
  push_more();
  ASSERT_EQ(backup().exit_code, 0);
  const auto read_by = [&](const std::vector<std::string>& how) {
    auto arguments = how;
    arguments.emplace_back("--json");
    return nlohmann::json::parse(verify(arguments).out).at("repositories").at(0);
  };

  const auto read = read_by({"--read-data"});
  const auto rebuilt = read_by({"--restore"});
  const auto both = read_by({"--restore", "--read-data"});

  EXPECT_EQ(read.at("bytes_read"), read.at("bytes"));
  for (const auto& verdict : {rebuilt, both}) {
    EXPECT_EQ(verdict.at("proved"), 2);
    EXPECT_EQ(verdict.at("objects_read"), read.at("objects_read"));
    EXPECT_EQ(verdict.at("bytes_read"), read.at("bytes_read"));
  }
  EXPECT_FALSE(read.contains("proved"));
}

TEST_F(LieTest, WhatIsDamagedByTheDiskIsNotTakenForALie) {
  ASSERT_EQ(backup().exit_code, 0);
  push_more();
  ASSERT_EQ(backup().exit_code, 0);
  const auto newest = folder_of(id_) / "git" / (snapshots_of(folder_of(id_)).back() + ".bundle");
  {
    std::fstream stream(newest, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(newest) / 2));
    stream.put('\x55').put('\xaa');
  }

  const auto result = verify({"--restore", "--json"});

  EXPECT_EQ(result.exit_code, 3);
  const auto verdict = nlohmann::json::parse(result.out).at("repositories").at(0);
  ASSERT_EQ(verdict.at("damages").size(), 1U) << result.out;
  EXPECT_EQ(verdict.at("damages").at(0).at("kind"), "content");
  EXPECT_EQ(verdict.at("proved"), 1);
}

TEST_F(LieTest, AnObjectTwiceIsProvedWithAndWithoutGit) {
  push_more();
  ASSERT_EQ(backup_from(answer_with_a_blob_twice).exit_code, 0);

  expect_all_proved();
  expect_the_servers_history();
  const auto without =
      hubkeep({"verify", "--restore", "--temp-dir", temp_dir().string(), "--from", vault().string()},
              {{"PATH", "/nonexistent"}});

  EXPECT_EQ(without.exit_code, 0) << without.out << without.err;
}

TEST_F(LieTest, WhatGitIsNeededForIsNoDamageWithoutIt) {
  const auto modern = add_repository("modern", {.object_format = sim::ObjectFormat::sha256});
  sim::make_repository_content(path_of(modern), 3, 3, 3);
  pushed(modern);
  ASSERT_EQ(backup().exit_code, 0);
  const std::vector<std::string> arguments = {"verify", "--restore",     "--temp-dir", temp_dir().string(),
                                              "--from", vault().string()};

  const auto with_git = hubkeep(arguments);
  const auto without = hubkeep(arguments, {{"PATH", "/nonexistent"}});

  EXPECT_EQ(with_git.exit_code, 0) << with_git.out << with_git.err;
  EXPECT_EQ(without.exit_code, 3);
  EXPECT_THAT(without.out + without.err, AllOf(HasSubstr("octo/modern: could not be verified: "),
                                               HasSubstr("git"), Not(HasSubstr("DAMAGED"))));
  EXPECT_TRUE(fs::is_empty(temp_dir()));
}

TEST_F(LieTest, WhatTheMachineDidToGitIsNoDamage) {
  const auto modern = add_repository("modern", {.object_format = sim::ObjectFormat::sha256});
  sim::make_repository_content(path_of(modern), 3, 3, 3);
  pushed(modern);
  ASSERT_EQ(backup().exit_code, 0);
  const auto git = scratch_ / "bin" / "git";
  fs::create_directories(git.parent_path());
  for (const std::string fault :
       {"kill -9 $$", "echo 'fatal: write error: No space left on device' >&2; exit 128"}) {
    std::ofstream(git) << fmt::format(
        "#!/bin/sh\ncase \" $* \" in *' rev-list '*) {};; esac\nexec '{}' \"$@\"\n", fault,
        sim::find_program("git").value().string());
    fs::permissions(git, fs::perms::owner_all);
    const sim::Environment environment{{"PATH", git.parent_path().string() + ":/usr/bin:/bin"}};

    const auto verified = hubkeep(
        {"verify", "--restore", "--temp-dir", temp_dir().string(), "--from", vault().string()}, environment);
    const auto restored =
        hubkeep({"restore", "octo/modern", "out", "--bare", "--from", vault().string()}, environment);

    EXPECT_EQ(verified.exit_code, 3);
    EXPECT_THAT(verified.out + verified.err,
                AllOf(HasSubstr("octo/modern: could not be verified: "), HasSubstr("git rev-list"),
                      Not(HasSubstr("DAMAGED")), Not(HasSubstr("--repair"))))
        << fault;
    // What is proved needs no git.
    EXPECT_EQ(restored.exit_code, 0) << restored.err;
    EXPECT_EQ(state_of(scratch_ / "out"), state_of(path_of(modern)));
    fs::remove_all(scratch_ / "out");
  }
}

TEST_F(LieTest, TheTruthToldInTheSameWayIsSavedAndProved) {
  for (const int round : {1, 2}) {
    push_more();
    const auto run = backup_from(honest_answer);

    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_EQ(snapshots_of(folder_of(id_)).size(), static_cast<std::size_t>(round));
    expect_all_proved();
    expect_the_servers_history();
  }
}

}  // namespace
}  // namespace hubkeep
