// What is saved is proved while it is saved: a server that lies is refused, or asked once more, or what it
// leaves out is named; an honest one leaves an index beside each bundle, which is git's.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"
#include "e2e/lying_packs.h"
#include "sim/server_program.h"
#include "store/folder/folder_store.h"
#include "vault/vault.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::json;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string commit_of_many_files(int count, const std::string& branch = "many") {
  std::string commits;
  for (int i = 0; i < count; ++i) {
    const std::string content = fmt::format("{}", i);
    commits += fmt::format("blob\nmark :{}\ndata {}\n{}\n", i + 1, content.size(), content);
  }
  commits +=
      fmt::format("commit refs/heads/{}\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n", branch);
  for (int i = 0; i < count; ++i) commits += fmt::format("M 100644 :{} {}/{}\n", i + 1, i % 100, i);
  return commits;
}

class ProofTest : public EndToEnd {
 protected:
  ProofTest() {
    id_ = add_filled("site", 1, 3);
    sim::run_checked({"git", "init", "--bare", "--quiet", another().string()});
    sim::make_repository_content(another(), 77, 4, 3);
  }
  fs::path another() const { return scratch_ / "another.git"; }

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

  using Answer = std::function<sim::FetchAnswer(const LyingServer&, const sim::FetchedObjects&)>;
  void answer_with(const Answer& answer, int times = sim::Fault::kForever) {
    const LyingServer server{path_of(id_), another(), earlier_pack_};
    sim::FaultMatch fetch;
    fetch.git_command = sim::GitCommand::fetch;
    github_.faults().clear();
    github_.faults().add(fetch, sim::AnswerFetchWith{[server, answer](const std::string& body) {
                           return answer(server, sim::fetch_in(body));
                         }},
                         times);
  }
  sim::RunResult backup_from(const Answer& answer, int times = sim::Fault::kForever) {
    answer_with(answer, times);
    auto result = backup({}, {{"HUBKEEP_RETRIES", "1"}});
    EXPECT_GT(github_.faults().applied(), 0U) << "nothing was asked for";
    github_.faults().clear();
    return result;
  }

  sim::RunResult verify() {
    return hubkeep({"verify", "--restore", "--read-data", "--temp-dir", (scratch_ / "temporary").string(),
                    "--from", vault().string()});
  }
  std::vector<std::string> snapshots() const {
    if (!fs::exists(vault() / "repos")) return {};
    for (const auto& entry : fs::recursive_directory_iterator(vault() / "repos"))
      if (entry.path().filename() == "snapshots") return snapshots_of(folder_of(id_));
    return {};
  }
  Json part_of(const std::string& snapshot) {
    const auto key = fs::relative(folder_of(id_), vault()) / "snapshots" / (snapshot + ".json.zst");
    const auto shown = hubkeep({"show", key.string(), "--from", vault().string()});
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return Json::parse(shown.out).at("parts").at("git");
  }
  Json newest_part() { return part_of(snapshots().back()); }

  void expect_proved(const Json& part) {
    EXPECT_EQ(part.at("status"), "ok") << part.dump(1);
    EXPECT_EQ(part.value("proved", false), true) << part.dump(1);
    EXPECT_FALSE(part.contains("missing"));
    EXPECT_FALSE(part.contains("not_proved"));
    for (const Json& bundle : part.at("bundles")) {
      EXPECT_TRUE(bundle.contains("index")) << bundle.dump(1);
      EXPECT_FALSE(bundle.contains("not_proved"));
    }
  }
  void expect_the_servers_history() {
    expect_proved(newest_part());
    const auto by_hubkeep = restore("octo/site");
    const auto by_git = restore_by_readme(folder_of(id_), snapshots().back());
    for (const auto& restored : {by_hubkeep, by_git}) {
      EXPECT_EQ(state_of(restored), state_of(path_of(id_)));
      const auto check = sim::run({"git", "-C", restored.string(), "fsck", "--full"});
      EXPECT_EQ(check.exit_code, 0) << check.err;
    }
    const auto verified = verify();
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

  fs::path object(const Json& record) const { return folder_of(id_) / record.at("key").get<std::string>(); }

  sim::RepositoryId id_ = 0;
  std::string earlier_pack_;
};

// Of the pack as it stands in the bundle: a base is indexed by git as it is, a thin pack is completed.
TEST_F(ProofTest, LeavesGitsIndexBesideEachBundle) {
  for (int round = 0; round < 3; ++round) {
    push_more();
    ASSERT_EQ(backup().exit_code, 0);
  }

  const Json part = newest_part();

  expect_proved(part);
  ASSERT_THAT(part.at("bundles"), SizeIs(3));
  const Json base = part.at("bundles").at(0);
  const auto pack = scratch_ / "base.pack";
  {
    std::ifstream from(object(base), std::ios::binary);
    from.seekg(base.at("pack_offset").get<std::streamoff>());
    std::ofstream(pack, std::ios::binary) << from.rdbuf();
  }
  sim::run_checked({"git", "index-pack", "-o", (scratch_ / "base.idx").string(), pack.string()});
  EXPECT_EQ(sim::run({"cmp", (scratch_ / "base.idx").string(), object(base.at("index")).string()}).exit_code,
            0);
  expect_the_servers_history();
}

enum class End { refused, partial };
void PrintTo(End end, std::ostream* out) {
  *out << (end == End::refused ? "refused" : "partial");
}

struct Told {
  std::size_t lie;
  bool is_increment;
  End end;
};

class ProvedLies : public ProofTest, public testing::WithParamInterface<Told> {};

TEST_P(ProvedLies, AreRefusedOrNamedAndHealByThemselves) {
  earlier_pack_ = whole_pack(path_of(id_));
  if (GetParam().is_increment) {
    ASSERT_EQ(backup().exit_code, 0);
  }
  const std::size_t before = snapshots().size();
  push_more();

  const auto run = backup_from(lies().at(GetParam().lie).answer);

  const bool is_saved = snapshots().size() > before;
  ASSERT_EQ(is_saved ? End::partial : End::refused, GetParam().end) << run.out << run.err;
  EXPECT_THAT(run.out + run.err, HasSubstr("octo/site"));
  EXPECT_NE(run.exit_code, 0);
  if (is_saved) {
    const Json part = newest_part();
    EXPECT_EQ(part.at("status"), "partial") << part.dump(1);
    EXPECT_EQ(part.at("proved"), false);
    EXPECT_GE(part.at("missing_objects"), 1);
    ASSERT_THAT(part.at("missing"), SizeIs(part.at("missing_objects").get<std::size_t>()));
    EXPECT_TRUE(part.at("missing").at(0).contains("named_by"));
    EXPECT_THAT(run.out + run.err, HasSubstr(part.at("missing").at(0).at("oid").get<std::string>()));
    github_.clear_log();
    EXPECT_EQ(backup().exit_code, run.exit_code);
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U) << "without news, and not yet due";
  }
  const auto honest = backup({"--recheck-days", "0"});
  EXPECT_EQ(honest.exit_code, 0) << honest.out << honest.err;
  expect_the_servers_history();
  push_file(id_, "what comes later");
  EXPECT_EQ(backup().exit_code, 0);
  expect_the_servers_history();
}

// The server is asked once more, without haves, in the same run.
TEST_P(ProvedLies, ToldOnceCostOneRequest) {
  earlier_pack_ = whole_pack(path_of(id_));
  if (GetParam().is_increment) {
    ASSERT_EQ(backup().exit_code, 0);
  }
  push_more();

  const auto run = backup_from(lies().at(GetParam().lie).answer, 1);

  EXPECT_EQ(run.exit_code, GetParam().lie == 10 ? 1 : 0) << run.out << run.err;
  EXPECT_EQ(backup().exit_code, 0);
  expect_the_servers_history();
}

std::vector<Told> table() {
  constexpr std::array<std::size_t, 3> kWithout = {2, 3, 4};  // a blob, a tree, a parent
  std::vector<Told> rows;
  for (std::size_t lie = 0; lie < lies().size(); ++lie)
    for (const bool is_increment : {false, true})
      rows.push_back(
          {lie, is_increment,
           std::find(kWithout.begin(), kWithout.end(), lie) != kWithout.end() ? End::partial : End::refused});
  return rows;
}

INSTANTIATE_TEST_SUITE_P(All, ProvedLies, testing::ValuesIn(table()), [](const auto& row) {
  return std::string(lies().at(row.param.lie).name) + (row.param.is_increment ? "AsAnIncrement" : "AsABase");
});

// A vault of an older version, or of runs with --no-proof: the next that builds on it proves all of it.
TEST_F(ProofTest, OldBundlesGetTheirIndexesByTheBackupThatBuildsOnThem) {
  const sim::Environment without = {{"HUBKEEP_NO_PROOF", "true"}};
  ASSERT_EQ(backup({}, without).exit_code, 0);
  push_more();
  ASSERT_EQ(backup({}, without).exit_code, 0);
  EXPECT_FALSE(newest_part().contains("proved"));
  EXPECT_THAT(backup({"--recheck-days", "0"}).out, HasSubstr("1 unchanged"));
  EXPECT_FALSE(newest_part().contains("proved")) << "nothing was saved, so nothing is read";
  push_file(id_, "on top of it");

  const auto run = backup();

  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  ASSERT_THAT(newest_part().at("bundles"), SizeIs(3));
  expect_the_servers_history();
}

TEST_F(ProofTest, AnOldBundleThatLacksSomethingIsFoundAndFilled) {
  push_more();
  answer_with(lies().at(2).answer);  // without a blob
  ASSERT_EQ(backup({}, {{"HUBKEEP_NO_PROOF", "true"}}).exit_code, 0);
  github_.faults().clear();
  push_file(id_, "on top of it");

  const auto run = backup();

  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  expect_proved(newest_part());
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
}

// Not the proof that finds it: that one ends early, for want of memory.
TEST_F(ProofTest, WhatAnOldBundleLacksIsNotForgottenByAProofThatCannotEnd) {
  push_more();
  answer_with(lies().at(2).answer);  // without a blob
  ASSERT_EQ(backup({}, {{"HUBKEEP_NO_PROOF", "true"}}).exit_code, 0);
  github_.faults().clear();
  sim::fast_import(path_of(id_), commit_of_many_files(80'000));
  pushed(id_);
  const auto small = backup({"--jobs", "1"}, {{"HUBKEEP_MEMORY", "15MiB"}});
  ASSERT_THAT(small.out + small.err, HasSubstr("raise --memory"));
  EXPECT_FALSE(newest_part().at("bundles").at(0).contains("index")) << "not of a pack that was not proved";
  push_file(id_, "on top of it");

  const auto run = backup();

  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  expect_proved(newest_part());
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
}

TEST_F(ProofTest, ALostOrDamagedIndexIsToldAndMadeAgainWithoutFetching) {
  ASSERT_EQ(backup().exit_code, 0);
  for (const bool is_lost : {true, false}) {
    push_more();
    ASSERT_EQ(backup().exit_code, 0);
    const auto index = object(newest_part().at("bundles").at(0).at("index"));
    if (is_lost)
      fs::remove(index);
    else
      std::fstream(index, std::ios::in | std::ios::out | std::ios::binary).write("not one", 7);
    const auto verified = hubkeep({"verify", "--read-data", "--json", "--from", vault().string()});
    EXPECT_EQ(verified.exit_code, 3);
    EXPECT_THAT(verified.out, HasSubstr(index.filename().string()));
    const auto findings = scratch_ / "findings.json";
    std::ofstream(findings) << verified.out;
    github_.clear_log();

    const auto repaired = backup({"--repair", findings.string()});

    EXPECT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
    EXPECT_EQ(github_.count(sim::GitCommand::fetch), 0U);
    expect_proved(newest_part());
  }
}

TEST_F(ProofTest, WhatDoesNotFitIntoTheMemoryIsSavedAndSaidNotToBeProved) {
  const auto large = add_repository("large");
  sim::fast_import(path_of(large), commit_of_many_files(80'000, "main"));
  pushed(large);

  const auto run = backup({"--json", "--jobs", "1"}, {{"HUBKEEP_MEMORY", "15MiB"}});

  EXPECT_EQ(run.exit_code, 0) << run.err;
  for (const Json& each : Json::parse(run.out).at("repositories")) {
    const bool is_large = each.at("repository") == "octo/large";
    EXPECT_EQ(each.contains("not_proved_because"), is_large) << each.dump(1);
    EXPECT_THAT(each.value("not_proved_because", "raise --memory"), HasSubstr("raise --memory"));
  }
  const auto listed = hubkeep({"list", "--json", "--from", vault().string()});
  for (const Json& each : Json::parse(listed.out).at("repositories"))
    EXPECT_EQ(each.at("not_proved"), each.at("repository") == "octo/large" ? Json{"git"} : Json::array());
  const auto told = hubkeep({"list", "--from", vault().string()});
  EXPECT_THAT(
      told.out + told.err,
      HasSubstr("1 repository is not proved to be whole; to prove it: hubkeep verify --deep --from "));
  EXPECT_EQ(state_of(restore("octo/large")), state_of(path_of(large)));
  push_file(large, "more");
  EXPECT_EQ(backup().exit_code, 0);
  const auto again = hubkeep({"list", "--json", "--from", vault().string()});
  for (const Json& each : Json::parse(again.out).at("repositories"))
    EXPECT_THAT(each.at("not_proved"), IsEmpty());
}

TEST_F(ProofTest, ABaseOfAnySizeTakesNoMoreMemoryThanThereIs) {
  std::string content(std::size_t{20} << 20U, 'x');
  const auto commit = [&content](const std::string& from) {
    return fmt::format(
        "commit refs/heads/large\ncommitter A <a@example.com> 1700000000 +0000\ndata 1\nx\n{}M 100644 inline "
        "large\ndata {}\n{}\n",
        from, content.size(), content);
  };
  sim::fast_import(path_of(id_), commit(""));
  ASSERT_EQ(backup({}, {{"HUBKEEP_MEMORY", "15MiB"}}).exit_code, 0);
  expect_proved(newest_part());
  content[content.size() / 2] = 'y';
  sim::fast_import(path_of(id_), commit("from refs/heads/large^0\n"));
  pushed(id_);

  const auto run = backup({}, {{"HUBKEEP_MEMORY", "15MiB"}});

  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(newest_part().value("not_proved_because", ""),
              HasSubstr("it has 20.0 MiB, more than the 10.0 MiB that are allowed"));
  push_file(id_, "with more memory");
  EXPECT_EQ(backup().exit_code, 0);
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id_)));
}

// Tips that were held all along, in packs that may be empty.
TEST_F(ProofTest, RewindsAreProvedByTheIndexesThatAreThere) {
  push_more();
  ASSERT_EQ(backup().exit_code, 0);
  for (const char* to : {"main~1", "main~2", "main~1"}) {
    const auto commit = sim::git(path_of(id_), {"rev-parse", to});
    sim::git(path_of(id_), {"update-ref", "refs/heads/main", commit});
    sim::git(path_of(id_), {"update-ref", "refs/heads/from/" + commit.substr(0, 8), commit + "~1"});
    pushed(id_);

    const auto run = backup();

    EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
    EXPECT_THAT(run.out + run.err, Not(HasSubstr("not proved")));
    expect_the_servers_history();
  }
}

TEST_F(ProofTest, NoProofLeavesNoIndex) {
  const auto run = backup({"--no-proof"});

  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_FALSE(newest_part().contains("proved"));
  EXPECT_FALSE(newest_part().at("bundles").at(0).contains("index"));
}

}  // namespace
}  // namespace hubkeep
