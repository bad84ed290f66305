#include "run/batch.h"
#include "backup/listing_of.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "backup/backup_fakes.h"
#include "base/error_of.h"

namespace hubkeep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Json = nlohmann::ordered_json;

CatalogEntry entry() {
  CatalogEntry made{
      .host = "github.com", .id = 7, .node_id = "R_7", .folder = "repos/github.com/acme/site.7/"};
  made.newest = {{*SnapshotId::parse("20261123T184501Z-3f9a1c"), "ab12", {{"git", PartStatus::partial}}}};
  made.listing = listing_of(BackupBench::repository());
  return made;
}

std::vector<std::size_t> cut(const std::vector<ItemWeight>& items, const BatchLimits& limits) {
  return cut_into_batches(items, limits);
}

TEST(Batch, BringsBackWhatWasWrittenDown) {
  const Repository repository = BackupBench::repository();
  const CatalogEntry known = entry();
  const Json json = {{"number", 3},
                     {"items",
                      {to_json(WorkItem{.repository = &repository,
                                        .known = &known,
                                        .cuts = 2,
                                        .was_cut_before = true,
                                        .has_gained = true,
                                        .given_up = {"git/a.bundle"},
                                        .shares = 4,
                                        .open = {FakeServer::oid(5), FakeServer::oid(6)}}),
                       to_json(WorkItem{.kind = WorkKind::mark_gone, .known = &known}),
                       to_json(WorkItem{.kind = WorkKind::extend_lock, .known = &known})}}};

  const Batch batch(Json::parse(json.dump()));

  ASSERT_EQ(batch.items().size(), 3U);
  EXPECT_EQ(batch.number(), 3);
  const WorkItem& first = batch.items().front();
  EXPECT_EQ(listing_of(*first.repository), listing_of(repository));
  EXPECT_EQ(first.repository->id, 7);
  EXPECT_EQ(first.repository->owner, "acme");
  EXPECT_EQ(*first.known, known);
  EXPECT_EQ(first.cuts, 2);
  EXPECT_TRUE(first.was_cut_before);
  EXPECT_FALSE(batch.items()[1].was_cut_before);
  EXPECT_TRUE(first.has_gained);
  EXPECT_FALSE(batch.items()[1].has_gained);
  EXPECT_THAT(first.given_up, ElementsAre("git/a.bundle"));
  EXPECT_EQ(first.shares, 4);
  EXPECT_EQ(batch.items()[1].shares, 0);
  EXPECT_THAT(first.open, ElementsAre(FakeServer::oid(5), FakeServer::oid(6)));
  EXPECT_EQ(batch.items()[1].kind, WorkKind::mark_gone);
  EXPECT_EQ(batch.items()[2].kind, WorkKind::extend_lock);
}

TEST(Batch, RefusesSharesThatThereAreNot) {
  const Repository repository = BackupBench::repository();
  Json json = {{"number", 1}, {"items", {to_json(WorkItem{.repository = &repository, .shares = 2})}}};
  EXPECT_EQ(Batch(json).items().front().shares, 2);

  for (const int shares : {-1, 0, 1, kMostShares + 1}) {
    json["items"][0]["shares"] = shares;
    EXPECT_EQ(error_of([&] { const Batch batch(json); }).kind(), ErrorKind::invalid) << shares;
  }
}

TEST(Batch, BringsBackAGist) {
  Repository gist = BackupBench::repository();
  gist.id = 0;
  gist.is_gist = true;
  gist.name = "aa5a";
  gist.full_name = "acme/aa5a";
  gist.visibility = "secret";
  gist.comments = 2;
  const Json json = {{"number", 1}, {"items", {to_json(WorkItem{.repository = &gist})}}};

  const Batch batch(Json::parse(json.dump()));

  const WorkItem& item = batch.items().front();
  EXPECT_EQ(item.id(), SubjectId::gist("aa5a"));
  EXPECT_EQ(listing_of(*item.repository), listing_of(gist));
  EXPECT_EQ(item.repository->comments, 2);
}

TEST(Batch, CarriesTheOpenCommitsThatComeNextAndNotMoreThanAnEventHolds) {
  const Repository repository = BackupBench::repository();
  WorkItem item{.repository = &repository};
  for (unsigned i = 1; i <= kMaxOpen + 1; ++i) item.open.push_back(FakeServer::oid(i));
  Json json = {{"number", 1}, {"items", {to_json(item)}}};

  const Batch batch(json);

  EXPECT_EQ(batch.items().front().open, std::vector(item.open.begin(), item.open.end() - 1));
  json["items"][0]["open"].push_back(FakeServer::oid(7).hex());
  EXPECT_EQ(error_of([&] { const Batch more(json); }).kind(), ErrorKind::invalid);
  json["items"][0]["open"] = {"main"};
  EXPECT_EQ(error_of([&] { const Batch named(json); }).kind(), ErrorKind::invalid);
  json["items"][0].erase("open");
  EXPECT_THAT(Batch(json).items().front().open, IsEmpty());
}

TEST(Batch, CarriesSubjectsOfAllKinds) {
  const std::pair<SubjectId, std::string> subjects[] = {
      {7, "repos/github.com/acme/site.7/"},
      {SubjectId::gist("7"), "gists/github.com/octocat/7/"},
      {SubjectId::account(7), "accounts/github.com/acme.7/"}};
  for (const auto& [id, folder] : subjects) {
    CatalogEntry known = entry();
    known.id = id;
    known.folder = folder;
    const WorkItem item{.kind = WorkKind::mark_gone, .known = &known};
    RepositoryResult result{.outcome = {.repository = "x", .id = item.id()}};
    result.update = {.entry = known, .supersedes = {}, .has_new_snapshot = false};

    const Batch batch(Json::parse(Json{{"number", 1}, {"items", {to_json(item)}}}.dump()));
    const RepositoryResult read = result_from_json(Json::parse(to_json(result).dump()));

    EXPECT_EQ(batch.items().front().id(), id) << folder;
    EXPECT_EQ(*batch.items().front().known, known) << folder;
    EXPECT_EQ(read.outcome.id, id) << folder;
    EXPECT_EQ(read.update->entry, known) << folder;
  }
}

TEST(Batch, CarriesARepositoryAsItWasListed) {
  Repository listed = BackupBench::repository();
  listed.owner_id = 9;
  listed.is_private = true;
  listed.is_fork = true;
  listed.is_archived = true;
  listed.is_disabled = true;
  listed.size = 5000;
  listed.updated_at = "2026-11-30T10:00:00Z";
  listed.has_issues = true;
  listed.probe = {{"issues", "3 2026-11-30T10:00:00Z"}};

  const Repository read = repository_from_json(Json::parse(to_json(listed).dump()));

  EXPECT_EQ(to_json(read), to_json(listed));
  EXPECT_EQ(listing_of(read), listing_of(listed));
  EXPECT_EQ(read.probe, listed.probe);
  EXPECT_EQ(read.owner_id, 9);
  EXPECT_EQ(read.size, 5000U);
  EXPECT_TRUE(read.is_private && read.is_disabled);
  for (const char* field : {"id", "node_id", "owner", "owner_id", "name", "private", "disabled", "size",
                            "full_name", "clone_url"}) {
    Json json = to_json(listed);
    json.erase(field);
    EXPECT_ANY_THROW(repository_from_json(json)) << field;
  }
}

TEST(Batch, AResultBringsItsLosses) {
  RepositoryResult result{.outcome = {.repository = "acme/site", .id = 7}};
  result.outcome.losses = {{.key = "repos/github.com/acme/site.7/git/a.bundle",
                            .detail = "is missing",
                            .found_at = UtcTime{std::chrono::seconds(1'800'000'000)},
                            .size = 5,
                            .sha256 = "ab"}};

  EXPECT_EQ(result_from_json(to_json(result)).outcome.losses, result.outcome.losses);
}

TEST(Batch, RefusesWhatIsNone) {
  for (const char* text :
       {"{}", "[]", "7", R"({"number":1})", R"({"number":"x","items":[]})", R"({"number":1,"items":[{}]})",
        R"({"number":1,"items":[{"kind":"destroy"}]})", R"({"number":1,"items":[{"kind":"back_up"}]})",
        R"({"number":1,"items":[{"kind":"mark_gone"}]})"}) {
    SCOPED_TRACE(text);
    const Error error = error_of([&] { const Batch batch(Json::parse(text)); });

    EXPECT_EQ(error.kind(), ErrorKind::invalid) << text;
    EXPECT_THAT(error.message(), HasSubstr("not a batch of a plan")) << text;
  }
}

TEST(CutIntoBatches, KeepsEachLimit) {
  const BatchLimits limits{.items = 3, .fetched = 100, .json = 50};

  EXPECT_THAT(cut({}, limits), IsEmpty());
  EXPECT_THAT(cut({{1, 1}, {1, 1}, {1, 1}, {1, 1}}, limits), ElementsAre(3, 1));
  EXPECT_THAT(cut({{60, 1}, {60, 1}, {40, 1}}, limits), ElementsAre(1, 2));
  EXPECT_THAT(cut({{1, 30}, {1, 30}}, limits), ElementsAre(1, 1));
  EXPECT_THAT(cut({{1000, 1}, {1, 1000}, {1, 1}}, limits), ElementsAre(1, 1, 1));
}

TEST(RepositoryResult, BringsBackWhatWasWrittenDown) {
  RepositoryResult result{.outcome = {.repository = "acme/site", .id = 7, .kind = OutcomeKind::failed},
                          .update = {}};
  result.outcome.error = Error(ErrorKind::rate_limited, "too often");
  result.outcome.snapshot = *SnapshotId::parse("20261123T184501Z-3f9a1c");
  result.outcome.bytes_stored = 12;
  result.update = {.entry = entry(), .supersedes = {result.outcome.snapshot}, .has_new_snapshot = true};

  const RepositoryResult read = result_from_json(Json::parse(to_json(result).dump()));

  EXPECT_EQ(to_json(read), to_json(result));
  EXPECT_EQ(read.outcome.error->kind(), ErrorKind::rate_limited);
  EXPECT_EQ(read.update->entry, entry());
}

TEST(RepositoryResult, RefusesAKindThatItDoesNotKnow) {
  Json json = to_json(RepositoryResult{.outcome = {.repository = "acme/site"}, .update = {}});
  json["outcome"]["result"] = "lost";

  EXPECT_THROW(result_from_json(json), Error);
}

}  // namespace
}  // namespace hubkeep
