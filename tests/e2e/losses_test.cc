// What a vault has lost is told until a repair accepts it: for every object, whatever runs come between.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "e2e/end_to_end.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

using Keys = std::set<std::string>;

constexpr const char* kCatalog = "catalog.jsonl.zst";

void flip_a_bit(const fs::path& path) {
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  stream.seekg(middle);
  const int byte = stream.get();
  stream.seekp(middle);
  stream.put(static_cast<char>(byte ^ 4));
}

class Losses : public EndToEnd {
 protected:
  /// "site" has a chain of three, "twin" two snapshots that were once the newest together, "renamed" another
  /// name than its folder, and "left" is on GitHub no longer. All but that have had a push since.
  void fill() {
    site_ = add_filled("site", 1, 2);
    twin_ = add_filled("twin", 2, 2);
    renamed_ = add_filled("before", 3, 2);
    left_ = add_filled("left", 4, 2);
    saved();
    world_.rename(renamed_, "renamed");
    world_.remove(left_);
    const fs::path other = scratch_ / "other";
    fs::copy(vault(), other, fs::copy_options::recursive);
    for (const auto& to : {vault(), other}) {
      push_file(site_, to.string());
      push_file(twin_, to.string());
      EXPECT_EQ(
          hubkeep({"backup", "--api-url", github_.api_url(), "--to", to.string()}, {{"TOKEN_GITHUB", token_}})
              .exit_code,
          0);
    }
    const fs::path folder = folder_of(twin_).lexically_relative(vault());
    fs::copy(other / folder, vault() / folder, fs::copy_options::recursive | fs::copy_options::skip_existing);
    push_file(site_, "third");
    push_file(twin_, "third");
    saved();
    for (const auto id : {site_, twin_, renamed_}) push_file(id, "not saved");
    ASSERT_EQ(fs::is_empty(vault()), false);
    fs::rename(vault(), whole_);
  }
  void saved() {
    const auto result = backup();
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  }
  /// The vault as it was filled; that the machine knows a later one is not what is looked at here.
  void begin() {
    begin_anew();
    fs::copy(whole_, vault(), fs::copy_options::recursive);
  }

  sim::RunResult verify(std::vector<std::string> arguments = {"--read-data"}) {
    arguments.insert(arguments.begin(), {"verify", "--from", vault().string()});
    return hubkeep(std::move(arguments));
  }
  /// What is damaged and that nobody has accepted. Empty: verify says that all is good.
  Keys told() {
    const auto result = verify({"--read-data", "--json"});
    std::ofstream(scratch_ / "findings") << result.out;
    const auto json = nlohmann::json::parse(result.out);
    Keys keys;
    for (const char* part : {"repositories", "states"})
      for (const auto& verdict : json.at(part))
        for (const auto& damage : verdict.at("damages"))
          if (!damage.at("accepted")) keys.insert(damage.at("key"));
    for (const auto& damage : json.at("zips").at("damages")) keys.insert(damage.at("key"));
    if (!json.at("catalog").is_null()) keys.insert(kCatalog);
    EXPECT_EQ(result.exit_code, keys.empty() ? 0 : 3) << result.err;
    EXPECT_EQ(json.at("good"), keys.empty());
    return keys;
  }
  sim::RunResult repair() { return backup({"--repair", (scratch_ / "findings").string()}); }

  std::vector<std::string> objects() const {
    std::vector<std::string> keys;
    for (const auto& file : fs::recursive_directory_iterator(whole_)) {
      const std::string key = file.path().lexically_relative(whole_).string();
      if (file.is_regular_file() &&
          (key.starts_with("repos/") || key.starts_with("state/") || key == kCatalog))
        keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::string state_key() const {
    for (const auto& file : fs::directory_iterator(whole_ / "state"))
      return file.path().lexically_relative(whole_).string();
    return {};
  }
  /// The key of the newest.
  std::string manifest(sim::RepositoryId id) {
    begin();
    const auto ids = snapshots_of(folder_of(id));
    return (folder_of(id).lexically_relative(vault()) / "snapshots" / (ids.back() + ".json.zst")).string();
  }

  /// Damages the vault, backs up, twice where a run must meet the damage, and holds what is told before,
  /// between and after against each other.
  void expect_told_until_repaired(const std::string& what, const Keys& keys, bool is_met,
                                  const std::function<void()>& damage) {
    SCOPED_TRACE(what);
    begin();
    damage();
    const Keys before = told();
    for (const auto& key : keys) EXPECT_THAT(before, Contains(key));
    for (int run = 1; run <= (is_met ? 2 : 1); ++run) {
      const auto result = backup();
      const Keys after = told();
      if (is_met) {
        EXPECT_EQ(result.exit_code, 3) << run << result.out << result.err;
      }
      EXPECT_EQ(result.out.find("hubkeep verify --from ") != std::string::npos, result.exit_code == 3);
      for (const auto& key : keys) EXPECT_THAT(after, Contains(key)) << run;
    }
    const auto mended = repair();
    EXPECT_THAT(mended.exit_code, testing::AnyOf(0, 3)) << mended.out << mended.err;
    EXPECT_THAT(mended.out, HasSubstr("lost for good"));
    EXPECT_EQ(told(), Keys{}) << mended.out << mended.err;
    if (!is_met) return;
    const auto next = backup();
    EXPECT_EQ(next.exit_code, 0) << next.out << next.err;
    EXPECT_EQ(told(), Keys{});
  }

  fs::path whole_ = scratch_ / "whole";
  sim::RepositoryId site_ = 0;
  sim::RepositoryId twin_ = 0;
  sim::RepositoryId renamed_ = 0;
  sim::RepositoryId left_ = 0;
};

TEST_F(Losses, OfAnyObjectAreToldUntilARepairAcceptsThem) {
  fill();
  const Keys met = {manifest(site_), manifest(twin_), manifest(renamed_), state_key()};
  const auto all = objects();
  ASSERT_GT(all.size(), 30U);

  for (const auto& key : all) {
    if (key == kCatalog) continue;
    expect_told_until_repaired(key + " deleted", {key}, met.contains(key),
                               [&] { fs::remove(vault() / key); });
    expect_told_until_repaired(key + " changed", {key}, met.contains(key),
                               [&] { flip_a_bit(vault() / key); });
    if (HasFailure()) break;
  }
}

TEST_F(Losses, ACatalogIsMadeAgain) {
  fill();
  for (const auto& damage : std::vector<std::function<void()>>{[&] { fs::remove(vault() / kCatalog); },
                                                               [&] { flip_a_bit(vault() / kCatalog); }}) {
    begin();
    damage();
    EXPECT_EQ(told(), Keys{kCatalog});
    saved();
    EXPECT_EQ(told(), Keys{});
  }
}

TEST_F(Losses, OfTwoThingsAtOnceAreTold) {
  fill();
  const std::string site = manifest(site_);
  const std::string left = manifest(left_);
  const auto folder = fs::path(site).parent_path().parent_path();

  expect_told_until_repaired("a folder", {site}, true, [&] { fs::remove_all(vault() / folder); });
  expect_told_until_repaired("a folder and the catalog", {site}, true, [&] {
    fs::remove_all(vault() / folder);
    fs::remove(vault() / kCatalog);
  });
  expect_told_until_repaired("the newest manifest and the catalog", {site}, true, [&] {
    fs::remove(vault() / site);
    fs::remove(vault() / kCatalog);
  });
  for (const auto& each : {site, manifest(twin_), manifest(renamed_), left})
    expect_told_until_repaired("the state and " + each, {each, state_key()}, true, [&] {
      fs::remove(vault() / each);
      fs::remove(vault() / state_key());
    });
}

TEST_F(Losses, OfWhatGitHubHasNoLongerAreAcceptedByName) {
  fill();
  const std::string key = manifest(left_);
  const auto older = snapshots_of(folder_of(left_)).front();
  begin();
  fs::remove(vault() / key);
  ASSERT_THAT(told(), Contains(key));

  const auto accepted = repair();
  const auto verified = verify();

  EXPECT_EQ(accepted.exit_code, 3) << accepted.out << accepted.err;
  EXPECT_THAT(accepted.out,
              AllOf(HasSubstr("octo/left: lost for good: 1 object; GitHub does not have it any more"),
                    HasSubstr("the newest complete snapshot that can be restored is " + older)));
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.err, HasSubstr("octo/left: good; lost before, and known to be"));
  saved();
}

TEST_F(Losses, AreToldInEveryRunAlsoWhereNothingChanges) {
  fill();
  const std::string key = manifest(site_);
  begin();
  fs::remove(vault() / key);
  ASSERT_EQ(backup().exit_code, 3);

  const auto next = backup({"--json"});
  const auto logged = backup({"--log-format", "json"});
  const auto json = nlohmann::json::parse(next.out);

  EXPECT_EQ(next.exit_code, 3);
  ASSERT_EQ(json.at("losses").size(), 1U) << next.out;
  EXPECT_EQ(json.at("losses").at(0).at("repository"), "octo/site");
  EXPECT_EQ(json.at("losses").at(0).at("objects").at(0).at("key"), key);
  for (const auto& repository : json.at("repositories"))
    EXPECT_EQ(repository.at("result"), repository.at("id") == left_ ? "gone" : "unchanged");
  EXPECT_EQ(logged.exit_code, 3);
  EXPECT_THAT(logged.err, HasSubstr(R"("event":"lost","repository":"octo/site","objects":1)"));
}

TEST_F(Losses, AreMendedByTheCommandThatTheRunPrints) {
  fill();
  begin();
  fs::remove(vault() / manifest(site_));
  const auto met = backup({"--retries", "3"});
  const auto at = met.out.find("hubkeep verify");
  ASSERT_NE(at, std::string::npos) << met.out;
  const std::string command = met.out.substr(at, met.out.find('\n', at) - at);

  const auto followed = shell(command, {{"TOKEN_GITHUB", token_}});

  EXPECT_THAT(command, AllOf(HasSubstr(" || hubkeep backup --to "), HasSubstr("--retries 3"),
                             HasSubstr("--api-url " + github_.api_url())));
  EXPECT_EQ(followed.exit_code, 0) << command << "\n" << followed.out << followed.err;
  EXPECT_EQ(told(), Keys{});
  saved();
}

TEST_F(Losses, EndWhenTheObjectIsBack) {
  fill();
  const std::string key = manifest(site_);
  begin();
  fs::remove(vault() / key);
  ASSERT_EQ(backup().exit_code, 3);
  fs::copy_file(whole_ / key, vault() / key);

  EXPECT_EQ(told(), Keys{});
  const auto next = backup();

  EXPECT_EQ(next.exit_code, 0) << next.out << next.err;
  EXPECT_THAT(next.err, HasSubstr(key + " was lost, and is there again as it was written"));
  EXPECT_EQ(told(), Keys{});
}

TEST_F(Losses, AreNotForgottenByACopyNorByACatalogThatIsMadeAgain) {
  fill();
  const std::string key = manifest(site_);
  begin();
  fs::remove_all(vault() / fs::path(key).parent_path().parent_path());
  fs::remove(vault() / kCatalog);

  EXPECT_EQ(hubkeep({"rebuild-catalog", "--from", vault().string()}).exit_code, 0);
  EXPECT_THAT(told(), Contains(key));
  const auto copied = hubkeep({"copy", vault().string(), (scratch_ / "copy").string()});
  EXPECT_EQ(copied.exit_code, 0) << copied.out << copied.err;
  const auto verified = hubkeep({"verify", "--from", (scratch_ / "copy").string()});
  EXPECT_EQ(verified.exit_code, 3);
  EXPECT_THAT(verified.err, HasSubstr(key + " is missing"));
}

}  // namespace
}  // namespace hubkeep
