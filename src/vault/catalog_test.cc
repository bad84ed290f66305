#include "vault/catalog.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/error_of.h"
#include "base/zstd.h"
#include "vault/sealed_lines.h"

namespace hubkeep {
namespace {

SnapshotId snapshot(int day) {
  return *SnapshotId::parse("202611" + std::to_string(10 + day) + "T000000Z-00000a");
}

CatalogEntry entry(std::int64_t id, int day, std::string name = "acme/site") {
  CatalogEntry made{.host = "github.com",
                    .id = id,
                    .node_id = "R_" + std::to_string(id),
                    .folder = "repos/github.com/acme/site." + std::to_string(id) + "/",
                    .previous_names = {},
                    .newest = {{snapshot(day), std::string(64, 'a'), {{"git", PartStatus::ok}}}},
                    .listing = {},
                    .refs_checked_at = snapshot(day).time(),
                    .gone_since = std::nullopt,
                    .size = 100};
  made.listing.full_name = std::move(name);
  made.listing.listed_at = snapshot(day).time();
  return made;
}

CatalogZip zip(char commit) {
  return {.key = "/zip/2026-11-23/acme/site.zip",
          .commit = std::string(40, commit),
          .snapshot = {},
          .listing = {}};
}

Catalog sample() {
  Catalog catalog;
  for (const std::int64_t id : {3, 20, 100}) catalog.emplace(SubjectKey{"github.com", id}, entry(id, 1));
  catalog.at({"github.com", 20}).gone_since = snapshot(3).time();
  catalog.at({"github.com", 20}).previous_names = {"acme/old"};
  catalog.at({"github.com", 100}).locked_until = snapshot(9).time();
  catalog.at({"github.com", 100}).zip = zip('a');
  catalog.at({"github.com", 20}).zip = zip('b');
  catalog.at({"github.com", 20}).zip->snapshot = snapshot(1);
  catalog.at({"github.com", 20}).zip->listing = entry(20, 1).listing;
  return catalog;
}

constexpr auto kGist = "aa5a315d61ae9438b18d";

CatalogEntry entry_of(const SubjectId& id, const std::string& folder) {
  CatalogEntry made = entry(1, 1);
  made.id = id;
  made.folder = folder;
  return made;
}

// Of the same host, and as far as their kinds have numbers, of the same.
Catalog all_kinds() {
  Catalog catalog;
  for (const CatalogEntry& one : {entry_of(7, "repos/github.com/acme/site.7/"),
                                  entry_of(SubjectId::gist(kGist), "gists/github.com/octocat/aa5a/"),
                                  entry_of(SubjectId::gist("7"), "gists/github.com/octocat/7/"),
                                  entry_of(SubjectId::account(7), "accounts/github.com/acme.7/")})
    catalog.emplace(one.key(), one);
  return catalog;
}

// Without the seal, which is the last 40 bytes.
std::string lines_of(const Catalog& catalog) {
  const std::string stored = format_catalog(catalog);
  return zstd_decompress(stored.substr(0, stored.size() - 40));
}

TEST(Catalog, IsReadBackAsWritten) {
  EXPECT_EQ(parse_catalog(format_catalog(sample())), sample());
  EXPECT_TRUE(parse_catalog(format_catalog({})).empty());
}

TEST(Catalog, HoldsSubjectsOfAllKinds) {
  const Catalog catalog = all_kinds();

  ASSERT_EQ(catalog.size(), 4U);
  EXPECT_EQ(parse_catalog(format_catalog(catalog)), catalog);
  EXPECT_NE(lines_of(catalog).find(R"("id":"aa5a315d61ae9438b18d",)"), std::string::npos);
  EXPECT_NE(lines_of(catalog).find(R"("kind":"gist")"), std::string::npos);
  EXPECT_EQ(lines_of(sample()).find("kind"), std::string::npos) << "of repositories as it always was";
}

TEST(Catalog, RefusesTheFolderOfAnotherKind) {
  for (const auto& [key, entry] : all_kinds())
    for (const auto& [other, another] : all_kinds()) {
      CatalogEntry changed = entry;
      changed.folder = another.folder;
      const std::string stored = format_catalog({{key, changed}});
      if (key.id.kind() == other.id.kind())
        EXPECT_NO_THROW(parse_catalog(stored));
      else
        EXPECT_THROW(parse_catalog(stored), Error) << changed.folder;
    }
}

// No damage: made again from the snapshots, it would lack what only the later version knows.
TEST(Catalog, OfALaterVersionsKindIsRefusedAndNotDamaged) {
  std::string lines = lines_of(all_kinds());
  lines.replace(lines.find(R"("kind":"gist")"), 13, R"("kind":"team")");
  const auto last = lines.rfind('\n', lines.size() - 2) + 1;
  SealedLinesWriter writer("catalog");
  for (std::size_t at = 0; at < last;) {
    const auto end = lines.find('\n', at);
    writer.add(nlohmann::ordered_json::parse(lines.substr(at, end - at)));
    at = end + 1;
  }

  try {
    parse_catalog(writer.finish());
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_NE(error.message().find("\"team\""), std::string::npos) << error.message();
  }
}

TEST(Catalog, IsWrittenWithinTheLimitsWithWhichItIsRead) {
  Catalog catalog;
  const auto with_name_of = [&](std::size_t size) {
    catalog.insert_or_assign({"github.com", 3}, entry(3, 1, std::string(size, 'n')));
    return format_catalog(catalog);
  };
  const std::size_t others = lines_of({{{"github.com", 3}, entry(3, 1, "")}}).find('\n') + 1;
  const std::size_t longest = static_cast<std::size_t>(kSealedLimits.line) - others;

  EXPECT_EQ(parse_catalog(with_name_of(longest)), catalog);
  const Error error = error_of([&] { with_name_of(longest + 1); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.message(), "catalog: a line is longer than 16.0 MiB, the most that is read");
}

TEST(Catalog, OfABombIsDamaged) {
  std::string lines = lines_of(sample());
  for (const std::string& bomb : {std::string(600 << 20, 'x'), lines + std::string(600 << 20, ' ') + "\n",
                                  lines + "{\"a\": " + std::string(1'000'000, '[')}) {
    const Error error = error_of([&] { parse_catalog(seal(zstd_compress(bomb))); });

    EXPECT_EQ(error.kind(), ErrorKind::corrupt);
    EXPECT_TRUE(error.message().starts_with("catalog: ")) << error.message();
  }
}

TEST(Catalog, NoticesLostChangedAndMovedLines) {
  const std::string text = lines_of(sample());
  const auto first_end = text.find('\n') + 1;
  const auto last_begin = text.rfind('\n', text.size() - 2) + 1;
  std::string renamed = text;
  renamed.replace(renamed.find("acme/site\""), 9, "acme/sitE");
  for (const std::string& damaged :
       {text.substr(first_end), text.substr(0, last_begin), text + text.substr(0, first_end), renamed,
        text.substr(first_end, last_begin - first_end) + text.substr(0, first_end) + text.substr(last_begin),
        text.substr(0, text.size() - 1), std::string("{}\n"), std::string("not json\n"), std::string()}) {
    EXPECT_THROW(parse_catalog(seal(zstd_compress(damaged))), Error) << damaged;
  }
  EXPECT_THROW(parse_catalog(seal("not zstd")), Error);
}

TEST(Catalog, NoticesEveryChangedBitAndEveryLostByte) {
  const std::string stored = format_catalog(sample());

  for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
    std::string damaged = stored;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(parse_catalog(damaged), Error) << "bit " << bit;
  }
  for (std::size_t size = 0; size < stored.size(); ++size)
    EXPECT_THROW(parse_catalog(stored.substr(0, size)), Error) << size;
}

TEST(Catalog, RefusesFoldersThatLeadElsewhere) {
  for (const char* folder : {"../x/", "repos/../../x/", "/etc/", "repos/a//b/", "repos/\n/"}) {
    Catalog catalog;
    catalog.emplace(SubjectKey{"github.com", 3}, entry(3, 1)).first->second.folder = folder;

    EXPECT_THROW(parse_catalog(format_catalog(catalog)), Error) << folder;
  }
}

TEST(Catalog, SaysWhatOfALineIsDamaged) {
  const std::string text = lines_of(sample());
  const auto failure_of = [&](const std::string& from, const std::string& to) -> std::string {
    std::string damaged = text;
    damaged.replace(damaged.find(from), from.size(), to);
    try {
      parse_catalog(seal(zstd_compress(damaged)));
    } catch (const Error& error) {
      return error.message();
    }
    return "no Error";
  };

  EXPECT_EQ(failure_of("snapshots/20261111T", "snapshots/x"),
            "catalog: not the key of a snapshot: snapshots/x000000Z-00000a.json.zst");
  EXPECT_EQ(failure_of("\"refs_checked_at\":\"2026", "\"refs_checked_at\":\"never"),
            "catalog: not a time: never-11-11T00:00:00Z");
  EXPECT_EQ(failure_of("repos/", "/etc/"),
            "catalog: not the folder of a repository: /etc/github.com/acme/site.3/");
}

TEST(MergeEntry, MeetsItsOwnSubjectAlone) {
  Catalog catalog = all_kinds();
  for (const auto& [key, known] : all_kinds()) {
    CatalogUpdate update{.entry = known, .supersedes = {snapshot(1)}, .has_new_snapshot = true};
    update.entry.newest.front().snapshot = snapshot(2);
    catalog.insert_or_assign(update.entry.key(), merge_entry(catalog.at(key), update));

    EXPECT_EQ(catalog.at(key), update.entry) << known.folder;
  }
  EXPECT_EQ(catalog.size(), 4U);
}

TEST(MergeEntry, TakesTheUpdateWhenNobodyElseWrote) {
  const CatalogUpdate update{.entry = entry(3, 2), .supersedes = {snapshot(1)}, .has_new_snapshot = true};

  EXPECT_EQ(merge_entry(std::nullopt, update), update.entry);
  EXPECT_EQ(merge_entry(entry(3, 1), update).newest, update.entry.newest);
}

TEST(MergeEntry, KeepsBothSnapshotsOfTwoRunsAtOnce) {
  const CatalogUpdate update{.entry = entry(3, 3), .supersedes = {snapshot(1)}, .has_new_snapshot = true};

  const auto merged = merge_entry(entry(3, 2), update);

  ASSERT_EQ(merged.newest.size(), 2U);
  EXPECT_EQ(merged.newest[0].snapshot, snapshot(3));
  EXPECT_EQ(merged.newest[1].snapshot, snapshot(2));
}

TEST(MergeEntry, KnowsNoLockOfTwoRunsAtOnce) {
  CatalogUpdate update{.entry = entry(3, 3), .supersedes = {snapshot(1)}, .has_new_snapshot = true};
  update.entry.locked_until = snapshot(9).time();
  CatalogEntry other = entry(3, 2);
  other.locked_until = snapshot(8).time();

  EXPECT_EQ(merge_entry(other, update).locked_until, std::nullopt);
  EXPECT_EQ(merge_entry(entry(3, 1), update).locked_until, snapshot(9).time());
}

TEST(MergeEntry, ARunThatOnlyLookedDoesNotSpeakForAnothersSnapshot) {
  const CatalogUpdate update{.entry = entry(3, 1), .supersedes = {}, .has_new_snapshot = false};

  EXPECT_EQ(merge_entry(entry(3, 2), update), entry(3, 2));
}

TEST(MergeEntry, KeepsTheZipThatAnUpdateSaysNothingOf) {
  CatalogUpdate update{.entry = entry(3, 2), .supersedes = {snapshot(1)}, .has_new_snapshot = true};
  CatalogEntry current = entry(3, 1);
  current.zip = zip('a');

  const auto kept = merge_entry(current, update);
  update.entry.zip = zip('b');
  const auto replaced = merge_entry(current, update);

  EXPECT_EQ(kept.zip, zip('a'));
  EXPECT_EQ(replaced.zip, zip('b'));
}

TEST(MergeEntry, TakesTheZipOfARunThatOnlyLooked) {
  CatalogUpdate update{.entry = entry(3, 1), .supersedes = {}, .has_new_snapshot = false};
  update.entry.zip = zip('b');

  const auto merged = merge_entry(entry(3, 2), update);

  EXPECT_EQ(merged.newest, entry(3, 2).newest);
  EXPECT_EQ(merged.zip, zip('b'));
}

TEST(MergeEntry, RemembersNames) {
  const CatalogUpdate update{
      .entry = entry(3, 2, "acme/new"), .supersedes = {snapshot(1)}, .has_new_snapshot = true};
  CatalogEntry before = entry(3, 1, "acme/old");
  before.previous_names = {"acme/oldest"};

  EXPECT_EQ(merge_entry(before, update).previous_names,
            (std::vector<std::string>{"acme/oldest", "acme/old"}));
}

TEST(MergeEntry, KeepsTheFolderThatIsKnown) {
  CatalogUpdate update{.entry = entry(3, 2), .supersedes = {}, .has_new_snapshot = true};
  update.entry.folder = "repos/github.com/acme/renamed.3/";

  EXPECT_EQ(merge_entry(entry(3, 1), update), entry(3, 1));
}

}  // namespace
}  // namespace hubkeep
