#include "vault/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "vault/git_part.h"

namespace hubkeep {
namespace {

Manifest sample() {
  const auto first = *SnapshotId::parse("20261122T184501Z-000001");
  const auto second = *SnapshotId::parse("20261123T184501Z-3f9a1c");
  const ObjectRecord record{
      .key = "git/x.bundle", .size = 12, .sha256 = std::string(64, 'e'), .encoding = "identity"};
  ObjectRecord with_checksum = record;
  with_checksum.crc32 = 0x0badcafe;
  Manifest manifest{.snapshot = second,
                    .program = "hubkeep 0.1.0",
                    .vault = std::string(32, 'a'),
                    .host = "github.com",
                    .repository_id = 42,
                    .node_id = "R_42",
                    .listing = {.full_name = "acme/site",
                                .visibility = "private",
                                .is_archived = true,
                                .is_fork = false,
                                .default_branch = "main",
                                .pushed_at = "2026-11-23T18:40:00Z",
                                .clone_url = "https://github.com/acme/site.git",
                                .listed_at = second.time()},
                    .made_at = first.time(),
                    .gone_since = second.time(),
                    .previous = {{first, std::string(64, 'd')}},
                    .lost = {"git/y.bundle"},
                    .requests = 2,
                    .bytes_received = 1000,
                    .parts = {}};
  GitPart git;
  git.head = {"refs/heads/main", Oid::parse(std::string(40, 'a'))};
  git.refs = {record};
  git.bundles = {{.snapshot = first, .builds_on = {}, .pack_offset = 80, .objects = 7, .record = record},
                 {.snapshot = second,
                  .builds_on = first,
                  .pack_offset = 90,
                  .objects = 1,
                  .largest_delta = 5'000'000,
                  .not_proved = 2,
                  .record = with_checksum}};
  git.not_proved = 1;
  git.lfs_pointers = 12;
  git.refs_vanished = true;
  set_git_part(manifest.parts, git);
  return manifest;
}

constexpr auto kGist = "aa5a315d61ae9438b18d";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

ErrorKind kind_of_failure(std::string_view json) {
  try {
    parse_manifest(json);
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
}

TEST(Manifest, KeepsAHeadWhoseNameIsNoUtf8) {
  Manifest manifest = sample();
  GitPart git = git_part(manifest.parts);
  git.head.symref_target = "refs/heads/\xe4";
  set_git_part(manifest.parts, git);

  const std::string text = format_manifest(manifest);

  EXPECT_NE(text.find("\"symref_base64\": \"cmVmcy9oZWFkcy/k\""), std::string::npos) << text;
  EXPECT_EQ(parse_manifest(text), manifest);
}

TEST(FormatJsonToPrint, IsAsciiWhateverTheText) {
  const nlohmann::ordered_json json = {{"a", "\xc2\x9b\xe2\x80\xae"}, {"b", "\xff"}};

  EXPECT_EQ(format_json_to_print(json), "{\n  \"a\": \"\\u009b\\u202e\",\n  \"b\": \"\\ufffd\"\n}");
}

TEST(Manifest, IsReadBackAsWritten) {
  EXPECT_EQ(parse_manifest(format_manifest(sample())), sample());

  Manifest bare = sample();
  bare.vault.clear();
  bare.gone_since.reset();
  bare.previous.clear();
  set_git_part(
      bare.parts,
      {.status = PartStatus::partial, .format = ObjectFormat::sha256, .head = {}, .refs = {}, .bundles = {}});
  EXPECT_EQ(parse_manifest(format_manifest(bare)), bare);
}

TEST(Manifest, KeepsWhatIsLeftOut) {
  Manifest manifest = sample();
  GitPart git = git_part(manifest.parts);
  git.status = PartStatus::partial;
  git.left_out = {{"refs/heads/lost", Oid::parse(std::string(40, 'b')), "the server says: no"},
                  {"refs/heads/\xe4", Oid::parse(std::string(40, 'c')), "no"},
                  {"HEAD", std::nullopt, "it names ..", true}};
  set_git_part(manifest.parts, git);

  const std::string text = format_manifest(manifest);

  EXPECT_EQ(parse_manifest(text), manifest);
  EXPECT_NE(text.find("{\"ref\":\"refs/heads/lost\",\"oid\":\"" + std::string(40, 'b') +
                      "\",\"why\":\"the server says: no\"}"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\"why\":\"it names ..\",\"unasked\":true}"), std::string::npos) << text;
  EXPECT_NE(text.find("\"ref_base64\":\"cmVmcy9oZWFkcy/k\""), std::string::npos);
  EXPECT_EQ(kind_of_failure(replaced(text, std::string(40, 'b'), "main")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(replaced(text, "\"why\"", "\"how\"")), ErrorKind::corrupt);
}

TEST(Manifest, KeepsWhatIsHeldWithoutARef) {
  Manifest manifest = sample();
  GitPart git = git_part(manifest.parts);
  git.status = PartStatus::partial;
  git.held = {*Oid::parse(std::string(40, 'b')), *Oid::parse(std::string(40, 'c'))};
  set_git_part(manifest.parts, git);

  const std::string text = format_manifest(manifest);

  EXPECT_EQ(parse_manifest(text), manifest);
  const auto held = nlohmann::ordered_json::parse(text)["parts"]["git"]["held"];
  EXPECT_EQ(held, nlohmann::ordered_json({std::string(40, 'b'), std::string(40, 'c')}));
  EXPECT_EQ(format_manifest(sample()).find("held"), std::string::npos);
  EXPECT_EQ(kind_of_failure(replaced(text, std::string(40, 'b'), "main")), ErrorKind::corrupt);
  EXPECT_EQ(kind_of_failure(replaced(text, std::string(40, 'b'), std::string(64, 'b'))), ErrorKind::corrupt);
}

TEST(Manifest, RefusesMoreHeldCommitsThanAServerIsTold) {
  Manifest manifest = sample();
  GitPart git = git_part(manifest.parts);
  git.held.assign(kMaxHeld + 1, *Oid::parse(std::string(40, 'b')));
  set_git_part(manifest.parts, git);

  EXPECT_EQ(kind_of_failure(format_manifest(manifest)), ErrorKind::corrupt);
}

TEST(Manifest, IsSettledWhenNothingIsMissingButWhatItNames) {
  GitPart git;
  EXPECT_TRUE(is_settled(to_part(git)));
  git.status = PartStatus::partial;
  EXPECT_FALSE(is_settled(to_part(git)));
  git.left_out = {{"HEAD", std::nullopt, "no"}};
  EXPECT_TRUE(is_settled(to_part(git)));
  git.lacks_others = true;
  EXPECT_FALSE(is_settled(to_part(git)));
  Manifest manifest = sample();
  set_git_part(manifest.parts, git);
  EXPECT_EQ(parse_manifest(format_manifest(manifest)), manifest);
}

TEST(Manifest, HasABundleToALine) {
  const std::string text = format_manifest(sample());

  EXPECT_NE(text.find("      {\"snapshot\":\"20261122T184501Z-000001\",\"builds_on\":null,\"pack_offset\":80,"
                      "\"objects\":7,\"key\":\"git/x.bundle\",\"size\":12,\"sha256\":\""),
            std::string::npos)
      << text;
}

TEST(Manifest, RefusesWhatANewerVersionWroteAndNamesIt) {
  const std::string text = format_manifest(sample());

  EXPECT_EQ(kind_of_failure(replaced(text, "\"format\": 1", "\"format\": 2")), ErrorKind::invalid);
  EXPECT_EQ(kind_of_failure(replaced(text, "\"features\": []", "\"features\": [\"encryption\"]")),
            ErrorKind::invalid);
  try {
    parse_manifest(replaced(text, "\"format\": 1", "\"format\": 2"));
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("hubkeep 0.1.0"), std::string::npos);
  }
}

TEST(Manifest, RefusesWhatIsNone) {
  const std::string text = format_manifest(sample());
  for (const std::string& damaged :
       {std::string(), std::string("{}"), std::string("[1,2]"), text.substr(0, text.size() / 2),
        replaced(text, "git/x.bundle", "../../x"), replaced(text, "git/x.bundle", "git//x"),
        replaced(text, "git/x.bundle", "git/\\u001b[2J"), replaced(text, "git/x.bundle", "/.tmp/x"),
        replaced(text, "\"sha1\"", "\"md5\""), replaced(text, "refs/heads/main", "refs/../../x"),
        replaced(text, "20261122T184501Z-000001", "yesterday"),
        replaced(text, "\"gone_since\": \"2026", "\"gone_since\": \"x"),
        replaced(text, std::string(40, 'a'), "main"),
        replaced(text, "\"listed_at\": \"2026", "\"listed_at\": \"x"),
        replaced(text, "\"id\": 42", "\"id\": \"x\""), replaced(text, "\"size\":12", "\"size\":-1"),
        replaced(text, "\"objects\":7", "\"objects\":4294967296"),
        replaced(text, "\"requests\": 2", "\"requests\": 2.5"),
        replaced(text, "\"features\": []",
                 "\"features\": " + std::string(100'000, '[') + std::string(100'000, ']'))}) {
    EXPECT_EQ(kind_of_failure(damaged), ErrorKind::corrupt) << damaged;
  }
}

TEST(Manifest, IsRefusedWhereALaterVersionWroteWhatThisOneCannotRead) {
  const std::string text =
      replaced(format_manifest(sample()), "\"program\": \"hubkeep 0.1.0\"", "\"program\": \"hubkeep 9.1\"");
  for (const std::string& later : {replaced(text, "\"format\": 1", "\"format\": 2"),
                                   replaced(text, "\"features\": []", "\"features\": [\"x\"]"),
                                   replaced(text, "\"identity\"", "\"zstd+age\"")}) {
    EXPECT_EQ(kind_of_failure(later), ErrorKind::invalid) << later;
    try {
      parse_manifest(later);
    } catch (const Error& error) {
      EXPECT_NE(error.message().find("was written by hubkeep 9.1: use that version or a newer one"),
                std::string::npos)
          << error.message();
    }
  }
}

TEST(Manifest, TakesAStatusThatItDoesNotKnowForNotOk) {
  const Manifest manifest = parse_manifest(replaced(format_manifest(sample()), "\"ok\"", "\"fine\""));

  EXPECT_FALSE(are_all_settled(manifest.parts));
  EXPECT_FALSE(are_all_ok(statuses_of(manifest.parts)));
  EXPECT_NE(format_manifest(manifest).find("\"status\": \"fine\""), std::string::npos);
}

struct Told {
  std::chrono::seconds listed;  // all of them after the snapshot's name
  std::optional<std::chrono::seconds> made;
  std::optional<std::chrono::seconds> gone;
  std::chrono::seconds expected;
};

TEST(TimeOf, IsGitHubsWhereTheNameIsWrong) {
  using namespace std::chrono_literals;
  const auto year = 365 * 24h;
  for (const Told& told : {
           Told{.listed = 0s, .expected = 0s},
           Told{.listed = -24h, .expected = 0s},  // the last one of a long run
           Told{.listed = 15min, .expected = 0s},
           Told{.listed = -year, .expected = -year},
           Told{.listed = 16min, .expected = 16min},
           Told{.listed = -year, .made = -3h, .expected = -3h},
           Told{.listed = -30h, .made = 0s, .expected = 0s},
           Told{.listed = -year, .gone = 0s, .expected = 0s},
           Told{.listed = -2 * year, .gone = -year, .expected = -year},
           Told{.listed = -2 * year, .made = -1h, .gone = -year, .expected = -1h},
       }) {
    Manifest manifest{.snapshot = *SnapshotId::parse("20261123T184501Z-3f9a1c")};
    const UtcTime named = manifest.snapshot.time();
    manifest.listing.listed_at = named + told.listed;
    if (told.made) manifest.made_at = named + *told.made;
    if (told.gone) manifest.gone_since = named + *told.gone;

    EXPECT_EQ(time_of(manifest) - named, told.expected) << told.listed.count();
  }
  EXPECT_EQ(time_of({.snapshot = *SnapshotId::parse("20261123T184501Z-3f9a1c")}),
            parse_time("2026-11-23T18:45:01Z"));
}

TEST(Manifest, IsOfASubjectOfAnyKind) {
  for (const SubjectId& id : {SubjectId(42), SubjectId::gist(kGist), SubjectId::account(42)}) {
    Manifest manifest = sample();
    manifest.repository_id = id;

    EXPECT_EQ(parse_manifest(format_manifest(manifest)), manifest) << id.str();
  }
}

TEST(Manifest, OfALaterVersionsKindIsRefusedWithItsProgram) {
  const std::string text = replaced(format_manifest(sample()), "\"id\": 42", R"("kind": "team", "id": 42)");

  try {
    parse_manifest(text);
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(error.message(),
              "the unknown kind \"team\" was written by hubkeep 0.1.0: use that version or a newer one");
  }
}

TEST(Manifest, KeepsWhatALaterVersionSaysOfTheListing) {
  const std::string text =
      replaced(format_manifest(sample()), "\"full_name\":", R"("topics": ["a"], "full_name":)");

  const Manifest manifest = parse_manifest(text);

  EXPECT_EQ(parse_manifest(format_manifest(manifest)), manifest);
  EXPECT_NE(format_manifest(manifest).find("\"topics\""), std::string::npos);
  EXPECT_EQ(parse_manifest(replaced(text, "\"fork\": false,", "")).listing.is_fork, std::nullopt);
}

}  // namespace
}  // namespace hubkeep
