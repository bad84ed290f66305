#include "backup/attachments_backup.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "backup/repository_work.h"
#include "github/rest_client.h"
#include "vault/attachments_part.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kFile = "https://github.com/user-attachments/files/1/a.txt";
constexpr const char* kOther = "https://github.com/user-attachments/files/2/b.txt";
constexpr const char* kOpen = "https://user-images.githubusercontent.com/1/c.png";

/// The web host, which sends its readers on to a storage, and an open host.
class AttachmentServer final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token&) override {
    const std::string url = request.url.str();
    asked.push_back(url);
    const bool has_token = !request.secret_headers.empty();
    if (request.url.host == "github.com") {
      tokens_at_web += has_token ? 1 : 0;
      if (refused.contains(url)) return {.status = refused.at(url), .url = request.url};
      return {.status = 302,
              .headers = {{"Location", "https://objects.githubusercontent.com" + request.url.path}},
              .url = request.url};
    }
    tokens_elsewhere += has_token ? 1 : 0;
    on_storage(request.url.path);
    const auto file = files.find(request.url.path);
    if (file == files.end()) return {.status = 404, .url = request.url};
    HttpResponse response{.status = 200,
                          .headers = {{"Content-Type", "text/plain"},
                                      {"Content-Length", std::to_string(file->second.size())},
                                      {"Content-Disposition", "attachment; filename=\"named.txt\""}},
                          .url = request.url};
    if (request.on_head) request.on_head(response);
    body->write(file->second);
    return response;
  }

  std::map<std::string, std::string> files;  // by path
  std::map<std::string, int> refused;        // by address
  std::function<void(const std::string& path)> on_storage = [](const std::string&) {};
  std::vector<std::string> asked;
  std::size_t tokens_at_web = 0;
  std::size_t tokens_elsewhere = 0;
};

/// A part whose texts have addresses in them.
class Texts final : public PartBackup {
 public:
  std::string_view name() const override { return "texts"; }
  Freshness judge(const CatalogEntry&, const Listing&, const Recheck&) const override {
    return Freshness::recheck_due;
  }
  PartResult save(const std::optional<PartBefore>&, const SnapshotId&, RepositoryWork& work) const override {
    for (const std::string& url : urls) work.note_attachment(url);
    return {.part = {}, .outcome = {.part = "texts", .kind = PartOutcomeKind::absent}};
  }
  std::vector<std::string> urls;
};

class AttachmentsBackup : public testing::Test {
 protected:
  AttachmentsBackup() {
    bench_.context.parts = {git_backup(), texts_, attachments_backup()};
    bench_.github.name_now = "acme/site";
    use_token("ghp_x");
    server_.files = {{"/user-attachments/files/1/a.txt", "file a"},
                     {"/user-attachments/files/2/b.txt", "file b"},
                     {"/1/c.png", "picture"}};
  }
  void use_token(const std::string& token) {
    api_.emplace(server_, bench_.clock,
                 RestGitHubOptions{.api_url = Url::parse("https://api.github.com"),
                                   .token = fixed_token(Secret(token, "TOKEN_GITHUB"))});
    bench_.github.api_now = &*api_;
  }
  RepositoryResult run(std::int64_t id = 7) {
    Repository repository = BackupBench::repository(id);
    repository.visibility = visibility_;
    repository.pushed_at = format_time(UtcTime{std::chrono::seconds(1'600'000'000 + ++pushes_)});
    RepositoryResult result = backup_repository(bench_.context, repository, id == 7 ? known_ : std::nullopt,
                                                {.stop = stop_.get_token()}, options_);
    if (result.update && id == 7) known_ = result.update->entry;
    return result;
  }
  static const PartOutcome& of_part(const RepositoryResult& result) { return result.outcome.parts.at(2); }
  AttachmentsPart read(const RepositoryResult& result) {
    const Manifest manifest = bench_.vault.read_manifest(kFolder, result.outcome.snapshot, {}, {}).manifest;
    return attachments_part(manifest.parts.at(PartName(kAttachmentsPart)));
  }
  std::map<std::string, std::string> contents(const AttachmentsPart& part) {
    std::map<std::string, std::string> found;
    for (const auto& [key, kept] : read_attachments(bench_.vault.objects(), kFolder, part.objects, {})) {
      StringSink sink;
      bench_.vault.objects().read(kFolder, kept.record, sink, {});
      for (const AttachmentAddress& address : kept.addresses) found[address.url] = sink.str();
    }
    return found;
  }
  std::vector<AttachmentLack> lacks(const AttachmentsPart& part) {
    std::vector<AttachmentLack> whys;
    if (part.cursor)
      for (const auto& each : read_attachments_cursor(bench_.vault.objects(), kFolder, *part.cursor, {}))
        whys.push_back(each.why);
    return whys;
  }

  const std::string kFolder = "repos/github.com/acme/site.7/";
  AttachmentServer server_;
  BackupBench bench_;
  std::optional<RestClient> api_;
  std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
  std::optional<CatalogEntry> known_;
  std::string visibility_ = "public";
  std::stop_source stop_;
  RepositoryOptions options_;
  int pushes_ = 0;
  int storage_ = 0;
};

TEST_F(AttachmentsBackup, KeepsWhatTextsNameAndTellsTheWebHostAloneOfTheToken) {
  texts_->urls = {kFile, kOpen};

  const AttachmentsPart part = read(run());

  EXPECT_EQ(part.status, PartStatus::ok);
  EXPECT_THAT(contents(part), ElementsAre(std::pair(kFile, "file a"), std::pair(kOpen, "picture")));
  EXPECT_EQ(server_.tokens_at_web, 1U);
  EXPECT_EQ(server_.tokens_elsewhere, 0U);
}

TEST_F(AttachmentsBackup, WithoutAnyIsNoPart) {
  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::absent);
  EXPECT_THAT(server_.asked, IsEmpty());
}

TEST_F(AttachmentsBackup, AsksForEachAddressOnce) {
  texts_->urls = {kFile};
  run();
  const std::size_t asked = server_.asked.size();

  const RepositoryResult second = run();

  EXPECT_EQ(of_part(second).kind, PartOutcomeKind::unchanged);
  EXPECT_EQ(server_.asked.size(), asked);

  const RepositoryResult other = run(8);  // another repository of the same run
  EXPECT_EQ(server_.asked.size(), asked);
  EXPECT_EQ(of_part(other).files, FileCounts{});
  EXPECT_EQ(of_part(other).bytes_stored, 0U);
}

TEST_F(AttachmentsBackup, KeepsTheSameBytesOnce) {
  texts_->urls = {kFile, kOther};
  server_.files["/user-attachments/files/2/b.txt"] = "file a";

  const AttachmentsPart part = read(run());

  EXPECT_THAT(contents(part), ElementsAre(std::pair(kFile, "file a"), std::pair(kOther, "file a")));
  EXPECT_THAT(read_attachments(bench_.vault.objects(), kFolder, part.objects, {}), SizeIs(1));
}

TEST_F(AttachmentsBackup, OfAPrivateRepositoryAreForClassicTokensAlone) {
  visibility_ = "private";
  use_token("github_pat_x");
  texts_->urls = {kFile};
  server_.refused = {{kFile, 404}};

  const RepositoryResult first = run();

  EXPECT_EQ(first.outcome.error, std::nullopt);
  EXPECT_EQ(read(first).status, PartStatus::not_permitted);
  EXPECT_THAT(lacks(read(first)), ElementsAre(AttachmentLack::not_permitted));
  EXPECT_THAT(of_part(first).detail, HasSubstr("classic tokens alone"));

  const std::size_t asked = server_.asked.size();
  const RepositoryResult second = run();

  EXPECT_TRUE(second.outcome.snapshot.empty());
  EXPECT_EQ(server_.asked.size(), asked);

  use_token("ghp_x");
  server_.refused.clear();
  bench_.clock.advance(std::chrono::hours(30 * 24));
  const AttachmentsPart third = read(run());

  EXPECT_EQ(third.status, PartStatus::ok);
  EXPECT_THAT(contents(third), ElementsAre(std::pair(kFile, "file a")));
}

TEST_F(AttachmentsBackup, ThatAreGoneAreToldOnce) {
  texts_->urls = {kFile, kOther};
  server_.refused = {{kFile, 404}};

  const RepositoryResult first = run();

  EXPECT_EQ(read(first).status, PartStatus::ok);
  EXPECT_THAT(lacks(read(first)), ElementsAre(AttachmentLack::missing));
  EXPECT_THAT(of_part(first).detail, HasSubstr("1 attachment cannot be had"));
  EXPECT_THAT(of_part(run()).detail, Not(HasSubstr("cannot be had")));
}

TEST_F(AttachmentsBackup, AreCountedWhereTheyComeAndWhereTheyAreFirstMissed) {
  texts_->urls = {kFile, kOther, kOpen};
  server_.refused = {{kFile, 404}};
  server_.files["/1/c.png"] = "file b";  // the same file

  const RepositoryResult first = run();
  texts_->urls = {kFile, "https://user-images.githubusercontent.com/2/d.png"};
  server_.files["/2/d.png"] = "last";
  known_->checked["releases"] = bench_.clock.now();  // which has new texts
  const RepositoryResult second = run();

  EXPECT_EQ(of_part(first).files, (FileCounts{.saved = 1, .bytes = 6, .newly_lacking = 1}));
  EXPECT_EQ(of_part(first).unfinished, "");
  EXPECT_EQ(of_part(second).files, (FileCounts{.saved = 1, .bytes = 4}));
}

TEST_F(AttachmentsBackup, StoppedInOneNamesItAndHasGainedThoseBefore) {
  texts_->urls = {kFile, kOther};
  server_.on_storage = [&](const std::string& path) {
    if (path != "/user-attachments/files/2/b.txt") return;
    stop_.request_stop();
    throw Error(ErrorKind::cancelled, "stopped");
  };

  const RepositoryResult first = run();
  stop_ = std::stop_source();
  server_.on_storage = [](const std::string&) {};
  const RepositoryResult second = run();

  EXPECT_EQ(first.outcome.kind, OutcomeKind::not_done);
  EXPECT_EQ(of_part(first).files, (FileCounts{.saved = 1, .bytes = 6}));
  EXPECT_EQ(of_part(first).unfinished, std::string("attachment ") + kOther);
  EXPECT_EQ(of_part(second).files, (FileCounts{.saved = 1, .bytes = 6}));
  EXPECT_EQ(of_part(second).unfinished, "");
}

TEST_F(AttachmentsBackup, ThatBreakOffAreAskedForInTheNextRun) {
  texts_->urls = {kFile};
  server_.refused = {{kFile, 502}};

  const RepositoryResult first = run();

  EXPECT_EQ(first.outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(first.outcome.error->message(), HasSubstr(std::string("attachment ") + kFile));
  EXPECT_EQ(read(first).status, PartStatus::failed);
  EXPECT_THAT(lacks(read(first)), ElementsAre(AttachmentLack::pending));
  EXPECT_TRUE(run().outcome.snapshot.empty());

  texts_->urls.clear();
  server_.refused.clear();
  EXPECT_EQ(read(run()).status, PartStatus::ok);
}

TEST_F(AttachmentsBackup, ThatBreakOffKeepNoneOfTheOthersAwayUntilAllDo) {
  const std::string url = "https://user-images.githubusercontent.com/1/";
  for (const std::string name : {"a.png", "c.png", "d.png", "e.png", "f.png", "g.png"})
    texts_->urls.push_back(url + name);
  server_.on_storage = [](const std::string& path) {
    if (path != "/1/c.png") throw Error(ErrorKind::transient, "the connection broke");
  };

  const RepositoryResult result = run();

  EXPECT_EQ(of_part(result).kind, PartOutcomeKind::failed);
  EXPECT_THAT(contents(read(result)), ElementsAre(std::pair(kOpen, "picture")));
  EXPECT_THAT(lacks(read(result)), SizeIs(5));
  EXPECT_EQ(std::count(server_.asked.begin(), server_.asked.end(), url + "g.png"), 0);
}

TEST_F(AttachmentsBackup, ThatAreAnotherFileTheSecondTimeAreAFailure) {
  texts_->urls = {kOpen};
  server_.on_storage = [&](const std::string&) {
    server_.files["/1/c.png"] = std::string((std::size_t{1} << 20) + 1, static_cast<char>('a' + ++storage_));
  };

  const RepositoryResult result = run();

  EXPECT_EQ(result.outcome.kind, OutcomeKind::failed);
  EXPECT_THAT(result.outcome.error->message(), HasSubstr("another file"));
}

TEST_F(AttachmentsBackup, OfMoreThanMemoryHoldsAreFetchedTwice) {
  texts_->urls = {kOpen};
  server_.files["/1/c.png"] = std::string((std::size_t{1} << 20) + 1, 'x');

  const AttachmentsPart part = read(run());

  EXPECT_EQ(contents(part).at(kOpen), server_.files["/1/c.png"]);
  EXPECT_THAT(server_.asked, SizeIs(2));
}

TEST_F(AttachmentsBackup, OfWhichMuchComesAreCommittedOnTheWay) {
  server_.files["/1/c.png"] = std::string(std::size_t{17} << 20, 'x');
  texts_->urls = {kFile, kOpen, "https://user-images.githubusercontent.com/2/d.png"};
  server_.files["/2/d.png"] = "last";
  bench_.store->on_create = [&](const ObjectKey& key) {
    if (key == attachment_key(sha256_hex("last")).substr(1)) throw Error(ErrorKind::internal, "killed");
  };

  const AttachmentsPart part = read(run());

  EXPECT_EQ(part.status, PartStatus::partial);
  EXPECT_THAT(contents(part), SizeIs(2));
  EXPECT_THAT(lacks(part), ElementsAre(AttachmentLack::pending));
}

TEST_F(AttachmentsBackup, ThatWereNotComeToAreFetchedByTheNextRunWithoutTheirTexts) {
  texts_->urls = {kFile, kOther, kOpen};
  server_.refused = {{kFile, 401}};

  const RepositoryResult first = run();

  EXPECT_EQ(of_part(first).kind, PartOutcomeKind::failed);
  EXPECT_THAT(lacks(read(first)),
              ElementsAre(AttachmentLack::pending, AttachmentLack::pending, AttachmentLack::pending));

  texts_->urls.clear();
  server_.refused.clear();
  const AttachmentsPart second = read(run());

  EXPECT_EQ(second.status, PartStatus::ok);
  EXPECT_THAT(contents(second), SizeIs(3));
}

TEST_F(AttachmentsBackup, ThatAreDamagedAreReplacedWhenTheirBytesHaveComeAgain) {
  texts_->urls = {kFile, kOther};
  run();
  const std::string key = attachment_key(sha256_hex("file a"));
  const auto path = bench_.folder.path() / key.substr(1);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::ofstream(path, std::ios::binary) << "FILE A";
  options_.lost = {key, attachment_key(sha256_hex("file b"))};
  texts_->urls.clear();
  bench_.context.parts.back() = attachments_backup();  // another run's
  server_.refused = {{kFile, 401}};

  EXPECT_THAT(lacks(read(run())), ElementsAre(AttachmentLack::pending));
  EXPECT_TRUE(std::filesystem::exists(path));

  options_.lost.clear();
  server_.refused.clear();
  EXPECT_THAT(contents(read(run())), ElementsAre(std::pair(kFile, "file a"), std::pair(kOther, "file b")));
  EXPECT_EQ(std::count(server_.asked.begin(), server_.asked.end(), kOther), 1);
}

TEST(JudgeAttachments, FollowsTheTextsAndWhatIsStillToCome) {
  const UtcTime now{std::chrono::seconds(1'800'000'000)};
  const auto judge = [&](std::optional<UtcTime> releases, UtcTime attachments) {
    CatalogEntry entry{.host = "github.com", .id = 42};
    entry.newest = {{SnapshotId::make(now), std::string(64, 'a'), {{"git", PartStatus::ok}}}};
    entry.listing = {.pushed_at = "2020-01-01T00:00:00Z", .listed_at = now};
    entry.checked = {{"attachments", attachments}};
    if (releases) entry.checked["releases"] = *releases;
    return attachments_backup()->judge(entry, entry.listing, {now});
  };
  const UtcTime before = now - std::chrono::hours(1);

  EXPECT_EQ(judge(before, before), Freshness::unchanged);
  EXPECT_EQ(judge(now, before), Freshness::incomplete);
  EXPECT_EQ(judge(std::nullopt, before), Freshness::unchanged);
}

TEST_F(AttachmentsBackup, OnOtherHostsAreNotAskedFor) {
  texts_->urls = {"https://10.0.0.1/user-attachments/files/1/a.txt"};

  EXPECT_THAT(lacks(read(run())), ElementsAre(AttachmentLack::refused));
  EXPECT_THAT(server_.asked, IsEmpty());
}

}  // namespace
}  // namespace hubkeep
