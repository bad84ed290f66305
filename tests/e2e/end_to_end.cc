#include "e2e/end_to_end.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "base/text.h"
#include "e2e/readme_restore.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// Empty variables count as unset, for hubkeep and for curl.
sim::Environment unset_variables() {
  sim::Environment unset;
  for (const char* name : {"TOKEN_GITHUB", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_API_URL", "CURL_CA_BUNDLE",
                           "SSL_CERT_FILE", "AWS_CA_BUNDLE", "http_proxy", "https_proxy", "all_proxy",
                           "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})
    unset.emplace(name, "");
  return unset;
}

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

std::string hubkeep_binary() {
  const char* named = std::getenv("TESTED_HUBKEEP");
  return named == nullptr ? HUBKEEP_DEFAULT_BINARY : named;
}

// Before there are threads that may read the environment.
OwnStateFolder::OwnStateFolder(const fs::path& folder) {
  ::unsetenv("STATE_DIRECTORY");
  ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
}

void EndToEnd::begin_anew() {
  fs::remove_all(vault());
  fs::remove_all(scratch_ / "state");
}

EndToEnd::EndToEnd() : world_(scratch_ / "github"), github_(world_) {
  // Held against GitHub's published description when all tests have run.
  if (const char* folder = std::getenv("SIMULATED_ANSWERS"))
    github_.record_to(fs::path(folder) / (random_hex(16) + ".jsonl"));
  world_.add_user("octo");
  token_ = world_.add_token("octo");
  world_.set_time(std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now()));
}

sim::RepositoryId EndToEnd::add_repository(const std::string& name, const sim::RepositoryOptions& options) {
  const auto id = world_.add_repository("octo", name, options);
  world_.edit(id, [](sim::Repository& repository) { repository.has_wiki = false; });
  pushed(id);
  return id;
}

void EndToEnd::pushed(sim::RepositoryId id) {
  const UtcTime now = world_.now();
  world_.set_time(now - std::chrono::hours(24) + std::chrono::seconds(++pushes_));
  world_.pushed(id);
  world_.set_time(now);
}

sim::RepositoryId EndToEnd::add_filled(const std::string& name, unsigned seed, int files) {
  const auto id = add_repository(name);
  sim::make_repository_content(path_of(id), seed, 5, files);
  pushed(id);
  return id;
}

void EndToEnd::push_file(sim::RepositoryId id, const std::string& content) {
  sim::fast_import(path_of(id),
                   "commit refs/heads/main\n"
                   "committer A U Thor <author@example.com> 1700000000 +0000\n"
                   "data 6\na file\n"
                   "from refs/heads/main^0\n"
                   "deleteall\n"
                   "M 100644 inline file\n"
                   "data " +
                       std::to_string(content.size()) + "\n" + content + "\n");
  pushed(id);
}

sim::RunResult EndToEnd::hubkeep(std::vector<std::string> arguments, sim::Environment environment) {
  return start_hubkeep(std::move(arguments), std::move(environment)).finish();
}

sim::RunResult EndToEnd::shell(const std::string& line, sim::Environment environment) {
  const char* path = std::getenv("PATH");
  environment.emplace("PATH", fs::path(hubkeep_binary()).parent_path().string() + ":" +
                                  (path == nullptr ? "/usr/bin:/bin" : path));
  if (!remembers_vaults_) environment.merge(sim::Environment{{"HOME", ""}, {"XDG_STATE_HOME", ""}});
  environment.merge(unset_variables());
  environment.emplace("HUBKEEP_RETRIES", "4");
  if (keeps_histories_alone_) environment.emplace("HUBKEEP_WITHOUT", "all");
  return BackgroundRun({"sh", "-c", line}, {.cwd = scratch_.path(), .env = std::move(environment)}).finish();
}

sim::RunResult EndToEnd::backup(std::vector<std::string> arguments, sim::Environment environment) {
  return start_backup(std::move(arguments), std::move(environment)).finish();
}

BackgroundRun EndToEnd::start_hubkeep(std::vector<std::string> arguments, sim::Environment environment) {
  arguments.insert(arguments.begin(), hubkeep_binary());
  environment.merge(unset_variables());
  environment.emplace("XDG_CONFIG_HOME", (scratch_ / "settings").string());
  if (!remembers_vaults_) environment.merge(sim::Environment{{"HOME", ""}, {"XDG_STATE_HOME", ""}});
  environment.emplace("HUBKEEP_RETRIES", "4");  // what is always broken must not be waited for long
  if (keeps_histories_alone_) environment.emplace("HUBKEEP_WITHOUT", "all");
  return BackgroundRun(arguments, {.cwd = scratch_.path(), .env = std::move(environment)});
}

BackgroundRun EndToEnd::start_backup(std::vector<std::string> arguments, sim::Environment environment) {
  arguments.insert(arguments.begin(), {"backup", "--api-url", github_.api_url(), "--to", vault().string()});
  environment.emplace("TOKEN_GITHUB", token_);
  return start_hubkeep(std::move(arguments), std::move(environment));
}

fs::path EndToEnd::restore(const std::string& name, const std::string& snapshot) {
  const fs::path folder = scratch_ / ("restored-" + std::to_string(++restored_));
  std::vector<std::string> arguments = {"restore", name,     folder.string(),
                                        "--bare",  "--from", vault().string()};
  if (!snapshot.empty()) arguments.insert(arguments.end(), {"--at", snapshot});
  const auto result = hubkeep(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return folder;
}

fs::path EndToEnd::restore_by_readme(const fs::path& folder, const std::string& snapshot) {
  const fs::path target = scratch_ / ("readme-" + std::to_string(++restored_) + ".git");
  restore_by_readme_text(vault(), folder, snapshot, "git", target);
  return target;
}

std::vector<std::string> EndToEnd::snapshots_of(const fs::path& folder) const {
  std::vector<std::string> ids;
  for (const auto& file : fs::directory_iterator(folder / "snapshots")) {
    const std::string name = file.path().filename().string();
    ids.push_back(name.substr(0, name.find('.')));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

fs::path EndToEnd::folder_of(sim::RepositoryId id) const {
  const std::string suffix = "." + std::to_string(id);
  for (const auto& entry : fs::recursive_directory_iterator(vault() / "repos")) {
    if (entry.is_directory() && entry.path().filename().string().ends_with(suffix)) return entry.path();
  }
  ADD_FAILURE() << "no folder of " << id;
  return {};
}

std::size_t EndToEnd::temporary_files() const {
  std::size_t count = 0;
  if (!fs::exists(vault())) return count;  // a first run whose listing fails leaves none
  for (const auto& file : fs::directory_iterator(vault() / ".tmp"))
    count += file.path().filename() == "lock" ? 0 : 1;
  return count;
}

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string state_of(const fs::path& repository) {
  std::istringstream lines(sim::git(repository, {"for-each-ref", "--format=%(objectname) %(refname)"}));
  std::string state;
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with("/merge")) state += line + "\n";
  }
  return state + read_file(repository / "HEAD");
}

}  // namespace hubkeep
