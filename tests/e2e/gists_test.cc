// Gists as an account has them: found, saved with what GitHub says of them, and brought back; and what is
// starred.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "crypto/test_keys.h"
#include "e2e/end_to_end.h"
#include "e2e/torture.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr int kIncomplete = 3;

class GistRun : public EndToEnd {
 protected:
  GistRun() {
    keeps_histories_alone_ = false;
    site_ = add_filled("site");
  }

  /// Of octo, a day old, unless another is named.
  std::string add_gist(const std::string& text, bool is_public = true, const std::string& owner = "octo") {
    std::string id;
    at_an_old_time([&] {
      id = world_.add_gist({.owner = owner, .is_public = is_public, .files = {{"notes.txt", text}}});
    });
    return id;
  }
  void edit_gist(const std::string& id, const std::string& text) {
    at_an_old_time([&] { world_.edit_gist(id, [&](sim::Gist& gist) { gist.files["notes.txt"] = text; }); });
  }

  /// Keeps gists beside histories, and nothing else.
  sim::RunResult save(std::vector<std::string> arguments = {}, sim::Environment environment = {}) {
    environment.emplace("HUBKEEP_WITHOUT", "wiki,lfs,releases,attachments");
    github_.clear_log();
    return backup(std::move(arguments), std::move(environment));
  }
  /// The paths of what the last run has asked for, below the API's own where they are of the API.
  std::vector<std::string> asked() const {
    const std::string api = "/api/v3";
    std::vector<std::string> paths;
    for (const auto& request : github_.log())
      paths.push_back(request.path.starts_with(api) ? request.path.substr(api.size()) : request.path);
    return paths;
  }
  std::size_t count_of_git_requests() const {
    std::size_t count = 0;
    for (const auto& request : github_.log()) count += request.kind == sim::RequestKind::git ? 1 : 0;
    return count;
  }

  fs::path gist_folder(const std::string& id) const {
    for (const auto& entry : fs::recursive_directory_iterator(vault() / "gists"))
      if (entry.path().filename() == id) return entry.path();
    return {};
  }
  bool is_kept(const std::string& id) const {
    return fs::exists(vault() / "gists") && !gist_folder(id).empty();
  }
  std::string world_state(const std::string& id) { return state_of(world_.find_gist(id)->path); }
  /// The lines of the last document of the part meta.
  std::vector<json> described(const std::string& id) const {
    std::vector<fs::path> files;
    for (const auto& file : fs::directory_iterator(gist_folder(id) / "meta")) files.push_back(file.path());
    std::sort(files.begin(), files.end());
    std::istringstream text(sim::run_checked({"zstd", "-dcq", files.back().string()}).out);
    std::vector<json> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
    return lines;
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--json", "--read-data", "--from", vault().string()});
    return hubkeep(arguments);
  }

  sim::RepositoryId site_ = 0;

 private:
  template <typename Action>
  void at_an_old_time(Action&& action) {
    const UtcTime now = world_.now();
    world_.set_time(now - std::chrono::hours(24) + std::chrono::seconds(++pushes_));
    action();
    world_.set_time(now);
  }
};

TEST_F(GistRun, SavesHistoriesDescriptionsAndComments) {
  const std::string open = add_gist("open");
  const std::string secret = add_gist("secret", false);
  world_.add_gist_comment(secret, "hubot", "One\nmore");
  world_.add_gist_comment(secret, "octo", "Two");

  const auto result = save();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 saved, 0 unchanged, 0 failed"));
  EXPECT_EQ(state_of(restore("gist:" + open)), world_state(open));
  EXPECT_EQ(state_of(restore("octo/" + secret)), world_state(secret));
  const auto lines = described(secret);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].at("id"), secret);
  EXPECT_EQ(lines[0].at("files").at("notes.txt").at("filename"), "notes.txt");
  EXPECT_TRUE(lines[0].at("files").at("notes.txt").at("content").is_null()) << "the history has it";
  EXPECT_EQ(lines[0].at("history").size(), 1U);
  EXPECT_EQ(lines[1].at("body"), "One\nmore");
  EXPECT_EQ(lines[2].at("body"), "Two");
  EXPECT_EQ(described(open).size(), 1U);
  EXPECT_THAT(asked(), Not(testing::Contains("/gists/" + open + "/comments"))) << "there are none";
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(GistRun, OfAnUnchangedAccountAsksForTheListAlone) {
  world_.add_gist_comment(add_gist("open"), "octo", "One");
  add_gist("secret", false);
  ASSERT_EQ(save().exit_code, 0);

  const auto result = save();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("0 saved, 3 unchanged, 0 failed"));
  EXPECT_THAT(asked(), UnorderedElementsAre("/user/repos", "/gists"));
}

TEST_F(GistRun, AsksForWhatHasChangedAlone) {
  const std::string edited = add_gist("first");
  const std::string talked_about = add_gist("other");
  ASSERT_EQ(save().exit_code, 0);
  edit_gist(edited, "second");
  world_.add_gist_comment(talked_about, "hubot", "Why?");

  const auto result = save();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2 saved, 1 unchanged, 0 failed"));
  EXPECT_EQ(count_of_git_requests(), 2U) << "the refs and the pack of one";
  EXPECT_EQ(state_of(restore("gist:" + edited)), world_state(edited));
  EXPECT_EQ(described(talked_about).at(1).at("body"), "Why?");
  EXPECT_EQ(snapshots_of(gist_folder(talked_about)).size(), 2U);
}

TEST_F(GistRun, FindsACommentThatWasEditedWhenAllIsAskedForAgain) {
  const std::string id = add_gist("text");
  const auto comment = world_.add_gist_comment(id, "octo", "Before");
  ASSERT_EQ(save().exit_code, 0);
  world_.edit_gist_comment(id, comment, "After");
  EXPECT_THAT(save().out, HasSubstr("0 saved, 2 unchanged"));

  EXPECT_THAT(save({"--recheck-days", "0"}).out, HasSubstr("1 saved, 1 unchanged"));
  EXPECT_EQ(described(id).at(1).at("body"), "After");
  EXPECT_THAT(save({"--recheck-days", "0"}).out, HasSubstr("0 saved, 2 unchanged"));
  EXPECT_EQ(snapshots_of(gist_folder(id)).size(), 2U);
}

TEST_F(GistRun, KeepsOneThatWasDeletedAndMissesNone) {
  const std::string id = add_gist("secret", false);
  const std::string state = world_state(id);
  ASSERT_EQ(save().exit_code, 0);
  world_.remove_gist(id);

  const auto first = save();
  const auto second = save();

  for (const auto* result : {&first, &second}) {
    EXPECT_EQ(result->exit_code, 0) << "whoever knows its id would see it: it was deleted" << result->out;
    EXPECT_THAT(result->err, HasSubstr("octo/" + id + ": gone"));
    EXPECT_THAT(result->err, Not(HasSubstr("hidden")));
  }
  EXPECT_THAT(asked(), testing::Contains("/gists/" + id));
  EXPECT_EQ(state_of(restore("gist:" + id)), state);
  EXPECT_THAT(hubkeep({"list", "--from", vault().string()}).out, HasSubstr("gist  gone from GitHub"));
}

TEST_F(GistRun, ManyThatGoAtOnceAreAnAlarm) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(add_gist(fmt::format("text {}", i)));
  ASSERT_EQ(save().exit_code, 0);
  for (int i = 0; i < 3; ++i) world_.remove_gist(ids[static_cast<std::size_t>(i)]);

  const auto result = save();

  EXPECT_EQ(result.exit_code, kIncomplete);
  EXPECT_THAT(result.out, HasSubstr("these went at once"));
  EXPECT_EQ(save({"--accept-gone"}).exit_code, 0);
}

TEST_F(GistRun, FindsByItsIdWhatTheListDoesNotShow) {
  const std::string id = add_gist("secret", false);
  ASSERT_EQ(save().exit_code, 0);
  edit_gist(id, "changed");
  world_.edit_token(token_, [](sim::Token& token) { token.scopes.erase("gist"); });

  const auto result = save();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("octo/" + id + ": saved"));
  EXPECT_EQ(state_of(restore("gist:" + id)), world_state(id));
}

TEST_F(GistRun, SavesStarredOnesOnlyWhenAskedTo) {
  const std::string own = add_gist("own");
  const std::string starred = add_gist("another's", true, "hubot");
  world_.star_gist("octo", starred);
  world_.star_gist("octo", own);

  EXPECT_THAT(save().out, HasSubstr("2 saved"));
  EXPECT_FALSE(is_kept(starred));
  EXPECT_THAT(save({"--with", "starred-gists"}).out, HasSubstr("1 saved, 2 unchanged"));
  EXPECT_EQ(state_of(restore("gist:" + starred)), world_state(starred));

  world_.unstar_gist("octo", starred);
  edit_gist(starred, "changed");
  EXPECT_THAT(save({"--with", "starred-gists"}).out, HasSubstr("1 saved, 2 unchanged")) << "it is not gone";
  EXPECT_EQ(state_of(restore("gist:" + starred)), world_state(starred));
  edit_gist(starred, "changed again");
  EXPECT_THAT(save().out, HasSubstr("0 saved, 2 unchanged"));
  EXPECT_THAT(asked(), UnorderedElementsAre("/user/repos", "/gists"));
}

TEST_F(GistRun, SavesStarredRepositoriesBesideAllOthers) {
  const auto other = world_.add_repository("hubot", "tool");
  sim::make_repository_content(path_of(other), 3, 4, 2);
  pushed(other);
  world_.star("octo", other);
  ASSERT_EQ(save().exit_code, 0);
  EXPECT_EQ(hubkeep({"list", "hubot/tool", "--from", vault().string()}).exit_code, 1);

  const auto result = save({"--starred", "--only-owner"});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 saved, 1 unchanged"));
  EXPECT_EQ(state_of(restore("hubot/tool")), state_of(path_of(other)));

  const auto plain = save();
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_THAT(plain.out + plain.err, HasSubstr("no longer asked for: came by --starred: hubot/tool"));
  EXPECT_THAT(plain.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_EQ(hubkeep({"list", "hubot/tool", "--from", vault().string()}).exit_code, 0) << "it is kept";
  EXPECT_THAT(save({"--starred"}).out, HasSubstr("0 saved, 2 unchanged"));
}

TEST_F(GistRun, OfAUserWhoIsNamedThePublicOnesAreSaved) {
  const std::string open = add_gist("open", true, "hubot");
  const std::string secret = add_gist("secret", false, "hubot");
  const std::string own = add_gist("own", false);
  const auto tool = world_.add_repository("hubot", "tool");
  sim::make_repository_content(path_of(tool), 3, 4, 2);
  pushed(tool);

  EXPECT_THAT(save({"--user", "hubot"}).out, HasSubstr("2 saved"));
  EXPECT_TRUE(is_kept(open));
  EXPECT_FALSE(is_kept(secret));
  EXPECT_FALSE(is_kept(own));
  EXPECT_THAT(save({"--user", "octo"}).out, HasSubstr("2 saved"));
  EXPECT_TRUE(is_kept(own));
}

TEST_F(GistRun, OneCanBeNamed) {
  const std::string id = add_gist("secret", false, "hubot");
  add_gist("own");

  EXPECT_THAT(save({"--repo", "gist:" + id}).out, HasSubstr("1 saved"));
  EXPECT_TRUE(is_kept(id));
  EXPECT_THAT(save({"--repo", "gist:none"}).err, HasSubstr("is not OWNER/NAME, nor gist:ID"));
  const auto missing = save({"--repo", "gist:abc", "--repo", "octo/site"});
  EXPECT_EQ(missing.exit_code, kIncomplete);
  EXPECT_THAT(missing.err, HasSubstr("gist:abc"));
}

TEST_F(GistRun, ATokenWithoutTheScopeIsToldSoBeforeTheRun) {
  const std::string open = add_gist("open");
  const std::string secret = add_gist("secret", false);
  world_.edit_token(token_, [](sim::Token& token) { token.scopes.erase("gist"); });

  const auto result = save();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LT(result.err.find("lacks the scope gist"), result.err.find("octo/site: saved"));
  EXPECT_TRUE(is_kept(open));
  EXPECT_FALSE(is_kept(secret));
  const auto demanded = save({"--with", "gists"});
  EXPECT_EQ(demanded.exit_code, kIncomplete);
  EXPECT_THAT(demanded.err, HasSubstr("--with gists: failed"));
  EXPECT_THAT(save({}, {{"HUBKEEP_WITHOUT", "all"}}).err, Not(HasSubstr("gist")));
}

TEST_F(GistRun, AFineGrainedTokenIsTried) {
  add_gist("open");
  const std::string secret = add_gist("secret", false);
  int tokens = 0;
  const auto token = [&](sim::GistAccess access) {
    return world_.add_token({.value = "github_pat_" + std::to_string(++tokens),
                             .login = "octo",
                             .kind = sim::TokenKind::fine_grained,
                             .gists = access});
  };

  const auto refused = save({}, {{"TOKEN_GITHUB", token(sim::GistAccess::refused)}});
  EXPECT_EQ(refused.exit_code, 0) << refused.err;
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("gists are not kept: "), HasSubstr("use --without gists, or a classic")));
  EXPECT_FALSE(fs::exists(vault() / "gists"));
  const auto demanded = save({"--with", "gists"}, {{"TOKEN_GITHUB", token(sim::GistAccess::refused)}});
  EXPECT_EQ(demanded.exit_code, kIncomplete);
  const auto some = save({}, {{"TOKEN_GITHUB", token(sim::GistAccess::public_ones)}});
  EXPECT_EQ(some.exit_code, 0) << some.err;
  EXPECT_THAT(some.err, HasSubstr("secret gists may be missing"));
  const auto all = save({}, {{"TOKEN_GITHUB", token(sim::GistAccess::all)}});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_THAT(all.err, Not(HasSubstr("missing")));
  EXPECT_TRUE(is_kept(secret));
}

TEST_F(GistRun, AnAppSeesNoneAndWhatIsKeptOfThemIsNotForgotten) {
  const std::string id = add_gist("open");
  std::ofstream(scratch_ / "app.pem") << kTestKey;
  world_.add_app({.id = 12, .client_id = "Iv23x", .owner = "octo", .public_key = kTestPublicKey});
  world_.install(12, "octo", std::set{site_});
  const auto save_as_app = [&](std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(),
                     {"--app-id", "12", "--app-key-file", (scratch_ / "app.pem").string()});
    return save(arguments, {{"TOKEN_GITHUB", ""}});
  };

  const auto first = save_as_app();
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("gists are not kept: GitHub shows them to no App"));
  EXPECT_EQ(save_as_app({"--with", "gists"}).exit_code, kIncomplete);
  EXPECT_EQ(save_as_app({"--starred"}).exit_code, kIncomplete);
  ASSERT_EQ(save().exit_code, 0);

  const auto later = save_as_app();

  EXPECT_EQ(later.exit_code, kIncomplete);
  EXPECT_THAT(later.err, HasSubstr("the vault has 1 gist that cannot be asked for"));
  EXPECT_THAT(asked(), Not(testing::Contains("/gists/" + id)));
  EXPECT_EQ(save_as_app({"--without", "all"}).exit_code, 0);
}

TEST_F(GistRun, WhatIsDamagedOfOneIsRepaired) {
  const std::string id = add_gist("text");
  ASSERT_EQ(save().exit_code, 0);
  for (const char* part : {"git", "meta"})
    for (const auto& file : fs::directory_iterator(gist_folder(id) / part)) fs::resize_file(file, 20);
  const auto damaged = verify();
  ASSERT_EQ(damaged.exit_code, kIncomplete);
  std::ofstream(scratch_ / "findings") << damaged.out;

  const auto repaired = save({"--repair", (scratch_ / "findings").string()});

  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(state_of(restore("gist:" + id)), world_state(id));
  EXPECT_EQ(described(id).at(0).at("id"), id);
  EXPECT_EQ(save().exit_code, 0);
}

TEST_F(GistRun, EachCommandTakesOneByItsName) {
  const std::string id = add_gist("text");
  const std::string name = "gist:" + id;
  ASSERT_EQ(save().exit_code, 0);
  const std::string from = vault().string();

  const auto verified = verify({name});
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_EQ(json::parse(verified.out).at("repositories").size(), 1U);
  EXPECT_THAT(hubkeep({"list", name, "--from", from}).out, HasSubstr("octo/" + id));
  EXPECT_THAT(hubkeep({"ls", name, "--from", from}).out, HasSubstr("notes.txt"));
  EXPECT_EQ(hubkeep({"cat", name, "notes.txt", "--from", from}).out, "text");
  const fs::path other = scratch_ / "other";
  EXPECT_EQ(hubkeep({"copy", from, other.string(), name}).exit_code, 0);
  EXPECT_EQ(hubkeep({"verify", "--from", other.string()}).exit_code, 0);
  const auto all = hubkeep({"restore", "--all", (scratch_ / "all").string(), "--from", from});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  EXPECT_TRUE(fs::exists(scratch_ / "all" / "octo" / id / "notes.txt"));
  EXPECT_TRUE(fs::exists(scratch_ / "all" / "octo" / "site"));
}

TEST_F(GistRun, AKillAtAnyMomentLosesNothing) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  const std::string id = add_gist("text");
  world_.add_gist_comment(id, "octo", "One");
  const auto began = std::chrono::steady_clock::now();
  ASSERT_EQ(save().exit_code, 0);
  const auto whole_run =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  for (unsigned round = 0; round < torture_rounds(10); ++round) {
    edit_gist(id, fmt::format("round {}", round));
    world_.add_gist_comment(id, "octo", fmt::format("Round {}", round));
    const auto before = snapshots_of(gist_folder(id)).size();
    BackgroundRun run = start_backup({"--quiet"}, {{"HUBKEEP_WITHOUT", "wiki,lfs,releases,attachments"}});
    std::this_thread::sleep_for(
        std::chrono::microseconds(random() % static_cast<unsigned>(whole_run.count())));
    run.signal(SIGKILL);
    run.finish();

    const auto result = save({"--stale-after", "0"});

    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(snapshots_of(gist_folder(id)).size(), before + 1);
    EXPECT_EQ(described(id).size(), round + 3);
    EXPECT_EQ(state_of(restore("gist:" + id)), world_state(id));
    EXPECT_EQ(temporary_files(), 0U);
  }
  EXPECT_EQ(verify().exit_code, 0);
}

// What plain git brings back by README.txt is what there was, at every snapshot of runs in which anything may
// have happened.
TEST_F(GistRun, RandomChangesComeBackAsTheyWere) {
  const unsigned seed = torture_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> there;
  std::map<std::string, std::map<std::string, std::string>> states;  // of each gist by snapshot
  for (int round = 0; round < 10; ++round) {
    for (unsigned change = 0; change <= random() % 3; ++change) {
      const auto what = random() % 5;
      if (there.empty() || what == 0) {
        there.push_back(add_gist(fmt::format("new {}", round), random() % 2 == 0));
        continue;
      }
      const auto which = random() % there.size();
      if (what == 1) {
        world_.remove_gist(there[which]);
        there.erase(there.begin() + static_cast<std::ptrdiff_t>(which));
      } else if (what == 2) {
        world_.add_gist_comment(there[which], "hubot", fmt::format("Round {}", round));
      } else {
        edit_gist(there[which], fmt::format("round {}, {}", round, random()));
      }
    }
    const auto result = save({"--max-gone", "100"});
    ASSERT_EQ(result.exit_code, 0) << result.err << result.out;
    for (const std::string& id : there) {
      states[id][snapshots_of(gist_folder(id)).back()] = world_state(id);
      EXPECT_EQ(described(id).size(), world_.find_gist(id)->comments.size() + 1);
    }
  }
  for (const auto& [id, snapshots] : states)
    for (const auto& [snapshot, state] : snapshots)
      EXPECT_EQ(state_of(restore_by_readme(gist_folder(id), snapshot)), state) << id << " " << snapshot;
  EXPECT_EQ(verify().exit_code, 0);
}

}  // namespace
}  // namespace hubkeep
