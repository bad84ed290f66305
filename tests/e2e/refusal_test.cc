// What a git server lists and cannot hand over, with git's own server: that alone is missing, and named.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"
#include "sim/body_filters.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sim::packet;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

enum class Lost { blob, tree, parent, tag_target, tip, damaged_blob, emptied_tip };

std::string name_of(const testing::TestParamInfo<Lost>& info) {
  switch (info.param) {
    case Lost::blob:
      return "blob";
    case Lost::tree:
      return "tree";
    case Lost::parent:
      return "parent";
    case Lost::tag_target:
      return "tag_target";
    case Lost::tip:
      return "tip";
    case Lost::damaged_blob:
      return "damaged_blob";
    case Lost::emptied_tip:
      return "emptied_tip";
  }
  return "";
}

class RefusedRef : public EndToEnd {
 protected:
  RefusedRef() : id_(add_repository("site")), path_(path_of(id_)) {
    sim::make_repository_content(path_, 1, 12, 3);
    for (int i = 0; i < 9; ++i)
      sim::git(path_, {"update-ref", fmt::format("refs/heads/b{}", i), fmt::format("main~{}", i)});
    sim::git(path_, {"config", "uploadpack.allowAnySHA1InWant", "true"});
    pushed(id_);
  }

  std::string write_object(const std::string& kind, const std::string& content) {
    return sim::git(path_, {"hash-object", "-w", "-t", kind, "--literally", "--stdin"}, content);
  }
  std::string commit_of(const std::string& tree, const std::string& parent) {
    return sim::git(path_, {"commit-tree", tree, "-p", parent, "-m", "x"});
  }
  std::string tree_of(const std::string& blob) {
    return sim::git(path_, {"mktree", "--missing"}, "100644 blob " + blob + "\tfile\n");
  }
  fs::path loose(const std::string& oid) const {
    return path_ / "objects" / oid.substr(0, 2) / oid.substr(2);
  }
  void lose(const std::string& oid) { fs::remove(loose(oid)); }
  void damage(const std::string& oid, const std::string& content) {
    fs::permissions(loose(oid), fs::perms::owner_all);
    std::ofstream(loose(oid)) << content;
  }
  /// Makes a ref that lacks an object, and returns the object that it lacks.
  std::string make_lost(Lost lost, const std::string& ref) {
    const std::string blob = write_object("blob", ref);
    const std::string tree = tree_of(blob);
    const std::string commit = commit_of(tree, "main");
    std::string tip = commit;
    std::string lacks = blob;
    switch (lost) {
      case Lost::blob:
        lose(blob);
        break;
      case Lost::damaged_blob:
        damage(blob, "garbage");
        break;
      case Lost::tree:
        lose(lacks = tree);
        break;
      case Lost::parent:
        tip = commit_of(tree, commit);
        lose(lacks = commit);
        break;
      case Lost::tag_target:
        tip = write_object(
            "tag", fmt::format("object {}\ntype commit\ntag v\ntagger A <a@b> 1 +0000\n\nx\n", commit));
        lose(lacks = commit);
        break;
      case Lost::tip:
        lose(lacks = commit);
        break;
      case Lost::emptied_tip:
        damage(lacks = commit, "");
        break;
    }
    fs::create_directories((path_ / ref).parent_path());
    std::ofstream(path_ / ref) << tip << "\n";
    pushed(id_);
    return lacks;
  }
  std::string state_without(const std::vector<std::string>& refs) {
    for (const auto& ref : refs) fs::remove(path_ / ref);
    return state_of(path_);
  }
  static json line_of(const sim::RunResult& result) {
    return json::parse(result.out).at("repositories").at(0);
  }

  const sim::RepositoryId id_;
  const fs::path path_;
};

class LostObject : public RefusedRef, public testing::WithParamInterface<Lost> {};

TEST_P(LostObject, CostsItsRefAlone) {
  const std::string ref = GetParam() == Lost::tag_target ? "refs/tags/darc-broken" : "refs/heads/darc-broken";
  const std::string lacks = make_lost(GetParam(), ref);

  const auto first = backup({"--json"});

  EXPECT_EQ(first.exit_code, 3) << first.err;
  EXPECT_THAT(first.err, HasSubstr("1 ref is left out: " + ref + ": "));
  const json line = line_of(first);
  EXPECT_EQ(line.at("result"), "saved");
  ASSERT_EQ(line.at("left_out").size(), 1U);
  EXPECT_EQ(line.at("left_out").at(0).at("ref"), ref);
  const std::string why = line.at("left_out").at(0).at("why");
  // Of an object that is there and empty, git says nothing to us at all.
  EXPECT_THAT(why, HasSubstr(GetParam() == Lost::emptied_tip ? "answer to fetch is empty" : lacks));
  EXPECT_LE(github_.count(sim::GitCommand::fetch), 14U);
  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("octo/site  partial"));

  const auto fetched = github_.count(sim::GitCommand::fetch);
  const auto listed = github_.count(sim::GitCommand::ls_refs);
  const auto second = backup({"--json"});

  EXPECT_EQ(second.exit_code, 3);
  EXPECT_EQ(line_of(second).at("result"), "unchanged");
  EXPECT_EQ(line_of(second).at("left_out"), line.at("left_out"));
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), fetched);
  EXPECT_EQ(github_.count(sim::GitCommand::ls_refs), listed + 1);

  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", vault().string()}).exit_code, 0);
  const auto restored =
      hubkeep({"restore", "octo/site", (scratch_ / "back").string(), "--mirror", "--from", vault().string()});
  EXPECT_EQ(restored.exit_code, 0) << restored.err;
  EXPECT_THAT(restored.err, AllOf(HasSubstr("note: octo/site: 1 ref is left out: " + ref),
                                  Not(HasSubstr("an older one is taken"))));
  EXPECT_EQ(state_of(scratch_ / "back"), state_without({ref}));
}

INSTANTIATE_TEST_SUITE_P(Kinds, LostObject,
                         testing::Values(Lost::blob, Lost::tree, Lost::parent, Lost::tag_target, Lost::tip,
                                         Lost::damaged_blob, Lost::emptied_tip),
                         name_of);

TEST_F(RefusedRef, WhatComesAfterItIsSavedInOneFetch) {
  make_lost(Lost::blob, "refs/heads/darc-broken");
  ASSERT_EQ(backup().exit_code, 3);
  sim::fast_import(path_,
                   "commit refs/heads/main\ncommitter A <a@b> 1700000999 +0000\ndata 1\ny\n"
                   "from refs/heads/main^0\nM 100644 inline new\ndata 3\nnew\n");
  pushed(id_);
  const auto fetched = github_.count(sim::GitCommand::fetch);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), fetched + 1);
  EXPECT_THAT(result.err, HasSubstr("1 ref is left out: refs/heads/darc-broken"));
  const auto restored = restore("octo/site");
  EXPECT_EQ(state_of(restored), state_without({"refs/heads/darc-broken"}));
}

TEST_F(RefusedRef, WhatTheServerHasAgainIsSaved) {
  make_lost(Lost::blob, "refs/heads/darc-broken");
  ASSERT_EQ(backup().exit_code, 3);
  write_object("blob", "refs/heads/darc-broken");

  const auto result = backup({"--recheck-days", "0"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_));
}

TEST_F(RefusedRef, ABranchAndTheTagsOnItAreAllNamed) {
  make_lost(Lost::blob, "refs/heads/darc-broken");
  std::vector<std::string> lost = {"refs/heads/darc-broken"};
  for (int i = 0; i < 20; ++i) {
    lost.push_back(fmt::format("refs/tags/t{}", i));
    fs::copy_file(path_ / lost.front(), path_ / lost.back());
  }

  const auto result = backup({"--json"});

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(line_of(result).at("left_out").size(), 21U);
  EXPECT_THAT(result.err, HasSubstr("21 refs are left out: "));
  const auto restored = restore("octo/site");
  EXPECT_EQ(state_of(restored), state_without(lost));
}

TEST_F(RefusedRef, AServerThatSaysNoIsLeftAloneAfterThree) {
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::ErrorLine{"upload-pack: disk full"},
                       sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 3U);
  EXPECT_THAT(result.err,
              HasSubstr("octo/site: failed: the server says: upload-pack: disk full (tried 3 times)"));
}

TEST_F(RefusedRef, AServerThatAlwaysGivesUpIsLeftAloneSoon) {
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::FatalBand{"disk full", 10},
                       sim::Fault::kForever);

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_LE(github_.count(sim::GitCommand::fetch), 51U);
  EXPECT_THAT(result.err,
              HasSubstr("the server refuses whatever it is asked for: the server says: disk full"));
  EXPECT_FALSE(fs::exists(vault() / "repos"));
}

TEST_F(RefusedRef, ANameThatGitDoesNotAllowCostsThatRefAlone) {
  const std::string main = sim::git(path_, {"rev-parse", "main"});
  const std::string side = sim::git(path_, {"rev-parse", "topic/side"});
  const std::string tag = sim::git(path_, {"rev-parse", "v1.0"});
  const std::string body = packet(main + " HEAD symref-target:refs/heads/main\n") +
                           packet(side + " refs/heads/../../evil\n") + packet(main + " refs/heads/main\n") +
                           packet(main + " refs/heads/twice\n") + packet(side + " refs/heads/twice\n") +
                           packet(tag + " refs/tags/" + std::string(5000, 'n') + ".. peeled:" + main + "\n") +
                           packet(tag + " refs/tags/v1.0 peeled:" + main + "\n") + "0000";
  github_.faults().add(
      {.git_command = sim::GitCommand::ls_refs},
      sim::Respond{
          .status = 200, .headers = {{"Content-Type", "application/x-git-upload-pack-result"}}, .body = body},
      sim::Fault::kForever);

  const auto first = backup();
  const auto fetched = github_.count(sim::GitCommand::fetch);
  const auto second = backup();

  EXPECT_EQ(first.exit_code, 3) << first.err;
  EXPECT_THAT(first.err,
              AllOf(HasSubstr("3 refs are left out: refs/heads/../../evil: git does not allow the name"),
                    HasSubstr("refs/heads/twice: the server lists it twice"), HasSubstr("refs/tags/nnn")));
  EXPECT_EQ(second.exit_code, 3) << second.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), fetched);
  EXPECT_EQ(fetched, 1U);
  EXPECT_EQ(hubkeep({"verify", "--read-data", "--from", vault().string()}).exit_code, 0);
  EXPECT_EQ(sim::git(restore("octo/site"), {"for-each-ref", "--format=%(refname)"}),
            "refs/heads/main\nrefs/tags/v1.0");
}

// A transfer that only stays alive. One second stands for ten minutes.
class Stall : public RefusedRef {
 protected:
  sim::RunResult impatient_backup() { return backup({"--stall-timeout", "1s", "--retries", "0"}); }
};

TEST_F(Stall, APackOfWhichNothingComesIsStopped) {
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::Drip{.bytes_per_second = 10});

  const auto result = impatient_backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("less than 1024 bytes of use moved within 1 s"));
}

// Two kilobytes a second, and nothing of a pack in them.
TEST_F(Stall, WhatAServerSaysOfItsProgressIsNoProgress) {
  std::string body = packet("packfile\n");
  for (int i = 0; i < 600; ++i) body += packet("\2" + std::string(100, '.') + "\r");
  github_.faults().add({.git_command = sim::GitCommand::fetch}, sim::Drip{.bytes_per_second = 2048});
  github_.faults().add({.git_command = sim::GitCommand::fetch},
                       sim::Respond{.status = 200,
                                    .headers = {{"Content-Type", "application/x-git-upload-pack-result"}},
                                    .body = body});

  const auto result = impatient_backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("less than 1024 bytes of use moved within 1 s"));
}

TEST_F(Stall, AListOfWhichNothingComesIsStopped) {
  github_.faults().add({.path = "/user/repos"}, sim::Drip{.bytes_per_second = 10}, sim::Fault::kForever);

  const auto result = impatient_backup();

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("less than 1024 bytes of use moved within 1 s"));
}

}  // namespace
}  // namespace hubkeep
