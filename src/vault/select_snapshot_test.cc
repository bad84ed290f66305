#include "vault/select_snapshot.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "store/folder/folder_store.h"

namespace hubkeep {
namespace {

Catalog sample() {
  Catalog catalog;
  const auto add = [&](std::int64_t id, std::string name,
                       std::vector<std::string> before = {}) -> CatalogEntry& {
    CatalogEntry& entry = catalog[{"github.com", id}];
    entry.host = "github.com";
    entry.id = id;
    entry.listing.full_name = std::move(name);
    entry.previous_names = std::move(before);
    return entry;
  };
  add(1, "acme/site").gone_since = UtcTime{};
  add(2, "Acme/Site");
  add(3, "acme/new", {"acme/old"});
  add(4, "acme/newer", {"acme/older", "acme/twice"});
  add(5, "acme/other", {"acme/twice"});
  return catalog;
}

TEST(FindRepository, TakesTheOneThatHasTheNameNow) {
  const Catalog catalog = sample();

  EXPECT_EQ(find_repository(catalog, "acme/SITE", "hubkeep list").id, 2);
  EXPECT_EQ(find_repository(catalog, "acme/site@1", "hubkeep list").id, 1);
  EXPECT_EQ(find_repository(catalog, "acme/old", "hubkeep list").id, 3);
  EXPECT_EQ(find_repository(catalog, "acme/twice@4", "hubkeep list").id, 4);
}

TEST(FindRepository, TakesAGistByItsIdToo) {
  Catalog catalog = sample();
  for (const char* id : {"aa5a", "2"}) {
    CatalogEntry& entry = catalog[{"github.com", SubjectId::gist(id)}];
    entry.id = SubjectId::gist(id);
    entry.listing.full_name = "octocat/notes";
  }

  EXPECT_EQ(find_repository(catalog, "octocat/notes@aa5a", "hubkeep list").id, SubjectId::gist("aa5a"));
  EXPECT_EQ(find_repository(catalog, "octocat/notes@2", "hubkeep list").id, SubjectId::gist("2"));
  EXPECT_EQ(find_repository(catalog, "gist:aa5a", "hubkeep list").id, SubjectId::gist("aa5a"));
  EXPECT_EQ(find_repository(catalog, "gist:2", "hubkeep list").id, SubjectId::gist("2"));
  EXPECT_THROW(find_repository(catalog, "gist:3", "hubkeep list"), Error) << "that is a repository's";
  EXPECT_THROW(find_repository(catalog, "gist:AA5A", "hubkeep list"), Error);
  EXPECT_EQ(find_repository(catalog, "acme/site@2", "hubkeep list").id, 2);
  EXPECT_EQ(exact_name(find_repository(catalog, "octocat/notes@aa5a", "hubkeep list")), "octocat/notes@aa5a");
  EXPECT_THROW(find_repository(catalog, "octocat/notes", "hubkeep list"), Error);
}

TEST(FindRepository, SaysWhenNoneOrSeveralAreMeant) {
  const Catalog catalog = sample();

  EXPECT_THROW(find_repository(catalog, "acme/missing", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/site@9", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/site@3", "hubkeep list"), Error);
  EXPECT_THROW(find_repository(catalog, "acme/twice", "hubkeep list"), Error);
}

TEST(FindRepository, SaysOfWhichRepositoryAWikiIs) {
  const Catalog catalog = sample();
  const auto refusal = [&](const char* name) {
    try {
      find_repository(catalog, name, "hubkeep list");
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };

  EXPECT_EQ(refusal("acme/SITE.wiki"),
            "acme/SITE.wiki is the wiki of acme/site and part of its snapshots: name acme/site (restore "
            "--only wiki brings the wiki alone)");
  EXPECT_EQ(refusal("acme/none.wiki"),
            "the vault holds no repository acme/none.wiki: what it holds is shown by hubkeep list");
}

/// A vault with a repository, each of whose snapshots bears a name and was listed at some time.
class FindSnapshot : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::string& listed) {
    Manifest manifest{.snapshot = *SnapshotId::parse(name), .host = "github.com", .repository_id = 1};
    manifest.listing.listed_at = *parse_time(listed);
    vault_.write_manifest(entry_.folder, manifest);
  }

  std::string at(const std::string& time) {
    try {
      return find_snapshot(vault_, entry_, time, are_all_settled, [](const std::string&) {}, {})
          .manifest.snapshot.str();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::not_found);
      return "none";
    }
  }

  ScratchFolder folder_;
  SystemClock clock_;
  Vault vault_{std::make_unique<FolderStore>(folder_.path().string(), OpenMode::create), OpenMode::create,
               clock_};
  CatalogEntry entry_{.host = "github.com", .id = 1, .folder = "repos/github.com/acme/site.1/"};
};

TEST_F(FindSnapshot, TakesTheNewestNotAfterATime) {
  add("20261101T120000Z-000001", "2026-11-01T11:59:00Z");
  add("20261102T120000Z-000002", "2026-11-02T02:00:00Z");  // a run of ten hours

  EXPECT_EQ(at("2026-11-01T11:59:59Z"), "none");
  EXPECT_EQ(at("2026-11-01T12:00:00Z"), "20261101T120000Z-000001");
  EXPECT_EQ(at("2026-11-02T11:59:59Z"), "20261101T120000Z-000001");
  EXPECT_EQ(at("2026-11-02T12:00:00Z"), "20261102T120000Z-000002");
}

TEST_F(FindSnapshot, GoesByGitHubsTimeWhereAClockWasAhead) {
  add("20261101T120000Z-000001", "2026-11-01T12:00:00Z");
  add("20271102T120000Z-000002", "2026-11-02T12:00:00Z");
  add("20271102T120001Z-000003", "2026-11-03T12:00:00Z");
  add("20271102T120002Z-000004", "2026-11-04T12:00:00Z");

  EXPECT_EQ(at("2026-11-01"), "20261101T120000Z-000001");
  EXPECT_EQ(at("2026-11-02"), "20271102T120000Z-000002");
  EXPECT_EQ(at("2026-11-03"), "20271102T120001Z-000003");
  EXPECT_EQ(at("2026-11-04T12:00:00Z"), "20271102T120002Z-000004");
  EXPECT_EQ(at("20271102T120000Z-000002"), "20271102T120000Z-000002");
}

TEST_F(FindSnapshot, LooksBeyondADamagedOneFromTheFuture) {
  add("20261101T120000Z-000001", "2026-11-01T12:00:00Z");
  add("20271102T120000Z-000002", "2026-11-02T12:00:00Z");
  add("20271102T120001Z-000003", "2026-11-03T12:00:00Z");
  std::ofstream(folder_.path() / entry_.folder / manifest_key(*SnapshotId::parse("20271102T120000Z-000002")))
      << "damaged";

  EXPECT_EQ(at("2026-11-03"), "20271102T120001Z-000003");
  EXPECT_EQ(at("2026-11-02"), "20261101T120000Z-000001");
}

TEST_F(FindSnapshot, GoesByGitHubsTimeWhereAClockWasBehind) {
  add("20160101T120000Z-000001", "2026-11-01T12:00:00Z");
  add("20160101T120001Z-000002", "2026-11-02T12:00:00Z");
  add("20261103T120000Z-000003", "2026-11-03T12:00:00Z");

  EXPECT_EQ(at("2026-10-31"), "none");
  EXPECT_EQ(at("2026-11-01"), "20160101T120000Z-000001");
  EXPECT_EQ(at("2026-11-02"), "20160101T120001Z-000002");
  EXPECT_EQ(at("2026-11-03"), "20261103T120000Z-000003");
}

TEST(ParseUserTime, TakesWhatPeopleType) {
  EXPECT_EQ(parse_user_time("2026-11-23"), parse_time("2026-11-23T23:59:59Z"));
  EXPECT_EQ(parse_user_time("2026-11-23 18:45:01"), parse_time("2026-11-23T18:45:01Z"));
  EXPECT_EQ(parse_user_time("2026-11-23T18:45:01Z"), parse_time("2026-11-23T18:45:01Z"));
  EXPECT_FALSE(parse_user_time("yesterday").has_value());
}

}  // namespace
}  // namespace hubkeep
