// Wikis beside histories, from GitHub into the vault and out again by plain git: when they are asked for,
// what is kept of them, and that every command knows them without knowing their name.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "e2e/end_to_end.h"
#include "e2e/readme_restore.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::hours;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kNever = "3650";  // days

void flip_a_bit(const fs::path& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  file.seekg(middle);
  const char byte = static_cast<char>(file.get() ^ 4);
  file.seekp(middle);
  file.put(byte);
}

class Wikis : public EndToEnd {
 protected:
  /// A repository with a history, and whose wiki has no page yet.
  sim::RepositoryId add_with_wiki(const std::string& name) {
    const auto id = add_filled(name);
    world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = true; });
    return id;
  }
  void write_first_page(sim::RepositoryId id) {
    sim::make_repository_content(world_.add_wiki(id), static_cast<unsigned>(id), 3, 3);
  }
  fs::path wiki_of(sim::RepositoryId id) { return world_.repository(id).wiki_path; }
  /// A page of this text is all that there is on `main` then, and, unless it goes on from what was there,
  /// ever was.
  void write_page(sim::RepositoryId id, const std::string& text, bool goes_on = true) {
    sim::fast_import(wiki_of(id),
                     "commit refs/heads/main\ncommitter A U Thor <author@example.com> 1700000000 "
                     "+0000\ndata 6\na page\n" +
                         std::string(goes_on ? "from refs/heads/main^0\n" : "") +
                         "deleteall\nM 100644 inline Home.md\ndata " + std::to_string(text.size()) + "\n" +
                         text + "\n");
  }

  /// A run that keeps histories and wikis, so much later.
  sim::RunResult run_after(hours time, std::vector<std::string> arguments = {}) {
    later_ += time;
    world_.set_time(begin_ + later_);
    arguments.insert(arguments.begin(), {"--recheck-days", kNever});
    return backup(std::move(arguments), {{"HUBKEEP_WITH", "wiki"},
                                         {"LD_PRELOAD", HUBKEEP_CLOCK_AHEAD},
                                         {"CLOCK_AHEAD", std::to_string(seconds(later_).count())}});
  }
  /// One that asks each wiki.
  sim::RunResult run(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"--wiki-every", "0"});
    return run_after(hours(1), std::move(arguments));
  }
  sim::RunResult verify(std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }

  std::size_t wiki_requests(const std::string& name = "") {
    return github_.request_log().count_path(name + ".wiki.git/");
  }
  json shown(sim::RepositoryId id, const std::string& snapshot) {
    const auto manifest = folder_of(id) / "snapshots" / (snapshot + ".json.zst");
    return json::parse(sim::run_checked({"zstd", "-dcq", manifest.string()}).out);
  }
  json newest(sim::RepositoryId id) { return shown(id, snapshots_of(folder_of(id)).back()); }
  /// By the commands of the vault's README.txt for the history, in which only the part has another name.
  fs::path restore_wiki(sim::RepositoryId id, const std::string& snapshot = "") {
    const fs::path target = scratch_ / ("wiki-" + std::to_string(++restored_) + ".git");
    restore_by_readme_text(vault(), folder_of(id),
                           snapshot.empty() ? snapshots_of(folder_of(id)).back() : snapshot, "wiki", target);
    return target;
  }
  fs::path wiki_file(sim::RepositoryId id, const std::string& suffix) {
    std::vector<fs::path> found;
    for (const auto& file : fs::directory_iterator(folder_of(id) / "wiki"))
      if (file.path().string().ends_with(suffix)) found.push_back(file.path());
    std::sort(found.begin(), found.end());
    return found.at(0);
  }

  const UtcTime begin_ = world_.now();
  hours later_{};
};

TEST_F(Wikis, ThatDoNotExistAreNoFailureWithoutAToken) {
  add_with_wiki("site");

  const auto result =
      backup({"--user", "octo", "--without", "all", "--with", "wiki"}, {{"TOKEN_GITHUB", ""}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1 saved, 0 unchanged, 0 failed"));
}

TEST_F(Wikis, BeforeTheFirstPageAreNoNews) {
  const auto id = add_with_wiki("site");

  const auto first = run_after(hours(0));
  const auto asked_first = wiki_requests();
  const auto second = run_after(hours(24 * 8));
  const auto asked_second = wiki_requests();
  write_first_page(id);
  const auto third = run_after(hours(24 * 8));

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(asked_first, 1U);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  EXPECT_EQ(asked_second, 2U);
  for (const auto& result : {first, second}) EXPECT_THAT(result.out + result.err, Not(HasSubstr("wiki")));
  EXPECT_THAT(third.err, HasSubstr("octo/site: saved (wiki: new)"));
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(wiki_of(id)));
  EXPECT_EQ(state_of(restore("octo/site")), state_of(path_of(id)));
}

TEST_F(Wikis, AreKeptThroughPushesAndForcedPushes) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  std::vector<std::string> expected;
  const auto save = [&] {
    const auto result = run();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    expected.push_back(state_of(wiki_of(id)));
    return result;
  };
  save();
  write_page(id, "second");
  EXPECT_THAT(save().err, HasSubstr("octo/site: saved (wiki: changed), 3 objects"));
  write_page(id, "all anew", false);
  save();
  push_file(id, "of the history");
  write_page(id, "fourth");
  EXPECT_THAT(save().err, HasSubstr("octo/site: saved (the listing differs; wiki: changed), 6 objects"));

  const auto unchanged = run();

  EXPECT_THAT(unchanged.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_THAT(unchanged.out + unchanged.err, Not(HasSubstr("wiki")));
  const auto snapshots = snapshots_of(folder_of(id));
  ASSERT_EQ(snapshots.size(), expected.size());
  for (std::size_t i = 0; i < snapshots.size(); ++i)
    EXPECT_EQ(state_of(restore_wiki(id, snapshots[i])), expected[i]) << i;
  const json part = newest(id).at("parts").at("wiki");
  EXPECT_EQ(part.at("bundles").size(), 4U);
  EXPECT_EQ(part.at("proved"), true);
  const auto deep = verify({"--deep"});
  EXPECT_EQ(deep.exit_code, 0) << deep.err;
}

TEST_F(Wikis, ThatAreDeletedStayAndComeBack) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  const fs::path path = wiki_of(id);
  const std::string saved = state_of(path);
  const auto set_path = [&](const fs::path& now) {
    world_.edit(id, [&](sim::Repository& repository) { repository.wiki_path = now; });
  };

  set_path({});
  const auto gone = run();
  const auto status_when_gone = newest(id).at("parts").at("wiki").at("status");
  const std::string kept = state_of(restore_wiki(id));
  const auto still_gone = run_after(hours(24 * 8));
  const auto listed = hubkeep({"list", "--from", vault().string()});
  const auto verified = verify({"--restore"});
  set_path(path);
  write_page(id, "back");
  const auto back = run_after(hours(24 * 8));

  EXPECT_EQ(gone.exit_code, 0) << gone.err;
  EXPECT_THAT(gone.err, HasSubstr("octo/site: saved (wiki: gone from GitHub, and kept)"));
  EXPECT_EQ(status_when_gone, "gone");
  EXPECT_EQ(kept, saved);
  EXPECT_THAT(still_gone.out, HasSubstr("0 saved, 1 unchanged"));
  EXPECT_THAT(still_gone.out + still_gone.err, Not(HasSubstr("wiki")));
  EXPECT_THAT(listed.out, HasSubstr("wiki gone"));
  EXPECT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_THAT(back.err, HasSubstr("octo/site: saved (wiki: back again), 3 objects"));
  EXPECT_EQ(newest(id).at("parts").at("wiki").at("status"), "ok");
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(path));
}

TEST_F(Wikis, ThatOnlySeemToBeGoneStay) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  github_.faults().add({.path = R"(site\.wiki\.git)"}, sim::Respond{.status = 404});
  github_.clear_log();

  const auto result = run();

  EXPECT_THAT(result.out, HasSubstr("0 saved, 1 unchanged, 0 failed"));
  EXPECT_EQ(wiki_requests(), 2U);
  EXPECT_EQ(newest(id).at("parts").at("wiki").at("status"), "ok");
}

TEST_F(Wikis, ThatMayNotBeReadFailAlone) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  github_.faults().add({.path = R"(site\.wiki\.git)"}, sim::Respond{.status = 403}, sim::Fault::kForever);

  const auto failed = run();
  const std::string history = state_of(restore("octo/site"));
  github_.faults().clear();
  const auto next = run_after(hours(1));

  EXPECT_NE(failed.exit_code, 0);
  EXPECT_THAT(failed.err, HasSubstr("octo/site: failed: wiki: "));
  EXPECT_EQ(history, state_of(path_of(id)));
  EXPECT_EQ(next.exit_code, 0) << next.err;
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(wiki_of(id))) << "what failed is due in the next run";
}

TEST_F(Wikis, FollowTheirRepositoryToAnotherName) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  world_.rename(id, "moved");
  write_page(id, "second");
  github_.clear_log();

  const auto result = run();

  EXPECT_THAT(result.err, HasSubstr("octo/moved: saved"));
  EXPECT_EQ(wiki_requests("octo/site"), 0U);
  EXPECT_GT(wiki_requests("octo/moved"), 0U);
  EXPECT_EQ(newest(id).at("parts").at("wiki").at("bundles").size(), 2U);
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(wiki_of(id)));
}

TEST_F(Wikis, OfPrivateRepositoriesAreReadWithTheToken) {
  const auto id = add_with_wiki("site");
  world_.edit(id, [](sim::Repository& repository) { repository.is_private = true; });
  write_first_page(id);

  const auto result = run();
  world_.remove(id);
  const auto gone = run();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(gone.err, Not(HasSubstr("wiki: gone")));
  const json manifest = newest(id);
  EXPECT_TRUE(manifest.at("gone_since").is_string());
  EXPECT_EQ(manifest.at("parts").at("wiki").at("status"), "ok") << "as it was when the repository went";
}

TEST_F(Wikis, ThatAreSwitchedOffAreNotAskedForAndKept) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  const std::string saved = state_of(wiki_of(id));
  world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = false; });
  push_file(id, "second");
  github_.clear_log();

  const auto result = run();

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(wiki_requests(), 0U);
  EXPECT_EQ(state_of(restore_wiki(id)), saved);
}

// What GitHub is asked for in a week of daily runs, in which nothing changes.
TEST_F(Wikis, CostOneRequestADayAndMissingOnesOneAWeek) {
  constexpr std::size_t kRepositories = 50;
  constexpr std::size_t kWikis = 5;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < kRepositories; ++i) {
    const auto id = add_repository("r" + std::to_string(i));
    world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = true; });
    if (i >= kWikis) continue;
    write_first_page(id);
    kept.push_back("octo/r" + std::to_string(i));
  }
  const auto of_kept = [&] {
    std::size_t count = 0;
    for (const auto& name : kept) count += wiki_requests(name);
    return count;
  };
  const auto first = run_after(hours(0));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(wiki_requests() - of_kept(), kRepositories - kWikis) << "each is asked for in the first run";

  std::size_t missing = 0;
  for (int day = 1; day <= 7; ++day) {
    github_.clear_log();
    const auto result = run_after(hours(24));
    EXPECT_THAT(result.out, HasSubstr("0 saved, 50 unchanged, 0 failed"));
    EXPECT_EQ(of_kept(), kWikis);
    missing += wiki_requests() - of_kept();
    std::size_t of_histories = 0;
    for (const auto& request : github_.log()) of_histories += request.kind == sim::RequestKind::git ? 1 : 0;
    EXPECT_EQ(of_histories, wiki_requests());
  }
  EXPECT_EQ(missing, kRepositories - kWikis);
}

TEST_F(Wikis, AreVerifiedAndRepaired) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  write_page(id, "second");
  run();
  ASSERT_EQ(verify({"--read-data"}).exit_code, 0);
  flip_a_bit(wiki_file(id, ".bundle"));

  const auto deep = verify({"--deep"});
  const auto restored = verify({"--restore"});
  const auto found = verify({"--json", "--read-data"});
  std::ofstream(scratch_ / "findings") << found.out;
  github_.clear_log();
  const auto repaired = run({"--repair", (scratch_ / "findings").string()});

  for (const auto& result : {deep, restored, found}) {
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.out + result.err, HasSubstr("wiki/"));
  }
  EXPECT_EQ(repaired.exit_code, 0) << repaired.err;
  EXPECT_EQ(github_.count(sim::GitCommand::fetch), 1U) << "the history is whole";
  const json part = newest(id).at("parts").at("wiki");
  EXPECT_EQ(part.at("bundles").size(), 1U);
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(wiki_of(id)));
}

TEST_F(Wikis, AreCopiedListedAndNoObstacleToADrill) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  const fs::path other = scratch_ / "other";

  const auto copied = hubkeep({"copy", vault().string(), other.string()});
  const auto listed = hubkeep({"list", "--json", "--from", other.string()});
  const auto drilled = hubkeep({"drill", "--from", vault().string(), "--temp-dir", scratch_.path().string()});
  write_page(id, "second");
  const auto went_on =
      hubkeep({"backup", "--api-url", github_.api_url(), "--to", other.string(), "--wiki-every", "0"},
              {{"TOKEN_GITHUB", token_}, {"HUBKEEP_WITH", "wiki"}});
  fs::remove_all(vault());
  fs::rename(other, vault());

  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_EQ(json::parse(listed.out).at("repositories").at(0).at("wiki"), "ok");
  EXPECT_EQ(drilled.exit_code, 0) << drilled.out << drilled.err;
  EXPECT_THAT(went_on.err, HasSubstr("octo/site: saved (wiki: changed), 3 objects"));
  EXPECT_EQ(verify({"--read-data"}).exit_code, 0);
  EXPECT_EQ(state_of(restore_wiki(id)), state_of(wiki_of(id)));
}

TEST_F(Wikis, AreLookedIntoByTheNameThatGitHubGivesThem) {
  const auto id = add_with_wiki("site");
  run();
  write_first_page(id);
  write_page(id, "hello");
  run_after(hours(24 * 8));
  const auto look = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--from", vault().string(), "--ref", "main"});
    return hubkeep(std::move(arguments), {{"XDG_CACHE_HOME", (scratch_ / "cache").string()}});
  };

  const auto page = look({"cat", "octo/site.wiki", "Home.md"});
  const auto history = look({"cat", "octo/site", "Home.md"});
  const auto log = look({"log", "octo/site.wiki"});
  const auto before = look({"ls", "octo/site.wiki", "--at", snapshots_of(folder_of(id)).front()});
  const auto other = look({"ls", "octo/none.wiki"});
  const auto none = [&] {
    add_filled("plain");
    run_after(hours(1));
    return look({"ls", "octo/plain.wiki"});
  }();

  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_EQ(page.out, "hello");
  EXPECT_NE(history.exit_code, 0) << "the repository has none";
  EXPECT_THAT(log.out, HasSubstr("a page"));
  EXPECT_THAT(before.err, HasSubstr("has no wiki"));
  EXPECT_THAT(other.err, HasSubstr("the vault holds no repository octo/none"));
  EXPECT_THAT(none.err, HasSubstr("the newest snapshot of octo/plain has no wiki"));
  EXPECT_THAT(none.err, Not(HasSubstr("an older one is taken")));
}

TEST_F(Wikis, AreLeftAloneWhereNobodyWantsThem) {
  const auto id = add_with_wiki("site");
  write_first_page(id);
  run();
  github_.clear_log();
  write_page(id, "second");
  push_file(id, "second");

  const auto result = backup({}, {{"HUBKEEP_WITHOUT", "wiki"}});

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(wiki_requests(), 0U);
  EXPECT_EQ(newest(id).at("parts").at("wiki").at("bundles").size(), 1U) << "what is kept stays";
}

}  // namespace
}  // namespace hubkeep
