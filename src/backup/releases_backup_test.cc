#include "backup/releases_backup.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "github/rest_client.h"
#include "vault/object_list.h"
#include "vault/releases_part.h"

namespace hubkeep {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Json = nlohmann::ordered_json;

constexpr const char* kApi = "https://api.github.com";

/// GitHub's releases of one repository, and their storage.
class ReleaseServer final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token&) override {
    asked.push_back(request.url.path);
    // By its name it is another repository, which has taken that since this one was renamed.
    if (request.url.path.starts_with("/repos/"))
      return {.status = 200, .body = R"([{"id": 99, "tag_name": "v9", "assets": []}])", .url = request.url};
    if (request.url.host == "storage.test") return storage(request, *body);
    if (request.url.path.ends_with("/releases")) return list(request);
    return {.status = status_of_assets,
            .headers = {{"Location", "https://storage.test" + request.url.path}},
            .url = request.url};
  }

  void add(std::int64_t id, std::vector<std::int64_t> asset_ids, const std::string& body = "") {
    Json assets = Json::array();
    for (const std::int64_t asset : asset_ids) {
      const std::string content = fmt::format("content of {}", asset);
      files.emplace(asset, content);
      assets.push_back({{"id", asset},
                        {"name", fmt::format("{}.zip", asset)},
                        {"state", "uploaded"},
                        {"size", content.size()},
                        {"digest", "sha256:" + sha256_hex(content)},
                        {"download_count", 0}});
    }
    releases[id] = {{"id", id}, {"tag_name", fmt::format("v{}", id)}, {"body", body}, {"assets", assets}};
  }
  Json& asset(std::int64_t release) { return releases.at(release)["assets"][0]; }
  std::size_t fetched(std::int64_t asset) const {
    const std::string end = fmt::format("/assets/{}", asset);
    return static_cast<std::size_t>(std::count_if(
        asked.begin(), asked.end(), [&](const std::string& path) { return path.ends_with(end); }));
  }

  std::map<std::int64_t, Json> releases;
  std::map<std::int64_t, std::string> files;
  std::map<std::int64_t, int> cut;  // how often a connection breaks in an asset
  std::size_t cut_after = 6;        // bytes of what comes
  std::function<void()> on_storage = [] {};
  int status_of_list = 200;
  int status_of_assets = 302;
  std::string permission;
  std::vector<std::string> asked;
  std::vector<std::string> ranges;
  std::size_t tokens_at_storage = 0;

 private:
  HttpResponse list(const HttpRequest& request) const {
    if (status_of_list != 200)
      return {.status = status_of_list,
              .headers = {{"X-Accepted-GitHub-Permissions", permission}},
              .body = "{}",
              .url = request.url};
    Json all = Json::array();
    for (auto release = releases.rbegin(); release != releases.rend(); ++release)
      all.push_back(release->second);
    const std::string body = all.dump();
    const std::string etag = "\"" + sha256_hex(body) + "\"";
    for (const auto& [name, value] : request.headers)
      if (name == "If-None-Match" && value == etag) return {.status = 304, .url = request.url};
    return {.status = 200, .headers = {{"ETag", etag}}, .body = body, .url = request.url};
  }

  HttpResponse storage(const HttpRequest& request, ByteSink& body) {
    tokens_at_storage += request.secret_headers.size();
    on_storage();
    const std::int64_t id = std::stoll(request.url.path.substr(request.url.path.rfind('/') + 1));
    const auto file = files.find(id);
    if (file == files.end()) return {.status = 404, .url = request.url};
    std::size_t offset = 0;
    for (const auto& [name, value] : request.headers)
      if (name == "Range") {
        ranges.push_back(value);
        offset = std::stoul(value.substr(6));
      }
    const std::string& content = file->second;
    HttpResponse response{.status = offset > 0 ? 206 : 200,
                          .headers = {{"Content-Range", fmt::format("bytes {}-{}/{}", offset,
                                                                    content.size() - 1, content.size())}},
                          .url = request.url};
    if (request.on_head) request.on_head(response);
    const bool breaks = cut[id]-- > 0;
    body.write(std::string_view(content).substr(offset, breaks ? cut_after : content.size()));
    if (breaks) throw Error(ErrorKind::transient, "the connection broke");
    return response;
  }
};

class ReleasesBackup : public testing::Test {
 protected:
  ReleasesBackup() {
    bench_.github.api_now = &api_;
    bench_.context.parts = {git_backup(), releases_backup()};
    bench_.github.name_now = "acme/site";
  }

  // After a push, which makes the releases due.
  RepositoryResult run() {
    Repository repository = BackupBench::repository();
    repository.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++pushes_)});
    repository.releases = probed_;
    RepositoryResult result =
        backup_repository(bench_.context, repository, known_, {.stop = stop_.get_token()}, options_);
    if (result.update) known_ = result.update->entry;
    server_.asked.insert(server_.asked.end(), "--");
    return result;
  }
  void add_large(std::int64_t release, std::int64_t id, std::size_t size) {
    server_.files[id] = std::string(size, 'x');
    server_.releases.at(release)["assets"].push_back(
        {{"id", id}, {"name", "large"}, {"state", "uploaded"}, {"size", size}, {"digest", nullptr}});
  }
  // Other bytes of the same size.
  void damage(std::int64_t asset) {
    const auto path = bench_.folder.path() / (kFolder + fmt::format("releases/assets/{}", asset));
    const auto size = std::filesystem::file_size(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::ofstream(path, std::ios::binary) << std::string(size, '?');
  }
  Part part() const { return manifest_.parts.at(PartName(kReleasesPart)); }
  ReleasesPart read(const RepositoryResult& result) {
    manifest_ = bench_.vault.read_manifest(kFolder, result.outcome.snapshot, {}, {}).manifest;
    return releases_part(part());
  }
  std::vector<std::string> documents(const ReleasesPart& releases) {
    std::vector<std::string> lines;
    for (const ObjectRecord& record : releases.documents) {
      StringSink sink;
      bench_.vault.objects().read(kFolder, record, sink, {});
      for (const std::string_view line : split(sink.str(), '\n'))
        if (!line.empty()) lines.emplace_back(line);
    }
    return lines;
  }
  // The content of what the part names, by asset.
  std::map<std::string, std::string> assets(const Part& part) {
    std::map<std::string, std::string> found;
    visit_objects(part, read_lists(bench_.vault.objects(), kFolder, {}), [&](const ObjectRecord& record) {
      if (record.key.find("/assets/") == std::string::npos) return;
      StringSink sink;
      bench_.vault.objects().read(kFolder, record, sink, {});
      found[record.key] = sink.str();
    });
    return found;
  }
  std::map<AssetId, LackingAsset> lacking(const ReleasesPart& releases) {
    return releases.cursor
               ? read_releases_cursor(bench_.vault.objects(), kFolder, *releases.cursor, {}).lacking
               : std::map<AssetId, LackingAsset>{};
  }
  static const PartOutcome& of_part(const RepositoryResult& result) { return result.outcome.parts.at(1); }
  std::size_t listed() const {
    return static_cast<std::size_t>(
        std::count(server_.asked.begin(), server_.asked.end(), "/repositories/7/releases"));
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  ReleaseServer server_;
  BackupBench bench_;
  RestClient api_{server_,
                  bench_.clock,
                  {.api_url = Url::parse(kApi), .token = fixed_token(Secret("ghp_x", "TOKEN_GITHUB"))}};
  std::optional<CatalogEntry> known_;
  std::optional<std::string> probed_;
  RepositoryOptions options_;
  std::stop_source stop_;
  Manifest manifest_;
  int pushes_ = 0;
};

TEST_F(ReleasesBackup, KeepsEachAsItWasSentWithItsAssets) {
  server_.add(1, {11});
  server_.add(2, {21, 22});

  const ReleasesPart releases = read(run());

  EXPECT_EQ(releases.status, PartStatus::ok);
  EXPECT_EQ(releases.releases, 2U);
  EXPECT_THAT(documents(releases), ElementsAre(server_.releases[2].dump(), server_.releases[1].dump()));
  EXPECT_THAT(assets(part()), UnorderedElementsAre(std::pair("releases/assets/11", "content of 11"),
                                                   std::pair("releases/assets/21", "content of 21"),
                                                   std::pair("releases/assets/22", "content of 22")));
  EXPECT_EQ(server_.tokens_at_storage, 0U);
}

TEST_F(ReleasesBackup, AreThoseOfTheRepositoryWhoseNameIsAnothersByNow) {
  server_.add(1, {11});

  read(run());

  EXPECT_THAT(server_.asked, ElementsAre("/repositories/7/releases", "/repositories/7/releases/assets/11",
                                         "/repositories/7/releases/assets/11", "--"));
}

TEST_F(ReleasesBackup, OfARepositoryWithoutAnyIsNoPart) {
  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::absent);
  EXPECT_FALSE(bench_.vault.read_manifest(kFolder, result.outcome.snapshot, {}, {})
                   .manifest.parts.contains(PartName(kReleasesPart)));
  EXPECT_TRUE(known_->checked.contains(PartName(kReleasesPart)));
}

TEST_F(ReleasesBackup, IsNotAskedForAtFirstWhereTheProbeSawNone) {
  probed_ = "0";

  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::absent);
  EXPECT_EQ(listed(), 0U);
}

TEST_F(ReleasesBackup, ThatDidNotChangeCostOneRequest) {
  server_.add(1, {11});
  run();

  const RepositoryResult second = run();

  EXPECT_EQ(of_part(second).kind, PartOutcomeKind::unchanged);
  EXPECT_EQ(of_part(second).requests, 1U);
  EXPECT_TRUE(second.outcome.snapshot.empty());
  EXPECT_EQ(server_.fetched(11), 2U);  // at the API, and at the storage
}

TEST_F(ReleasesBackup, OfWhichOnlyDownloadsWereCountedAreUnchanged) {
  server_.add(1, {11});
  run();
  server_.asset(1)["download_count"] = 5;

  const RepositoryResult second = run();

  EXPECT_EQ(of_part(second).kind, PartOutcomeKind::unchanged);
  EXPECT_TRUE(second.outcome.snapshot.empty());
}

TEST_F(ReleasesBackup, KeepsWhatWasReplacedOrDeletedInOlderSnapshots) {
  server_.add(1, {11});
  server_.add(2, {21});
  const ReleasesPart before = read(run());
  const Part part_before = part();
  server_.add(1, {12});  // in place of 11
  server_.releases.erase(2);
  server_.files.clear();
  server_.files[12] = "content of 12";

  const ReleasesPart now = read(run());

  EXPECT_EQ(now.releases, 1U);
  EXPECT_THAT(documents(now), SizeIs(1));
  EXPECT_THAT(assets(part()), UnorderedElementsAre(std::pair("releases/assets/12", "content of 12")));
  EXPECT_THAT(documents(before), SizeIs(2));
  EXPECT_THAT(assets(part_before), SizeIs(2));
}

TEST_F(ReleasesBackup, GoesOnInTheMiddleOfAnAssetWhoseConnectionBreaks) {
  server_.add(1, {11});
  server_.cut = {{11, 1}};

  read(run());

  EXPECT_THAT(server_.ranges, ElementsAre("bytes=6-"));
  EXPECT_THAT(assets(part()), ElementsAre(std::pair("releases/assets/11", "content of 11")));
}

TEST_F(ReleasesBackup, GoesOnAsLongAsEachFewAttemptsBringSomething) {
  server_.add(1, {});
  add_large(1, 11, std::size_t{12} << 20);
  server_.cut = {{11, 11}};
  server_.cut_after = std::size_t{1} << 20;

  EXPECT_EQ(read(run()).status, PartStatus::ok);

  EXPECT_THAT(server_.ranges, SizeIs(11));
  EXPECT_EQ(assets(part()).at("releases/assets/11"), server_.files[11]);
}

TEST_F(ReleasesBackup, FailsWhereNothingComesAnyMore) {
  server_.add(1, {11});
  server_.cut = {{11, 100}};
  server_.cut_after = 1;

  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::failed);
  EXPECT_EQ(lacking(read(result)).at(11).why, AssetLack::pending);
}

TEST_F(ReleasesBackup, IsCommittedWithTheHistoryBeforeMuchIsFetched) {
  server_.add(1, {12});
  add_large(1, 11, std::size_t{17} << 20);
  std::vector<std::size_t> snapshots;
  server_.on_storage = [&] {
    const auto files = std::filesystem::directory_iterator(bench_.folder.path() / kFolder / "snapshots");
    snapshots.push_back(static_cast<std::size_t>(std::distance(begin(files), end(files))));
  };

  const ReleasesPart releases = read(run());

  EXPECT_THAT(snapshots, ElementsAre(1, 1));
  EXPECT_EQ(releases.status, PartStatus::ok);
  EXPECT_THAT(assets(part()), SizeIs(2));
  const StoredManifest first =
      bench_.vault.read_manifest(kFolder, manifest_.previous.front().snapshot, {}, {});
  const ReleasesPart before = releases_part(first.manifest.parts.at(PartName(kReleasesPart)));
  EXPECT_EQ(before.status, PartStatus::partial);
  EXPECT_THAT(lacking(before), SizeIs(2));
  EXPECT_EQ(before.documents, releases.documents);
}

TEST_F(ReleasesBackup, TellsOnceWhatCannotBeHadAndAsksForItAgain) {
  server_.add(1, {11, 12});
  server_.files.erase(11);

  const RepositoryResult first = run();
  const ReleasesPart releases = read(first);

  EXPECT_EQ(first.outcome.error, std::nullopt);
  EXPECT_EQ(releases.status, PartStatus::partial);
  EXPECT_THAT(of_part(first).detail, HasSubstr("1 asset cannot be had: 11.zip: "));
  ASSERT_THAT(lacking(releases), SizeIs(1));
  EXPECT_EQ(lacking(releases).at(11).why, AssetLack::missing);

  const RepositoryResult second = run();

  EXPECT_EQ(of_part(second).kind, PartOutcomeKind::unchanged);
  EXPECT_THAT(of_part(second).detail, Not(HasSubstr("11.zip")));
  EXPECT_TRUE(second.outcome.snapshot.empty());

  server_.files[11] = "content of 11";
  bench_.clock.advance(24h);
  const ReleasesPart third = read(run());

  EXPECT_EQ(third.status, PartStatus::ok);
  EXPECT_THAT(lacking(third), IsEmpty());
  EXPECT_THAT(assets(part()), SizeIs(2));
  EXPECT_EQ(server_.fetched(12), 2U);
}

TEST_F(ReleasesBackup, ThatLackWhatGitHubDoesNotHaveAreSettledAndItIsAskedForOnceADay) {
  server_.add(1, {11, 12});
  server_.files.erase(11);
  read(run());
  const std::size_t asked = server_.fetched(11);

  EXPECT_TRUE(is_settled(part()));

  run();
  server_.add(2, {21});  // which is news
  const ReleasesPart same_day = read(run());

  EXPECT_EQ(server_.fetched(11), asked);
  EXPECT_THAT(lacking(same_day), SizeIs(1));
  EXPECT_THAT(assets(part()), SizeIs(2));

  bench_.clock.advance(24h);
  run();
  EXPECT_EQ(server_.fetched(11), 2 * asked);
}

TEST_F(ReleasesBackup, OfWhichAnAssetIsStillToComeAreDueOnTheSameDay) {
  server_.add(1, {});
  read(run());
  add_large(1, 11, std::size_t{17} << 20);
  bench_.server.set_ref("refs/heads/main", 2);
  server_.on_storage = [] { throw Error(ErrorKind::cancelled, "stopped"); };

  const ReleasesPart so_far = read(run());

  EXPECT_EQ(so_far.status, PartStatus::partial);
  EXPECT_EQ(so_far.pending, 1U);
  EXPECT_FALSE(is_settled(part()));
  EXPECT_EQ(judge_releases(*known_, known_->listing, {bench_.clock.now()}), Freshness::recheck_due);

  server_.on_storage = [] {};
  EXPECT_EQ(read(run()).status, PartStatus::ok);
}

TEST_F(ReleasesBackup, CountsWhatItFetchedAndWhatItIsTheFirstToMiss) {
  server_.add(1, {11, 12, 13, 14});
  server_.files.erase(11);
  server_.files[12] = "CONTENT OF 12";
  server_.releases.at(1)["assets"][3]["state"] = "open";

  const RepositoryResult first = run();
  const RepositoryResult second = run();
  server_.files[11] = "content of 11";
  bench_.clock.advance(24h);
  const RepositoryResult third = run();

  EXPECT_EQ(of_part(first).files, (FileCounts{.saved = 1, .bytes = 13, .newly_lacking = 2}));
  EXPECT_EQ(of_part(first).unfinished, "");
  EXPECT_EQ(of_part(second).files, FileCounts{});
  EXPECT_EQ(of_part(third).files, (FileCounts{.saved = 1, .bytes = 13}));
}

TEST_F(ReleasesBackup, StoppedInAnAssetNamesItAndHasGainedThoseBefore) {
  server_.add(1, {11, 12, 13});
  server_.on_storage = [&] {
    if (server_.fetched(12) == 0) return;
    stop_.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };

  const RepositoryResult first = run();
  stop_ = std::stop_source();
  server_.on_storage = [] {};
  const RepositoryResult second = run();

  EXPECT_EQ(first.outcome.kind, OutcomeKind::not_done);
  EXPECT_EQ(of_part(first).files, (FileCounts{.saved = 1, .bytes = 13}));
  EXPECT_EQ(of_part(first).unfinished, "asset 12.zip of 13 B");
  EXPECT_EQ(of_part(second).files, (FileCounts{.saved = 2, .bytes = 26}));
  EXPECT_EQ(of_part(second).unfinished, "");
}

TEST_F(ReleasesBackup, RefusesOtherBytesThanGitHubSays) {
  server_.add(1, {11, 12, 13});
  server_.files[11] = "CONTENT OF 11";
  server_.files[12] = "content";
  server_.files[13] = "content of 13 and more";

  const RepositoryResult first = run();
  const ReleasesPart releases = read(first);

  EXPECT_EQ(first.outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(first.outcome.error->message(), HasSubstr("asset 11.zip: it is not what GitHub says"));
  EXPECT_EQ(releases.status, PartStatus::failed);
  ASSERT_THAT(lacking(releases), SizeIs(3));
  EXPECT_THAT(lacking(releases).at(11).message, HasSubstr("its SHA-256 differs"));
  EXPECT_THAT(lacking(releases).at(12).message, HasSubstr("7 bytes came"));
  EXPECT_THAT(lacking(releases).at(13).message, HasSubstr("more bytes come than its 13"));
  EXPECT_THAT(assets(part()), IsEmpty());
  EXPECT_FALSE(bench_.vault.objects().find(kFolder + "releases/assets/11"));

  const RepositoryResult second = run();

  EXPECT_EQ(second.outcome.kind, OutcomeKind::failed);
  EXPECT_TRUE(second.outcome.snapshot.empty());

  server_.files = {{11, "content of 11"}, {12, "content of 12"}, {13, "content of 13"}};
  EXPECT_EQ(read(run()).status, PartStatus::ok);
}

TEST_F(ReleasesBackup, OfWhichOtherBytesComeOnceAreWhole) {
  server_.add(1, {11});
  const std::string content = std::exchange(server_.files[11], "CONTENT OF 11");
  server_.on_storage = [&] {
    if (server_.fetched(11) > 2) server_.files[11] = content;
  };

  EXPECT_EQ(read(run()).status, PartStatus::ok);
}

TEST_F(ReleasesBackup, HoldsAnAssetWithoutADigestAgainstItsSize) {
  server_.add(1, {11});
  server_.asset(1)["digest"] = nullptr;
  server_.files[11] = "CONTENT OF 11";

  read(run());

  EXPECT_THAT(assets(part()), ElementsAre(std::pair("releases/assets/11", "CONTENT OF 11")));
}

TEST_F(ReleasesBackup, WaitsForAnUploadWithoutCallingItLacking) {
  server_.add(1, {11});
  server_.asset(1)["state"] = "open";

  const RepositoryResult first = run();
  const ReleasesPart releases = read(first);

  EXPECT_EQ(releases.status, PartStatus::ok);
  EXPECT_EQ(lacking(releases).at(11).why, AssetLack::not_uploaded);
  EXPECT_EQ(server_.fetched(11), 0U);

  server_.asset(1)["state"] = "uploaded";
  read(run());

  EXPECT_THAT(assets(part()), SizeIs(1));
}

TEST_F(ReleasesBackup, TakesWhatARunThatWasKilledHasStored) {
  server_.add(1, {11, 12});
  server_.asset(1)["digest"] = nullptr;
  bench_.store->fail_on = {"snapshots/"};
  EXPECT_TRUE(run().outcome.error);
  bench_.store->fail_on.clear();
  known_.reset();

  read(run());

  EXPECT_THAT(assets(part()), SizeIs(2));
  EXPECT_EQ(server_.fetched(11), 2U);
  EXPECT_EQ(server_.fetched(12), 2U);
}

TEST_F(ReleasesBackup, EndsWithTheFirstAssetThatTheVaultCannotTake) {
  server_.add(1, {11, 12});
  bench_.store->fail_on = {"assets/11"};

  const RepositoryResult first = run();

  EXPECT_EQ(of_part(first).kind, PartOutcomeKind::failed);
  EXPECT_THAT(of_part(first).error->message(), HasSubstr("no space left"));
  EXPECT_EQ(read(first).status, PartStatus::failed);

  bench_.store->fail_on.clear();
  const ReleasesPart now = read(run());

  EXPECT_EQ(now.status, PartStatus::ok);
  EXPECT_THAT(assets(part()), SizeIs(2));
}

TEST_F(ReleasesBackup, ThatFailedOnceAndDidNotChangeAreWholeAgain) {
  server_.add(1, {11});
  run();
  server_.status_of_list = 422;
  bench_.server.set_ref("refs/heads/main", 2);
  const RepositoryResult failed = run();
  EXPECT_EQ(of_part(failed).kind, PartOutcomeKind::failed);
  server_.status_of_list = 200;

  EXPECT_EQ(read(run()).status, PartStatus::ok);
  EXPECT_EQ(of_part(run()).kind, PartOutcomeKind::unchanged);
}

TEST_F(ReleasesBackup, ThatNobodyMaySeeNamesThePermissionAndIsNoFailure) {
  server_.status_of_list = 403;
  server_.permission = "contents=read";

  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::not_permitted);
  EXPECT_EQ(of_part(result).permission, "contents=read");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::saved);
}

TEST_F(ReleasesBackup, ThatFailsLeavesTheHistoryAsItIs) {
  server_.status_of_list = 422;

  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::failed);
  EXPECT_FALSE(result.outcome.snapshot.empty());
}

TEST_F(ReleasesBackup, MakesAnewWhatOfItIsLost) {
  server_.add(1, {11});
  const ReleasesPart before = read(run());
  std::filesystem::remove(bench_.folder.path() / (kFolder + before.documents.front().key));
  std::filesystem::remove(bench_.folder.path() / (kFolder + "releases/assets/11"));
  options_.lost = {before.documents.front().key, "releases/assets/11"};

  read(run());

  EXPECT_THAT(documents(releases_part(part())), SizeIs(1));
  EXPECT_THAT(assets(part()), SizeIs(1));
}

TEST_F(ReleasesBackup, OfWhichAnAssetIsDamagedKeepItUntilItsBytesHaveComeAgain) {
  server_.add(1, {11, 12});
  read(run());
  damage(11);
  options_.lost = {"releases/assets/11"};
  server_.cut = {{11, 100}};
  server_.cut_after = 1;

  const RepositoryResult failed = run();

  EXPECT_EQ(of_part(failed).kind, PartOutcomeKind::failed);
  EXPECT_TRUE(bench_.vault.objects().find(kFolder + "releases/assets/11"));

  server_.cut.clear();
  const RepositoryResult repaired = run();
  read(repaired);

  EXPECT_THAT(assets(part()), UnorderedElementsAre(std::pair("releases/assets/11", "content of 11"),
                                                   std::pair("releases/assets/12", "content of 12")));
  EXPECT_THAT(repaired.outcome.still_needed, IsEmpty());
  EXPECT_THAT(manifest_.lost, IsEmpty());
}

TEST_F(ReleasesBackup, OfWhichOtherBytesComeThanBeforeAreNotWholeInOlderSnapshots) {
  server_.add(1, {11});
  server_.asset(1)["digest"] = nullptr;
  read(run());
  damage(11);
  options_.lost = {"releases/assets/11"};
  server_.files[11] = "CONTENT OF 11";

  const RepositoryResult repaired = run();
  read(repaired);

  EXPECT_THAT(repaired.outcome.still_needed, IsEmpty());
  EXPECT_THAT(manifest_.lost, ElementsAre("releases/assets/11"));
}

TEST_F(ReleasesBackup, OfWhichOtherBytesComeWhenTheNewestSnapshotNamesNoneAreNotWholeInOlderOnes) {
  server_.add(1, {11});
  server_.asset(1)["digest"] = nullptr;
  read(run());
  damage(11);
  options_.lost = {"releases/assets/11"};
  server_.files.erase(11);
  EXPECT_THAT(lacking(read(run())), SizeIs(1));
  server_.files[11] = "CONTENT OF 11";

  read(run());

  EXPECT_THAT(assets(part()), SizeIs(1));
  EXPECT_THAT(manifest_.lost, ElementsAre("releases/assets/11"));
}

TEST_F(ReleasesBackup, OfWhichADamagedAssetIsStillToComeAreNoWholeOnesInTheNextRun) {
  server_.add(1, {11});
  read(run());
  damage(11);
  options_.lost = {"releases/assets/11"};
  server_.cut = {{11, 100}};
  server_.cut_after = 1;
  bench_.server.set_ref("refs/heads/main", 2);
  const RepositoryResult failed = run();

  EXPECT_THAT(lacking(read(failed)), IsEmpty());
  EXPECT_THAT(failed.outcome.still_needed, ElementsAre("releases/assets/11"));
}

TEST_F(ReleasesBackup, ThatAreAsTheyShouldBeAreNotFetchedAgainWhateverWasFoundLost) {
  server_.add(1, {11});
  const ReleasesPart before = read(run());
  options_.lost = {"releases/assets/11", before.documents.front().key, before.objects.front().key};

  const RepositoryResult repaired = run();

  EXPECT_EQ(of_part(repaired).kind, PartOutcomeKind::unchanged);
  EXPECT_THAT(repaired.outcome.still_needed, IsEmpty());
  EXPECT_EQ(server_.fetched(11), 2U);
}

TEST_F(ReleasesBackup, OfAnAcceptedLossAreLeftAloneByLaterRuns) {
  server_.add(1, {11});
  read(run());
  options_.given_up = {"releases/assets/11"};
  server_.files.clear();
  server_.add(2, {});  // so that the list is news

  const ReleasesPart now = read(run());

  EXPECT_EQ(now.status, PartStatus::ok);
  EXPECT_THAT(assets(part()), ElementsAre(std::pair("releases/assets/11", "content of 11")));
}

TEST_F(ReleasesBackup, ThatCannotBeHadAgainAreNotTakenFromWhatIsDamaged) {
  server_.add(1, {11, 12});
  server_.releases[1]["assets"][1]["digest"] = nullptr;
  read(run());
  damage(11);
  damage(12);
  options_.lost = {"releases/assets/11", "releases/assets/12"};
  server_.files.clear();
  EXPECT_THAT(lacking(read(run())), SizeIs(2));
  options_.given_up = std::exchange(options_.lost, {});
  server_.add(2, {});

  EXPECT_THAT(lacking(read(run())), SizeIs(2));

  server_.files = {{11, "content of 11"}, {12, "content of 12"}};
  bench_.clock.advance(24h);
  read(run());
  EXPECT_THAT(assets(part()), UnorderedElementsAre(std::pair("releases/assets/11", "content of 11"),
                                                   std::pair("releases/assets/12", "content of 12")));
}

CatalogEntry known() {
  CatalogEntry entry{.host = "github.com", .id = 42};
  entry.newest = {{SnapshotId::make(*parse_time("2026-11-23T12:00:00Z")),
                   std::string(64, 'a'),
                   {{"git", PartStatus::ok}, {"releases", PartStatus::ok}}}};
  entry.listing = {.pushed_at = "2026-11-01T12:00:00Z",
                   .listed_at = *parse_time("2026-11-23T12:00:00Z"),
                   .releases = "3 2026-11-01T12:00:00Z"};
  entry.checked = {{"releases", *parse_time("2026-11-23T12:00:00Z")}};
  return entry;
}

TEST(JudgeReleases, FollowsTheTable) {
  struct Case {
    const char* name;
    std::function<void(CatalogEntry&, Listing&)> change;
    Freshness expected;
  };
  const std::vector<Case> cases = {
      {"nothing", [](auto&, auto&) {}, Freshness::unchanged},
      {"listed later", [](auto&, auto& now) { now.listed_at += 24h; }, Freshness::unchanged},
      {"absent", [](auto& entry, auto&) { entry.newest[0].parts.erase("releases"); }, Freshness::unchanged},
      {"not permitted",
       [](auto& entry, auto&) { entry.newest[0].parts["releases"] = PartStatus::not_permitted; },
       Freshness::unchanged},
      {"never asked", [](auto& entry, auto&) { entry.checked.clear(); }, Freshness::never_asked},
      {"partial", [](auto& entry, auto&) { entry.newest[0].parts["releases"] = PartStatus::partial; },
       Freshness::unchanged},
      {"partial, asked on the day before",
       [](auto& entry, auto&) {
         entry.newest[0].parts["releases"] = PartStatus::partial;
         entry.checked["releases"] -= 24h;
       },
       Freshness::recheck_due},
      {"partial, and never asked to the end",
       [](auto& entry, auto&) {
         entry.newest[0].parts["releases"] = PartStatus::partial;
         entry.checked["releases"] = UtcTime{};
       },
       Freshness::recheck_due},
      {"failed", [](auto& entry, auto&) { entry.newest[0].parts["releases"] = PartStatus::failed; },
       Freshness::incomplete},
      {"pushed", [](auto&, auto& now) { now.pushed_at = "2026-11-02T12:00:00Z"; },
       Freshness::listing_differs},
      {"pushed two days ago",
       [](auto& entry, auto& now) { entry.listing.pushed_at = now.pushed_at = "2026-11-21T12:00:00Z"; },
       Freshness::pushed_recently},
      {"pushed three days ago",
       [](auto& entry, auto& now) { entry.listing.pushed_at = now.pushed_at = "2026-11-20T12:00:00Z"; },
       Freshness::unchanged},
      {"never pushed", [](auto& entry, auto& now) { entry.listing.pushed_at = now.pushed_at = ""; },
       Freshness::unchanged},
      {"probed otherwise", [](auto&, auto& now) { now.releases = "4 2026-11-01T12:00:00Z"; },
       Freshness::listing_differs},
      {"not probed", [](auto&, auto& now) { now.releases.reset(); }, Freshness::unchanged},
      {"probed for the first time", [](auto& entry, auto&) { entry.listing.releases.reset(); },
       Freshness::listing_differs},
      {"asked long ago", [](auto& entry, auto&) { entry.checked["releases"] -= 30 * 24h; },
       Freshness::recheck_due},
      {"gone", [](auto& entry, auto&) { entry.gone_since = entry.listing.listed_at; }, Freshness::back_again},
      {"two newest", [](auto& entry, auto&) { entry.newest.push_back(entry.newest.front()); },
       Freshness::several_newest},
      {"zips alone", [](auto& entry, auto&) { entry.newest.clear(); }, Freshness::incomplete},
  };
  for (const Case& each : cases) {
    CatalogEntry entry = known();
    Listing now = entry.listing;
    each.change(entry, now);

    EXPECT_EQ(judge_releases(entry, now, {known().listing.listed_at, std::chrono::hours(7 * 24)}),
              each.expected)
        << each.name;
  }
}

}  // namespace
}  // namespace hubkeep
