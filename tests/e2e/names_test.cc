// Names that want to lead elsewhere or to speak to the terminal: from GitHub's API, from the git server, and
// in trees.

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

// No control character but the line's end, none of C1 in UTF-8.
bool is_safe_on_a_terminal(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7F) return false;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return true;
}

void expect_safe(const sim::RunResult& result) {
  EXPECT_TRUE(is_safe_on_a_terminal(result.out)) << printable(result.out);
  EXPECT_TRUE(is_safe_on_a_terminal(result.err)) << printable(result.err);
}

struct HostileName {
  std::string owner;
  std::string name;
};

class HostileNames : public EndToEnd {
 protected:
  HostileNames() {
    source_ = add_repository("source");
    sim::make_repository_content(path_of(source_), 1, 3, 3);
    pushed(source_);
  }

  static std::vector<HostileName> hostile_names() {
    using namespace std::string_literals;
    return {{"octo", "../../../../../../../../" + kEscape},
            {"octo", ".."},
            {"octo", "."},
            {"octo", ".git"},
            {"octo", ".GIT"},
            {"octo", "%2e%2e"},
            {"octo", "CON"},
            {"octo", "--help"},
            {"octo", "a\0b"s},
            {"octo", std::string(300, 'n')},
            {"octo", std::string(299, 'n') + "m"},
            {"octo", "red\x1b[31m"},
            {"octo", "line\nbreak"},
            {"octo", "rub\x7fout"},
            {"octo", "c1\xc2\x9b\x33\x31m"},
            {"octo", "\xe2\x80\xaegnp.exe"},
            {"octo", "Site"},
            {"octo", "site"},
            {"octo", "a/b/c"},
            {"..", "under-dots"},
            {"../../" + kEscape, "x"},
            {".git", "config"},
            {"-rf", "x"},
            {"\x1b]0;title\x07", "x"}};
  }

  // GitHub's answer from now on; each repository has the content of source_.
  void list(const std::vector<HostileName>& names) {
    nlohmann::json body = nlohmann::json::array();
    for (std::size_t i = 0; i < names.size(); ++i) {
      body.push_back({{"id", i + 1},
                      {"node_id", "R_" + std::to_string(i + 1)},
                      {"name", names[i].name},
                      {"full_name", names[i].owner + "/" + names[i].name},
                      {"owner", {{"login", names[i].owner}, {"id", 7}}},
                      {"private", false},
                      {"default_branch", "main"},
                      {"pushed_at", "2020-01-01T00:00:00Z"},
                      {"clone_url", github_.clone_url(source_)}});
    }
    github_.faults().add(
        {.path = "/user/repos"},
        sim::Respond{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()},
        sim::Fault::kForever);
  }

  // All paths below the scratch folder but those of the vault and the simulated GitHub.
  std::set<std::string> everything_else() const {
    std::set<std::string> paths;
    for (auto entry = fs::recursive_directory_iterator(scratch_.path()); entry != fs::end(entry); ++entry) {
      if (entry.depth() == 0 && (entry->path() == vault() || entry->path().filename() == "github")) {
        entry.disable_recursion_pending();
      } else {
        paths.insert(entry->path().string());
      }
    }
    return paths;
  }

  inline static const std::string kEscape = "hubkeep-escaped-" + random_hex(8);
  sim::RepositoryId source_ = 0;
};

TEST_F(HostileNames, OfRepositoriesStayInTheVaultAndAreShownEscaped) {
  const auto names = hostile_names();
  list(names);
  const auto before = everything_else();

  const auto first = backup({"--verbose"});
  const auto second = backup({"--verbose", "--json", "--recheck-days", "0"});
  const auto listed = hubkeep({"list", "--from", vault().string()});
  const auto listed_json = hubkeep({"list", "--json", "--from", vault().string()});

  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr(std::to_string(names.size()) + " saved, 0 unchanged, 0 failed"));
  for (const auto& result : {first, second, listed, listed_json}) expect_safe(result);
  EXPECT_THAT(listed.out, HasSubstr("octo/red\\x1b[31m"));
  const auto json = nlohmann::json::parse(second.out);
  EXPECT_EQ(json["repositories"].size(), names.size());
  EXPECT_EQ(everything_else(), before);
  for (const auto& report : fs::directory_iterator(vault() / "runs")) {
    const auto text = sim::run_checked({"zstd", "-dcq", report.path().string()}).out;
    EXPECT_TRUE(is_safe_on_a_terminal(text)) << printable(text);
  }
  std::set<std::string> told;
  const auto known = nlohmann::json::parse(listed_json.out);
  for (const auto& entry : known["repositories"]) told.insert(entry["repository"]);
  for (const auto& name : names)
    EXPECT_TRUE(told.contains(name.owner + "/" + name.name)) << printable(name.name);
}

TEST_F(HostileNames, OfRepositoriesStayInTheRestoreFolder) {
  const auto names = hostile_names();
  list(names);
  ASSERT_EQ(backup().exit_code, 0);
  auto expected = everything_else();

  for (const std::string form : {"", "--bare"}) {
    std::vector<std::string> arguments = {"restore", "--all",  (scratch_ / "all").string(),
                                          "--json",  "--from", vault().string()};
    if (!form.empty()) arguments.push_back(form);
    const auto result = hubkeep(arguments);

    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_safe(result);
    std::set<std::string> folders;
    const auto restored = nlohmann::json::parse(result.out);
    for (const auto& entry : restored["restored"]) {
      folders.insert(to_lower(entry["folder"].get<std::string>()));
    }
    EXPECT_EQ(folders.size(), names.size()) << "two names in one folder, where case does not count";
    EXPECT_FALSE(fs::exists(scratch_ / "all/.git"));
    EXPECT_FALSE(fs::exists(scratch_ / "all/octo/.git"));
    EXPECT_FALSE(fs::exists(scratch_ / "all/octo/.GIT"));
    fs::remove_all(scratch_ / "all");
    EXPECT_EQ(everything_else(), expected);
  }
}

TEST_F(HostileNames, ChooseADefaultFolderInTheCurrentOne) {
  const std::vector<std::string> names = {"..", ".", ".git", ".GIT", "red\x1b[31m", "-rf"};
  list({{"octo", ".."},
        {"octo", "."},
        {"octo", ".git"},
        {"octo", ".GIT"},
        {"octo", "red\x1b[31m"},
        {"octo", "-rf"}});
  ASSERT_EQ(backup().exit_code, 0);
  fs::create_directory(scratch_ / "cwd");
  const auto expected = everything_else();

  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto result =
        sim::run({hubkeep_binary(), "restore", "octo/" + names[i] + "@" + std::to_string(i + 1), "--from",
                  vault().string()},
                 {.cwd = scratch_ / "cwd"});

    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_safe(result);
    std::size_t made = 0;
    for (const auto& entry : fs::directory_iterator(scratch_ / "cwd")) {
      ++made;
      EXPECT_NE(to_lower(entry.path().filename().string()), ".git");
      EXPECT_TRUE(fs::exists(entry.path() / ".git/HEAD"));
      fs::remove_all(entry.path());
    }
    EXPECT_EQ(made, 1U);
    EXPECT_EQ(everything_else(), expected);
  }
}

TEST_F(HostileNames, AnEmptyOwnerOrNameIsALineInTheReport) {
  list({{"octo", "good"}, {"", "x"}});

  const auto result = backup();

  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("owner.login"));
  EXPECT_THAT(result.out, HasSubstr("1 saved"));
}

TEST_F(HostileNames, WhatServersSayIsEscaped) {
  const std::string paint = "\x1b[2J\x1b]0;x\x07\xc2\x9b\x33m\x7f\nnote: all is well";
  const std::string json = nlohmann::json({{"message", paint}, {"documentation_url", paint}}).dump();
  const sim::FaultMatch listing{.path = "/user/repos"};
  const sim::FaultMatch ls_refs{.git_command = sim::GitCommand::ls_refs};
  const sim::FaultMatch fetch{.git_command = sim::GitCommand::fetch};
  // Twice what is looked at twice before it is believed.
  const std::vector<sim::Fault> faults = {
      {listing, sim::Respond{.status = 422, .body = json}, 0, 2},
      {listing, sim::Respond{.status = 403, .body = json}, 0, 2},
      {listing, sim::Respond{.status = 200, .body = paint}},
      {listing,
       sim::Respond{.status = 200,
                    .headers = {{"X-GitHub-SSO", "partial-results; organizations=\x1b[31m"}},
                    .body = "[]"},
       0, 2},
      {ls_refs, sim::Respond{.status = 403, .body = paint}, 0, 2},
      {ls_refs, sim::ErrorLine{paint}},
      {fetch, sim::ErrorLine{paint}},
      {fetch, sim::FatalBand{paint, 300}},
      {ls_refs, sim::RedirectTo{307, "https://\x1b[31m.example/"}}};

  for (const sim::Fault& fault : faults) {
    github_.faults().clear();
    github_.faults().add(fault);
    const auto result = backup({"--verbose", "--recheck-days", "0"});
    expect_safe(result);
    EXPECT_THAT(result.err, Not(HasSubstr("\nnote: all is well")));
    EXPECT_EQ(github_.faults().applied(), static_cast<std::size_t>(fault.times));
    begin_anew();
  }
}

// What ls-refs answers when the server says just this of a ref.
std::string ls_refs_answer(const std::string& oid, const std::string& name) {
  const std::string line = oid + " " + name + "\n";
  char size[5];
  std::snprintf(size, sizeof size, "%04zx", line.size() + 4);
  return size + line + "0000";
}

TEST_F(HostileNames, OfRefsThatGitForbidsAreRefused) {
  using namespace std::string_literals;
  const std::string oid = sim::git(path_of(source_), {"rev-parse", "main"});
  for (const auto& name :
       {"refs/heads/../../../x"s, "refs/heads/a\x1b[31m"s, "refs/heads/a\0b"s, "refs/heads/a\nb"s, "../x"s,
        "refs/heads/.git"s, "refs/heads/a.lock"s, "refs//heads"s, "HEAD/x"s, "refs/heads/a\x7f"s}) {
    github_.faults().clear();
    github_.faults().add({.git_command = sim::GitCommand::ls_refs},
                         sim::Respond{.status = 200,
                                      .headers = {{"Content-Type", "application/x-git-upload-pack-result"}},
                                      .body = ls_refs_answer(oid, name)});

    const auto result = backup();

    EXPECT_EQ(result.exit_code, 1) << printable(name);
    EXPECT_THAT(result.err, HasSubstr("a ref that git does not allow"));
    expect_safe(result);
    EXPECT_FALSE(fs::exists(vault() / "repos"));
  }
}

TEST_F(HostileNames, OfRefsThatGitAllowsComeBackAsTheyWere) {
  for (const std::string name : {"-rf", "--upload-pack=x", "\xe2\x80\xae\x65xe", "c1\xc2\x9b\x33m",
                                 "latin-\xe9", "CON", "$(touch${IFS}x)", "a;b", "a|b", "'\"`", "HEAD", "%s%n",
                                 "\xe4\xb8\xad/\xe6\x96\x87", "Case", "case"}) {
    sim::git(path_of(source_), {"update-ref", "refs/heads/" + name, "main"});
  }
  // Longer than a file's name may be: only packed can it be on a disk.
  sim::git(path_of(source_), {"pack-refs", "--all"});
  const std::string oid = sim::git(path_of(source_), {"rev-parse", "main"});
  std::ofstream(path_of(source_) / "packed-refs", std::ios::app)
      << oid << " refs/tags/zz" << std::string(300, 'z') << "\n"
      << oid << " refs/tags/zzzz/" << std::string(5000, 'z') << "\n";
  pushed(source_);
  ASSERT_EQ(backup().exit_code, 0);

  const auto restored = restore("octo/source");

  EXPECT_THAT(state_of(restored), HasSubstr(std::string(5000, 'z')));
  EXPECT_EQ(state_of(restored), state_of(path_of(source_)));
  expect_safe(hubkeep({"list", "octo/source", "--json", "--from", vault().string()}));
}

// Trees that plain git would never make.
class HostileTree : public HostileNames {
 protected:
  std::string blob(const std::string& content) {
    return sim::git(path_of(source_), {"hash-object", "-w", "--stdin"}, content);
  }
  std::string tree(const std::string& entries) {
    return sim::git(path_of(source_), {"hash-object", "-w", "-t", "tree", "--literally", "--stdin"}, entries);
  }
  static std::string entry(const std::string& mode, const std::string& name, const std::string& oid) {
    return mode + " " + name + '\0' + from_hex(oid);
  }
  void set_main(const std::string& root) {
    const auto commit = sim::git(path_of(source_), {"commit-tree", "-m", "evil", root});
    sim::git(path_of(source_), {"update-ref", "refs/heads/main", commit});
    pushed(source_);
  }
  sim::RunResult restore_into(const fs::path& folder, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"restore", "octo/source", folder.string(), "--from",
                                          vault().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return hubkeep(arguments);
  }
};

TEST_F(HostileTree, LeavesOutWhatIsHostileAndKeepsTheHistory) {
  const auto evil = blob("[core]\n\tfsmonitor = touch " + (scratch_ / "ran").string() + "\n");
  const auto below = tree(entry("100644", "config", evil));
  const std::vector<std::string> roots = {entry("100644", "../outside", evil),
                                          entry("40000", "..", below),
                                          entry("40000", ".git", below),
                                          entry("40000", ".GIT", below),
                                          entry("40000", "git~1", below),
                                          entry("100644", (scratch_ / "outside").string(), evil),
                                          entry("40000", "sub", tree(entry("40000", ".git", below))),
                                          entry("100644", std::string(300, 'f'), evil)};

  for (const auto& root : roots) {
    set_main(tree(root));
    ASSERT_EQ(backup({"--recheck-days", "0"}).exit_code, 0);
    const auto before = everything_else();

    const auto in_part = restore_into(scratch_ / "work");
    EXPECT_EQ(in_part.exit_code, 3) << printable(root);
    EXPECT_THAT(in_part.err, HasSubstr("the whole history is restored, but 1 file of the work tree"));
    expect_safe(in_part);
    EXPECT_EQ(state_of(scratch_ / "work/.git"), state_of(path_of(source_)));
    const auto files = std::distance(fs::directory_iterator(scratch_ / "work"), fs::directory_iterator());
    EXPECT_EQ(files, 1) << "nothing but .git: " << printable(root);
    fs::remove_all(scratch_ / "work");
    EXPECT_EQ(everything_else(), before) << printable(root);

    const auto whole = restore_into(scratch_ / "whole", {"--bare"});
    EXPECT_EQ(whole.exit_code, 0) << whole.err;
    EXPECT_EQ(state_of(scratch_ / "whole"), state_of(path_of(source_)));
    fs::remove_all(scratch_ / "whole");
    EXPECT_EQ(everything_else(), before);
  }
}

TEST_F(HostileTree, ASymbolicLinkIsNotWrittenThrough) {
  fs::create_directory(scratch_ / "outside");
  const auto below = tree(entry("100644", "evil", blob("evil")));
  const auto link = [&](const std::string& name) {
    return entry("120000", name, blob((scratch_ / "outside").string()));
  };
  for (const auto& root :
       {link("a") + entry("40000", "a", below), entry("40000", "a", below) + link("a"),
        link("a") + entry("100644", "a/evil", blob("evil")), link("A") + entry("40000", "a", below)}) {
    set_main(tree(root));
    ASSERT_EQ(backup({"--recheck-days", "0"}).exit_code, 0);

    const auto result = restore_into(scratch_ / "work");

    expect_safe(result);
    EXPECT_TRUE(fs::is_empty(scratch_ / "outside"));
    fs::remove_all(scratch_ / "work");
  }
}

TEST_F(HostileTree, OddNamesOfFilesAreRestoredAndNotShown) {
  using namespace std::string_literals;
  const auto content = blob("x");
  std::string root;
  const std::vector<std::string> names = {"\x1b[31mred", "--help", "-rf",   "CON",
                                          "line\nbreak", "lower",  "lowER", "\xe2\x80\xaetxt"};
  std::set<std::string> sorted(names.begin(), names.end());
  for (const auto& name : sorted) root += entry("100644", name, content);
  set_main(tree(root));
  ASSERT_EQ(backup().exit_code, 0);

  const auto result = restore_into(scratch_ / "work");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  expect_safe(result);
  for (const auto& name : names) EXPECT_TRUE(fs::exists(scratch_ / "work" / name)) << printable(name);
  EXPECT_EQ(sim::git(scratch_ / "work", {"status", "--porcelain"}), "");
}

}  // namespace
}  // namespace hubkeep
