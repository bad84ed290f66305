#include "backup/meta_backup.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "backup/backup_fakes.h"
#include "backup/backup_repository.h"
#include "github/rest_client.h"
#include "vault/meta_documents.h"
#include "vault/stored_objects.h"

namespace hubkeep {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Pair;
using testing::SizeIs;

/// What a GitHub without a network has: labels, which have one list, and comments, which are walked by the
/// time at which they were changed, some at a time.
struct FakeKnowledge {
  struct Comment {
    std::string body;
    int changed = 0;  // when
  };
  std::map<int, Comment> comments;
  std::map<int, std::string> labels;
  int now = 0;

  int requests = 0;
  std::function<void()> on_request = [] {};  // may throw in the server's place
  std::size_t in_a_page = 5;

  void comment(int id, const std::string& body) { comments[id] = {body, ++now}; }
  void ask() {
    ++requests;
    on_request();
  }
};

class FakeComments final : public MetaCollector {
 public:
  explicit FakeComments(FakeKnowledge& github) : github_(github) {}
  std::string_view name() const override { return "comments"; }
  ContentKind group() const override { return ContentKind::issues; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::comment}; }
  std::vector<std::string_view> probes() const override { return {"comments"}; }

  void collect(MetaIntake& intake) const override {
    while (ask_for_a_page(intake)) continue;
    if (!intake.is_sweep(MetaKind::comment)) return;
    intake.saw_all(MetaKind::comment);
    for (const std::string& id : intake.suspects(MetaKind::comment)) {
      github_.ask();
      if (!github_.comments.contains(std::stoi(id))) intake.gone(MetaKind::comment, id);
      intake.answered(ApiKind::rest, 10);
    }
  }

 private:
  bool ask_for_a_page(MetaIntake& intake) const {
    const std::string cursor = intake.cursor(MetaKind::comment);
    int since = cursor.empty() ? 0 : std::stoi(cursor);
    std::map<int, int> page;  // by time
    for (const auto& [id, comment] : github_.comments)
      if (comment.changed > since) page[comment.changed] = id;
    github_.ask();
    std::size_t taken = 0;
    for (const auto& [time, id] : page) {
      const std::string json =
          nlohmann::ordered_json({{"id", id}, {"body", github_.comments.at(id).body}}).dump();
      intake.take({.kind = MetaKind::comment, .id = std::to_string(id), .parent = "1", .json = json});
      since = time;
      if (++taken == github_.in_a_page) break;
    }
    intake.set_cursor(MetaKind::comment, std::to_string(since));
    intake.count(MetaKind::comment, github_.comments.size());
    intake.answered(ApiKind::rest, 100);
    return taken < page.size();
  }

  FakeKnowledge& github_;
};

class FakeLabels final : public MetaCollector {
 public:
  explicit FakeLabels(FakeKnowledge& github) : github_(github) {}
  std::string_view name() const override { return "labels"; }
  ContentKind group() const override { return ContentKind::settings; }
  std::vector<MetaKind> kinds() const override { return {MetaKind::label, MetaKind::hook}; }

  void collect(MetaIntake& intake) const override {
    github_.ask();
    act(intake);
    for (const auto& [id, text] : github_.labels)
      intake.take({.kind = MetaKind::label, .id = std::to_string(id), .parent = "", .json = text});
    intake.count(MetaKind::label, github_.labels.size());
    intake.saw_all(MetaKind::label);
    for (const std::string& id : intake.suspects(MetaKind::label)) intake.gone(MetaKind::label, id);
    intake.answered(ApiKind::rest, 100);
  }

  std::function<void(MetaIntake&)> act = [](MetaIntake&) {};

 private:
  FakeKnowledge& github_;
};

/// Knows where addresses lead, and is never asked.
class NoServer final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink*, const std::stop_token&) override {
    throw Error(ErrorKind::internal, "nobody asks for " + request.url.path);
  }
};

class MetaBackupTest : public testing::Test {
 protected:
  MetaBackupTest() {
    bench_.github.api_now = &api_;
    use(all_kinds());
  }

  void use(const ContentKinds& wanted) {
    bench_.context.parts = {git_backup(), meta_backup(SubjectKind::repository, {comments_, labels_}, wanted)};
  }

  RepositoryResult run() {
    Repository repository = BackupBench::repository(id_);
    repository.probe = probe_;
    repository.probe["comments"] = std::to_string(github_.now);
    repository.updated_at = updated_at_;
    RepositoryResult result = backup_repository(bench_.context, repository, known_, {}, options_);
    if (result.update) known_ = result.update->entry;
    return result;
  }
  /// Requests of a run.
  int cost() {
    const int before = github_.requests;
    run();
    return github_.requests - before;
  }

  Manifest manifest() {
    const SnapshotId newest = known_->newest.front().snapshot;
    return bench_.vault.read_manifest(folder(), newest, std::nullopt, {}).manifest;
  }
  MetaPart part() { return meta_part(manifest().parts.at("meta")); }
  const std::string& folder() const { return known_->folder; }
  VaultObjects& objects() { return bench_.vault.objects(); }
  std::string key(const ObjectRecord& record) const { return resolve_key(folder(), record.key); }

  // "comment 1": its document, and "gone" behind that.
  std::map<std::string, std::string> kept() {
    std::map<std::string, std::string> documents;
    const std::stop_token never;
    MetaDocuments(objects(), folder(), part(), never).visit({}, [&](const MetaLine& line) {
      documents[fmt::format("{} {}", line.kind, line.id)] =
          std::string(line.document) + (line.gone ? " gone" : "");
    });
    return documents;
  }
  std::map<std::string, std::string> on_github() const {
    std::map<std::string, std::string> documents;
    for (const auto& [id, comment] : github_.comments)
      documents[fmt::format("comment {}", id)] =
          nlohmann::ordered_json({{"id", id}, {"body", comment.body}}).dump();
    for (const auto& [id, text] : github_.labels) documents[fmt::format("label {}", id)] = text;
    return documents;
  }

  static const PartOutcome& meta_of(const RepositoryResult& result) { return result.outcome.parts.back(); }

  BackupBench bench_;
  NoServer server_;
  RestClient api_{server_,
                  bench_.clock,
                  {.api_url = Url::parse("https://api.github.com"),
                   .token = fixed_token(Secret("ghp_x", "TOKEN_GITHUB"))}};
  FakeKnowledge github_;
  std::shared_ptr<FakeComments> comments_ = std::make_shared<FakeComments>(github_);
  std::shared_ptr<FakeLabels> labels_ = std::make_shared<FakeLabels>(github_);
  std::map<std::string, std::string> probe_;
  std::optional<std::string> updated_at_ = "2026-11-30T10:00:00Z";
  std::int64_t id_ = 7;
  std::optional<CatalogEntry> known_;
  RepositoryOptions options_;
};

TEST_F(MetaBackupTest, TheFirstRunKeepsAllThatThereIs) {
  for (int id = 1; id <= 12; ++id) github_.comment(id, "x");
  github_.labels = {{1, R"({"name": "bug"})"}};

  const RepositoryResult result = run();

  EXPECT_EQ(result.outcome.error, std::nullopt);
  EXPECT_EQ(meta_of(result).kind, PartOutcomeKind::saved);
  EXPECT_EQ(meta_of(result).documents, (DocumentCounts{.saved = 13}));
  EXPECT_EQ(meta_of(result).requests, 4U);
  EXPECT_EQ(kept(), on_github());
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(part().counts.at("comment"), (MetaCount{.kept = 12, .github = 12}));
  EXPECT_TRUE(is_settled(manifest().parts.at("meta")));
}

TEST_F(MetaBackupTest, AnUnchangedRepositoryCostsNothing) {
  github_.comment(1, "x");
  run();
  std::vector<std::string> read;
  bench_.store->on_read = [&](const ObjectKey& object) { read.push_back(object); };

  EXPECT_EQ(cost(), 0);
  EXPECT_THAT(read, IsEmpty());
}

TEST_F(MetaBackupTest, ARepositoryWithoutAnythingIsKnownToHaveNothing) {
  run();
  const auto before = known_->newest.front().snapshot;

  EXPECT_EQ(cost(), 0);
  EXPECT_EQ(known_->newest.front().snapshot, before);
}

TEST_F(MetaBackupTest, OneChangedCommentIsOneRequestAndOneLine) {
  for (int id = 1; id <= 12; ++id) github_.comment(id, "x");
  run();
  github_.comment(3, "y");

  EXPECT_EQ(cost(), 1);
  EXPECT_EQ(kept(), on_github());
  ASSERT_THAT(part().documents, SizeIs(2));
  int lines = 0;
  read_meta_lines(objects(), folder(), part().documents.back().record, {},
                  [&](std::string_view) { ++lines; });
  EXPECT_EQ(lines, 1);
}

TEST_F(MetaBackupTest, WhatNobodyIsAskedForIsCountedByTheProbe) {
  github_.comment(1, "x");
  github_.labels = {{1, "{}"}};
  probe_ = {{"labels", "1"}};
  run();
  github_.comment(1, "y");
  probe_ = {{"labels", "3 2026-11-30T10:00:00Z"}};

  const RepositoryResult result = run();

  EXPECT_EQ(part().counts.at("label"), (MetaCount{.kept = 1, .github = 3}));
  EXPECT_EQ(meta_of(result).documents.unexplained, 2U);
}

TEST_F(MetaBackupTest, WhatTheProbeCountsNoneOfIsNotAskedForUnlessSomeIsKept) {
  const int first = cost();
  github_.comment(1, "x");
  run();
  github_.comments.clear();
  github_.now = 0;

  EXPECT_EQ(first, 1) << "for labels, which no probe counts";
  EXPECT_GT(cost(), 0);
}

TEST_F(MetaBackupTest, WhatIsKnownIsNotWrittenAgain) {
  github_.comment(1, "x");
  run();
  const auto before = known_->newest.front().snapshot;
  updated_at_ = "2026-11-30T11:00:00Z";

  EXPECT_EQ(cost(), 1);
  EXPECT_EQ(known_->newest.front().snapshot, before);
  EXPECT_EQ(cost(), 0);
}

TEST_F(MetaBackupTest, ASweepFindsWhatWasDeletedAndKeepsIt) {
  for (int id = 1; id <= 7; ++id) github_.comment(id, "x");
  github_.labels = {{1, "{}"}, {2, "{}"}};
  run();
  auto expected = on_github();
  github_.comments.erase(3);
  github_.labels.erase(2);
  bench_.clock.advance(8 * 24h);

  const RepositoryResult result = run();

  expected["comment 3"] += " gone";
  expected["label 2"] += " gone";
  EXPECT_EQ(kept(), expected);
  EXPECT_EQ(meta_of(result).documents.newly_gone, 2U);
  EXPECT_EQ(part().counts.at("comment"), (MetaCount{.kept = 6, .gone = 1, .github = 6}));

  github_.comment(3, "x");
  run();

  expected["comment 3"] = R"({"id":3,"body":"x"})";
  EXPECT_EQ(kept(), expected);
}

TEST_F(MetaBackupTest, ASweepWithoutNewsWritesNothingAndIsNotDueAgain) {
  github_.comment(1, "x");
  run();
  const auto before = known_->newest.front().snapshot;
  bench_.clock.advance(8 * 24h);

  EXPECT_EQ(cost(), 2);
  EXPECT_EQ(known_->newest.front().snapshot, before);
  EXPECT_EQ(cost(), 0);
  github_.comment(2, "x");
  EXPECT_EQ(cost(), 1);  // and no sweep
  EXPECT_EQ(cost(), 0);
}

TEST_F(MetaBackupTest, WhatTheTokenMayNotSeeIsToldOnce) {
  labels_->act = [](MetaIntake& intake) {
    intake.not_permitted(MetaKind::hook, "Webhooks: read");
    intake.lacking(MetaKind::label, "GitHub gives no more than 10,000");
  };

  EXPECT_THAT(meta_of(run()).detail, HasSubstr("the token lacks Webhooks: read (hook)"));
  EXPECT_EQ(part().not_permitted, (std::map<std::string, std::string>{{"hook", "Webhooks: read"}}));
  EXPECT_EQ(part().lacking.at("label"), "GitHub gives no more than 10,000");
  EXPECT_EQ(part().status, PartStatus::ok);

  updated_at_ = "later";
  EXPECT_THAT(meta_of(run()).detail, Not(HasSubstr("lacks")));

  labels_->act = [](MetaIntake&) {};
  updated_at_ = "later still";
  run();
  EXPECT_THAT(part().not_permitted, IsEmpty());
}

TEST_F(MetaBackupTest, ACollectorThatIsForbiddenHasItsPermissionNamed) {
  labels_->act = [](MetaIntake&) {
    throw Error(ErrorKind::forbidden, "no").with_permission("Administration: read");
  };
  github_.comment(1, "x");

  EXPECT_EQ(meta_of(run()).kind, PartOutcomeKind::saved);
  EXPECT_EQ(part().not_permitted.at("label"), "Administration: read");
  EXPECT_EQ(kept(), on_github());
}

TEST_F(MetaBackupTest, OneCollectorThatFailsLeavesTheOthersTheirTurn) {
  github_.comment(1, "x");
  labels_->act = [](MetaIntake&) { throw Error(ErrorKind::transient, "502"); };
  github_.labels = {{1, "{}"}};

  const RepositoryResult result = run();

  EXPECT_EQ(meta_of(result).kind, PartOutcomeKind::failed);
  EXPECT_EQ(kept(), (std::map<std::string, std::string>{{"comment 1", R"({"id":1,"body":"x"})"}}));
  EXPECT_EQ(part().status, PartStatus::partial);

  labels_->act = [](MetaIntake&) {};
  EXPECT_EQ(cost(), 1);  // the other has come to its end
  EXPECT_EQ(kept(), on_github());
  EXPECT_EQ(part().status, PartStatus::ok);
}

TEST_F(MetaBackupTest, WhatChangesInTheMiddleOfARunIsKeptAsItWasLast) {
  github_.labels = {{1, R"({"name":"new"})"}, {2, "{}"}};
  labels_->act = [](MetaIntake& intake) {
    intake.take({.kind = MetaKind::label, .id = "1", .parent = "", .json = R"({"name":"old"})"});
  };

  run();

  EXPECT_EQ(kept(), on_github());
  ASSERT_THAT(part().documents, SizeIs(1));
  EXPECT_EQ(part().documents.front().replaced, 1U);
}

TEST_F(MetaBackupTest, WhereTheVaultFailsNothingIsTakenForKept) {
  github_.comment(1, "x");
  run();
  github_.comment(2, "x");
  bench_.store->on_write = [](std::string_view) { throw Error(ErrorKind::forbidden, "no"); };
  EXPECT_EQ(meta_of(run()).kind, PartOutcomeKind::failed);
  EXPECT_EQ(kept().size(), 1U);
  bench_.store->on_write = [](std::string_view) {};

  run();

  EXPECT_EQ(kept(), on_github());
}

TEST_F(MetaBackupTest, WhatIsNoJsonObjectIsRefused) {
  github_.labels = {{1, "[1]"}};
  EXPECT_EQ(meta_of(run()).error->kind(), ErrorKind::corrupt);

  labels_->act = [](MetaIntake& intake) {
    intake.take({.kind = MetaKind::label, .id = "\xff", .parent = "", .json = "{}"});
  };
  EXPECT_EQ(meta_of(run()).error->kind(), ErrorKind::corrupt);

  labels_->act = [](MetaIntake&) {};
  github_.labels = {{1, "{\"a\":"}};
  EXPECT_EQ(meta_of(run()).error->kind(), ErrorKind::corrupt);
}

TEST_F(MetaBackupTest, PendingDocumentsAreAskedForByALaterRun) {
  labels_->act = [](MetaIntake& intake) {
    intake.add_pending(MetaKind::hook, {"7", "H_7"});
    intake.add_pending(MetaKind::hook, {"8", "H_8"});
  };
  run();
  EXPECT_EQ(part().status, PartStatus::partial);
  EXPECT_EQ(part().pending, 2U);

  std::vector<PendingDocument> pending;
  labels_->act = [&](MetaIntake& intake) {
    pending = intake.pending(MetaKind::hook);
    intake.take({.kind = MetaKind::hook, .id = "7", .parent = "", .json = "{}"});
    intake.drop_pending(MetaKind::hook, "8");
  };
  run();

  EXPECT_THAT(pending, ElementsAre(PendingDocument{"7", "H_7"}, PendingDocument{"8", "H_8"}));
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(kept().at("hook 7"), "{}");
}

TEST_F(MetaBackupTest, AGroupThatIsNotWantedIsNotAsked) {
  github_.comment(1, "x");
  github_.labels = {{1, "{}"}};
  use({ContentKind::settings});
  EXPECT_EQ(cost(), 1);
  EXPECT_EQ(part().counts.count("comment"), 0U);

  use(all_kinds());
  updated_at_ = "later";
  run();

  EXPECT_EQ(kept(), on_github());
}

TEST_F(MetaBackupTest, EventsThatAreWantedAnewAreAskedForOfAll) {
  github_.comment(1, "x");
  ContentKinds without = all_kinds();
  without.erase(ContentKind::events);
  use(without);
  run();
  use(all_kinds());
  updated_at_ = "later";

  bool is_sweep = false;
  labels_->act = [&](MetaIntake& intake) { is_sweep = intake.is_sweep(MetaKind::label); };
  run();

  EXPECT_TRUE(is_sweep);
}

TEST_F(MetaBackupTest, ManyIncrementsBecomeOne) {
  github_.in_a_page = 100;
  for (int i = 1; i <= 40; ++i) {
    github_.comment(i % 7, std::string(100, 'x') + std::to_string(i));
    if (i == 20) github_.comments.erase(3);
    if (i == 20) bench_.clock.advance(8 * 24h);
    run();
    ASSERT_LE(part().documents.size(), 11U) << i;
  }

  EXPECT_EQ(kept().size(), 7U);
  EXPECT_THAT(kept(), IsSupersetOf(on_github()));
}

TEST_F(MetaBackupTest, WhatCannotBeReadStaysInManyIncrements) {
  for (int i = 1; i <= 9; ++i) {
    github_.comment(i, std::string(100, 'x') + std::to_string(i));
    run();
  }
  bench_.store->on_read = [](const ObjectKey& object) {
    if (object.ends_with(".jsonl.zst")) throw Error(ErrorKind::cold, object + " is in an archive class");
  };
  for (int i = 10; i <= 13; ++i) {
    github_.comment(i, std::string(100, 'x') + std::to_string(i));
    EXPECT_EQ(meta_of(run()).kind, PartOutcomeKind::saved);
  }
  bench_.store->on_read = [](const ObjectKey&) {};

  EXPECT_THAT(part().documents, SizeIs(13));
  EXPECT_EQ(part().status, PartStatus::ok);
  EXPECT_EQ(kept(), on_github());
}

TEST_F(MetaBackupTest, OfWhatIsInAnArchiveClassInPartTheRestBecomesOne) {
  const auto add = [this](int id) {
    github_.comment(id, std::string(100, 'x') + std::to_string(id));
    run();
  };
  for (int id = 1; id <= 3; ++id) add(id);
  const std::vector<MetaIncrement> old = part().documents;
  bench_.store->on_read = [&](const ObjectKey& object) {
    for (const MetaIncrement& each : old)
      if (object == key(each.record)) throw Error(ErrorKind::cold, object + " is in an archive class");
  };
  for (int id = 4; id <= 13; ++id) add(id);
  github_.comments.erase(1);
  github_.comments.erase(5);
  bench_.clock.advance(8 * 24h);
  for (int id = 14; id <= 20; ++id) add(id);
  bench_.store->on_read = [](const ObjectKey&) {};

  ASSERT_LT(part().documents.size(), 14U);
  EXPECT_TRUE(std::equal(old.begin(), old.end(), part().documents.begin()));
  EXPECT_THAT(kept(), IsSupersetOf(on_github()));
  EXPECT_THAT(kept(), SizeIs(20));
  EXPECT_THAT(kept().at("comment 1"), HasSubstr(" gone"));
  EXPECT_THAT(kept().at("comment 5"), HasSubstr(" gone"));
}

TEST_F(MetaBackupTest, ADamagedIncrementIsToldAndStays) {
  for (int id = 1; id <= 9; ++id) {
    github_.comment(id, std::string(100, 'x') + std::to_string(id));
    run();
  }
  overwrite_object(objects(), key(part().documents.at(3).record), "damaged");
  std::vector<Loss> losses;
  for (int id = 10; id <= 12; ++id) {
    github_.comment(id, std::string(100, 'x') + std::to_string(id));
    losses = run().outcome.losses;
  }

  ASSERT_THAT(losses, SizeIs(1));
  EXPECT_EQ(losses.front().key, key(part().documents.at(3).record));
  EXPECT_THAT(part().documents, SizeIs(12));
}

TEST_F(MetaBackupTest, ALostStateIsMadeAgainOfTheDocuments) {
  for (int id = 1; id <= 7; ++id) github_.comment(id, "x");
  run();
  remove_object(objects(), key(part().cursor.front()));
  github_.comment(8, "x");
  const auto documents = part().documents;

  const RepositoryResult result = run();

  EXPECT_EQ(meta_of(result).documents.saved, 1U);
  EXPECT_EQ(part().documents.front(), documents.front());
  EXPECT_EQ(kept(), on_github());
  EXPECT_THAT(bench_.observer.notices, testing::Contains(HasSubstr("asked for again")));
}

TEST_F(MetaBackupTest, ARepairAsksForWhatIsLost) {
  for (int id = 1; id <= 7; ++id) github_.comment(id, "x");
  run();
  github_.comment(8, "x");
  run();
  const ObjectRecord lost = part().documents.front().record;
  overwrite_object(objects(), key(lost), "damaged");
  options_.lost = {lost.key};

  const RepositoryResult result = run();

  EXPECT_EQ(meta_of(result).documents.saved, 7U);
  EXPECT_THAT(part().documents, SizeIs(2));
  EXPECT_NE(part().documents.front().record, lost);
  EXPECT_EQ(kept(), on_github());
  EXPECT_THAT(result.outcome.still_needed, IsEmpty());
}

TEST_F(MetaBackupTest, DocumentsOfKindsOfALaterVersionStay) {
  github_.comment(1, "x");
  run();
  Manifest newest = manifest();
  MetaPart meta = part();
  RecordedWriter writer = objects().create(folder(), "meta/20000101T000000Z-000001.jsonl.zst");
  writer.write(to_line({.kind = "unheard_of", .id = "1", .parent = "", .at = UtcTime{}, .document = "{}"}));
  meta.documents.push_back({writer.commit()});
  MetaState state = MetaState::read(objects(), folder(), meta.cursor, {});
  state.put("unheard_of", "1", "", meta_hash("{}"));
  meta.cursor = state.write(objects(), folder(), "meta/20000101T000000Z-000001.cursor.zst", {});
  newest.previous = {{newest.snapshot, known_->newest.front().sha256}};
  newest.snapshot = SnapshotId::make(newest.snapshot.time() + 1s);
  newest.parts.insert_or_assign("meta", to_part(meta));
  known_->newest.front() = {newest.snapshot, bench_.vault.write_manifest(folder(), newest),
                            statuses_of(newest.parts)};

  for (int i = 0; i < 20; ++i) {
    github_.comment(1, std::string(100, 'x') + std::to_string(i));
    run();
  }

  EXPECT_EQ(kept().at("unheard_of 1"), "{}");
  EXPECT_EQ(part().counts.at("unheard_of").kept, 1U);
}

// The snapshots are as they were then, and nobody has told the catalog.
struct Killed {};

class KilledMetaBackupTest : public MetaBackupTest {
 protected:
  /// Requests of a run that is killed in place of one of them, and of the next.
  int cost_when_killed_at(int request) {
    ++id_;
    known_.reset();
    github_.requests = 0;
    github_.on_request = [this, request] {
      if (github_.requests == request) throw Killed();
    };
    EXPECT_THROW(run(), Killed);
    github_.on_request = [] {};
    run();
    EXPECT_EQ(kept(), on_github());
    EXPECT_EQ(part().status, PartStatus::ok);
    return github_.requests - 1;  // that one was not answered
  }
};

TEST_F(KilledMetaBackupTest, AtEachRequestLosesNothingAndRepeatsFew) {
  for (int id = 1; id <= 150; ++id) github_.comment(id, "x");
  github_.labels = {{1, "{}"}};
  constexpr int kWhole = 31;

  for (int request = 1; request <= kWhole; ++request)
    EXPECT_LE(cost_when_killed_at(request), kWhole + 10) << request;
}

TEST_F(KilledMetaBackupTest, LateInALongRunRepeatsATwentiethAtMost) {
  for (int id = 1; id <= 1500; ++id) github_.comment(id, "x");
  constexpr int kWhole = 301;

  for (const int request : {250, 299}) EXPECT_LE(cost_when_killed_at(request), kWhole * 21 / 20) << request;
}

TEST_F(KilledMetaBackupTest, InASweepGoesOnWithIt) {
  for (int id = 1; id <= 1500; ++id) github_.comment(id, "x");
  run();
  auto expected = on_github();
  github_.comments.erase(7);
  github_.comments.erase(1400);
  expected["comment 7"] += " gone";
  expected["comment 1400"] += " gone";
  bench_.clock.advance(8 * 24h);
  const int before = github_.requests;
  github_.on_request = [&] {
    if (github_.requests == before + 250) throw Killed();
  };
  EXPECT_THROW(run(), Killed);
  github_.on_request = [] {};

  const int cost_of_rest = cost();

  EXPECT_EQ(kept(), expected);
  EXPECT_LE(250 + cost_of_rest, 303 + 101);
}

TEST_F(MetaBackupTest, AddressesInTextsAreHandedOverAndFoundAgainAfterAKill) {
  const std::string url = "https://github.com/user-attachments/assets/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11";
  std::set<std::string> found;
  for (int id = 1; id <= 100; ++id) github_.comment(id, id == 3 ? "see " + url : "x");
  labels_->act = [&](MetaIntake& intake) { found = intake.work().attachments_found(); };
  github_.on_request = [this] {
    if (github_.requests == 15) throw Killed();
  };
  EXPECT_THROW(run(), Killed);
  EXPECT_THAT(found, IsEmpty());
  github_.on_request = [] {};

  run();

  EXPECT_THAT(found, ElementsAre(url));
}

TEST_F(MetaBackupTest, AddressesAreFoundInWhatWasKeptBeforeAnybodyWantedThem) {
  const std::string url = "https://github.com/user-attachments/files/1/a.pdf";
  github_.comment(1, "[a.pdf](" + url + ")");
  ContentKinds without = all_kinds();
  without.erase(ContentKind::attachments);
  use(without);
  run();
  use(all_kinds());
  std::set<std::string> found;
  labels_->act = [&](MetaIntake& intake) { found = intake.work().attachments_found(); };
  updated_at_ = "later";

  EXPECT_EQ(cost(), 1);

  EXPECT_THAT(found, ElementsAre(url));
}

TEST(MetaFreshness, FollowsWhatGitHubSays) {
  constexpr UtcTime kNow{std::chrono::seconds(1'800'000'000)};
  CatalogEntry known;
  known.id = SubjectId(7);
  known.newest = {{SnapshotId::make(kNow), "", {{"meta", PartStatus::ok}}}};
  known.listing.updated_at = "a";
  known.listing.probe = {{"issues", "1"}, {"other", "1"}};
  known.checked = {{"meta", kNow - 24h}};
  struct Case {
    const char* what;
    std::function<void(CatalogEntry& known, Listing& listed)> change;
    Freshness freshness;
  };
  const auto status = [](const PartStatus& now) {
    return [now](CatalogEntry& entry, Listing&) { entry.newest.front().parts = {{"meta", now}}; };
  };
  const Case cases[] = {
      {"nothing", [](auto&, auto&) {}, Freshness::unchanged},
      {"the probe", [](auto&, Listing& listed) { listed.probe["issues"] = "2"; }, Freshness::listing_differs},
      {"another answer", [](auto&, Listing& listed) { listed.probe["other"] = "2"; }, Freshness::unchanged},
      {"no probe", [](auto&, Listing& listed) { listed.probe.clear(); }, Freshness::unchanged},
      {"the first probe", [](CatalogEntry& entry, auto&) { entry.listing.probe.clear(); },
       Freshness::listing_differs},
      {"an update", [](auto&, Listing& listed) { listed.updated_at = "b"; }, Freshness::listing_differs},
      {"no updates", [](auto&, Listing& listed) { listed.updated_at.reset(); }, Freshness::unchanged},
      {"never asked", [](CatalogEntry& entry, auto&) { entry.checked.clear(); }, Freshness::never_asked},
      {"long ago", [](CatalogEntry& entry, auto&) { entry.checked["meta"] -= 8 * 24h; },
       Freshness::recheck_due},
      {"gone", [](CatalogEntry& entry, auto&) { entry.gone_since = UtcTime{}; }, Freshness::back_again},
      {"two newest", [](CatalogEntry& entry, auto&) { entry.newest.resize(2); }, Freshness::several_newest},
      {"no snapshot", [](CatalogEntry& entry, auto&) { entry.newest.clear(); }, Freshness::incomplete},
      {"partial", status(PartStatus::partial), Freshness::incomplete},
      {"failed", status(PartStatus::failed), Freshness::incomplete},
      {"not permitted", status(PartStatus::not_permitted), Freshness::unchanged},
  };

  for (const Case& each : cases) {
    CatalogEntry entry = known;
    Listing listed = known.listing;
    each.change(entry, listed);
    EXPECT_EQ(judge_meta(entry, listed, {kNow}, {.probes = {"issues"}, .follows_updates = true}),
              each.freshness)
        << each.what;
  }
}

TEST(MetaFreshness, FollowsNoUpdatesWhereNobodyDoes) {
  CatalogEntry known;
  known.id = SubjectId(7);
  known.newest = {{SnapshotId::make(UtcTime{}), "", {{"meta", PartStatus::ok}}}};
  known.checked = {{"meta", UtcTime{}}};

  EXPECT_EQ(judge_meta(known, {.updated_at = "b"}, {UtcTime{}}, {}), Freshness::unchanged);
}

}  // namespace
}  // namespace hubkeep
