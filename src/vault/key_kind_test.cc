// Every key that docs/storage-format.md writes down has a row in the table, and every row is written down
// there; what the document and deploy/terraform say of kinds is what the table says.
#include "vault/key_kind.h"

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "vault/catalog.h"
#include "vault/host_state.h"
#include "vault/identity.h"
#include "vault/names.h"
#include "vault/readme.h"
#include "vault/run_report.h"
#include "vault/subject.h"
#include "vault/vault.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

const std::string kCommit(40, 'c');
const std::string kRun = "20261123T184501Z-3f9a1c";
const std::string kFolder = "repos/github.com/acme/site.7/";

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(HUBKEEP_SOURCE_DIR) + "/" + path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What stands between two texts of the document.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto begin = text.find(from);
  const auto end = text.find(to, begin == std::string::npos ? begin : begin + from.size());
  EXPECT_NE(end, std::string::npos) << from << " … " << to;
  return end == std::string::npos ? "" : text.substr(begin + from.size(), end - begin - from.size());
}

std::set<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), expression); at != std::sregex_iterator(); ++at)
    found.insert((*at)[1]);
  return found;
}

struct DocumentedKeys {
  std::set<std::string> folders;  // of subjects
  std::set<std::string> keys;     // whole patterns
};

/// The indented lines of "## Keys": four blanks for the vault's root, eight for what is in the folder above.
DocumentedKeys documented_keys() {
  DocumentedKeys found;
  std::istringstream lines(between(text_of("docs/storage-format.md"), "## Keys\n", "\n## "));
  std::string folder;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    if (indent < 4) continue;
    const std::string pattern = line.substr(indent, line.find(' ', indent) - indent);
    if (pattern == ".tmp/") continue;  // no objects
    if (pattern.ends_with('/'))
      found.folders.insert(folder = pattern);
    else
      found.keys.insert((indent == 8 ? folder : "") + pattern);
  }
  return found;
}

/// A key of that pattern.
std::string example_of(const std::string& pattern) {
  const std::map<std::string, std::string> examples = {{"host", "github.com"},
                                                       {"owner", "acme"},
                                                       {"login", "ada"},
                                                       {"name", "site"},
                                                       {"id", "7"},
                                                       {"gist", "aa5a315d61ae9438b18d"},
                                                       {"run", kRun},
                                                       {"drill", kRun},
                                                       {"snapshot", kRun},
                                                       {"batch", "12"},
                                                       {"attempt", "1"},
                                                       {"YYYY-MM-DD", "2026-11-23"},
                                                       {"commit", kCommit},
                                                       {"n", "2"},
                                                       {"aa", "ab"},
                                                       {"bb", "cd"},
                                                       {"oid", "abcd" + std::string(60, '0')},
                                                       {"part", "wiki"},
                                                       {"asset", "tool-1.0.tar.gz"},
                                                       {"rest", "folder/x.bin"}};
  std::string key;
  for (std::size_t at = 0; at < pattern.size();) {
    if (pattern[at] != '<') {
      key += pattern[at++];
      continue;
    }
    const auto end = pattern.find('>', at);
    const std::string name = pattern.substr(at + 1, end - at - 1);
    EXPECT_THAT(examples, Contains(testing::Key(name)));
    key += examples.at(name);
    at = end + 1;
  }
  return key;
}

TEST(KeyKinds, HaveARowForEveryKeyOfTheDocument) {
  const DocumentedKeys documented = documented_keys();

  EXPECT_THAT(documented.keys.size(), testing::Gt(20U));
  for (const std::string& pattern : documented.keys)
    EXPECT_NE(kind_of(example_of(pattern)), std::nullopt) << pattern;
}

TEST(KeyKinds, HaveNoRowThatTheDocumentDoesNotWriteDown) {
  const DocumentedKeys documented = documented_keys();
  std::set<const KeyPattern*> used;
  for (const std::string& pattern : documented.keys) used.insert(pattern_of(example_of(pattern)));

  for (const auto rows : {root_patterns(), subject_patterns()})
    for (const KeyPattern& row : rows) EXPECT_THAT(used, Contains(&row)) << row.text;
  std::set<std::string> folders;
  for (const SubjectRoot& root : kSubjectRoots) folders.emplace(root.pattern);
  EXPECT_EQ(documented.folders, folders);
}

TEST(KeyKinds, OfMutableKeysAreThoseOfTheDocument) {
  std::set<std::string> patterns;
  for (const KeyPattern& row : root_patterns())
    if (is_mutable(row.kind))
      patterns.insert(std::regex_replace(std::string(row.text), std::regex("<[^>]*>"), "*"));
  for (const KeyPattern& row : subject_patterns()) EXPECT_FALSE(is_mutable(row.kind)) << row.text;

  EXPECT_EQ(all_matches(between(text_of("docs/storage-format.md"), "Every object except", "is written once"),
                        "`([^`]*)`"),
            patterns);
}

/// The folders in which everything may expire.
std::set<std::string> expiring_folders() {
  std::set<std::string> folders;
  std::set<std::string> others;
  for (const KeyPattern& row : root_patterns())
    (may_expire(row.kind) ? folders : others).insert(std::string(row.text.substr(0, row.text.find('/') + 1)));
  for (const KeyPattern& row : subject_patterns()) EXPECT_FALSE(may_expire(row.kind)) << row.text;
  for (const std::string& folder : others) EXPECT_FALSE(folders.contains(folder)) << folder;
  return folders;
}

TEST(KeyKinds, ThatMayExpireAreThoseOfTheDocumentAndOfTerraform) {
  const std::string module = text_of("deploy/terraform/modules/hubkeep/variables.tf");
  const std::string expirations = between(module, "variable \"expirations\"", "\n}\n");
  const auto sentence =
      all_matches(text_of("docs/storage-format.md"), "\nOnly ([^\n:]*) may be deleted by age:");

  ASSERT_THAT(sentence, SizeIs(1));
  EXPECT_EQ(all_matches(*sentence.begin(), "`([^`]*)`"), expiring_folders());
  EXPECT_EQ(all_matches(between(expirations, "contains([", "], folder)"), "\"([^\"]*)\""),
            expiring_folders());
  EXPECT_EQ(all_matches(between(expirations, "default     = {", "}"), "\"([^\"]*)\""), expiring_folders());
}

TEST(KeyKinds, ThatTerraformMayArchiveAreNeededByNoRun) {
  const std::string transitions =
      between(text_of("deploy/terraform/modules/hubkeep/variables.tf"), "variable \"transitions\"", "\n}\n");
  const auto archived =
      all_matches(transitions, "\"DEEP_ARCHIVE\"\\], each.storage_class\\) && each.folder == \"([^\"]*)\"");

  EXPECT_THAT(archived, ElementsAre("zip/"));
  for (const KeyPattern& row : root_patterns()) {
    if (!archived.contains(std::string(row.text.substr(0, row.text.find('/') + 1)))) continue;
    EXPECT_TRUE(is_content(row.kind) || row.kind == KeyKind::zip_names) << row.text;
  }
}

TEST(KeyKinds, AreTold) {
  const std::vector<std::pair<std::string, KeyKind>> cases = {
      {std::string(kIdentityKey), KeyKind::identity},
      {std::string(kReadmeKey), KeyKind::readme},
      {std::string(kCatalogKey), KeyKind::catalog},
      {"lease.json", KeyKind::lease},
      {state_key("ghe.example.com:8443"), KeyKind::state},
      {kFolder + manifest_key(*SnapshotId::parse(kRun)), KeyKind::manifest},
      {kFolder + "removed/" + kRun + ".jsonl.zst", KeyKind::removed},
      {kFolder + "git/" + kRun + ".bundle", KeyKind::content},
      {kFolder + "wiki/" + kRun + ".bundle", KeyKind::content},
      {kFolder + "git/" + kRun + ".refs.zst", KeyKind::refs},
      {kFolder + "git/" + kRun + ".idx", KeyKind::index},
      {kFolder + "lfs/" + kRun + ".list.zst", KeyKind::list},
      {kFolder + "lfs/" + kRun + ".cursor.zst", KeyKind::cursor},
      {kFolder + "meta/" + kRun + ".jsonl.zst", KeyKind::content},
      {kFolder + "releases/assets/99-metadata.json", KeyKind::content},
      {kFolder + "x/1.refs.zst", KeyKind::other},
      {kFolder + "x/y/z.zip", KeyKind::other},
      {"gists/github.com/ada/aa5a315d/snapshots/" + kRun + ".json.zst", KeyKind::manifest},
      {"accounts/github.com/ada.9/meta/" + kRun + ".jsonl.zst", KeyKind::content},
      {"lfs/ab/cd/" + std::string(64, 'a'), KeyKind::content},
      {"attachments/ab/cd/" + std::string(64, 'a'), KeyKind::content},
      {zip_key("2026-11-23", "acme", "site", kCommit), KeyKind::zip},
      {zip_key("2026-11-23", "acme", "site", kCommit, 3), KeyKind::zip},
      {zip_metadata_key("2026-11-23"), KeyKind::zip_names},
      {run_report_key(*SnapshotId::parse(kRun)), KeyKind::run},
      {"drills/" + kRun + ".json", KeyKind::drill},
      {"doctor/" + kRun + "/list/a@b", KeyKind::doctor},
      {"runs/" + kRun + "/plan.json", KeyKind::plan},
      {"runs/" + kRun + "/0.12.jsonl.zst", KeyKind::plan}};

  for (const auto& [key, kind] : cases) EXPECT_EQ(kind_of(key), kind) << key;
}

TEST(KeyKinds, OfForeignKeysAreNone) {
  const std::vector<std::string> keys = {"",
                                         "/",
                                         "repos/",
                                         kFolder,
                                         kFolder + "git",
                                         kFolder + "git/",
                                         kFolder + "git//x",
                                         kFolder + "../x/y",
                                         kFolder + "snapshots/x.json.zst",
                                         kFolder + "snapshots/" + kRun + ".bundle",
                                         kFolder + "snapshots/" + kRun + ".json.zst/x",
                                         kFolder + "removed/" + kRun + ".zst",
                                         "repos/github.com/acme/site/git/" + kRun + ".bundle",
                                         "repos/github.com/acme/.7/git/" + kRun + ".bundle",
                                         "repos/github.com/acme/site.7a/git/" + kRun + ".bundle",
                                         "repos/github.com/site.7/git/" + kRun + ".bundle",
                                         "Repos/github.com/acme/site.7/git/" + kRun + ".bundle",
                                         "x/" + kFolder + "git/" + kRun + ".bundle",
                                         "catalog.jsonl.zst/x",
                                         "catalog.jsonl.zst\n",
                                         std::string("catalog.jsonl.zst\0", 18),
                                         "catalog.jsonl",
                                         "state/.jsonl.zst",
                                         "state/a/b.jsonl.zst",
                                         "state/github.com",
                                         "runs/x.jsonl.zst",
                                         "runs/" + kRun + "/x.json",
                                         "runs/" + kRun + "/1.jsonl.zst",
                                         "runs/" + kRun + "/1.-1.jsonl.zst",
                                         "runs/plan.json",
                                         "drills/x.json",
                                         "drills/" + kRun + ".jsonl.zst",
                                         "drills/" + kRun + "/x.json",
                                         "doctor/x/first",
                                         "doctor/" + kRun,
                                         "zip/metadata.json",
                                         "zip/2026-11/metadata.json",
                                         "zip/2026-11-23/acme/metadata.json",
                                         "zip/2026-11-23/site-c.zip",
                                         "zip/2026-11-23/acme/x/site-c.zip",
                                         "lfs/ab/" + std::string(64, 'a'),
                                         "lfs/ab/cd/" + std::string(63, 'a'),
                                         "lfs/AB/cd/" + std::string(64, 'a'),
                                         "photos/holiday.zip",
                                         "a.bundle",
                                         ".tmp/lock",
                                         std::string(2000, '<'),
                                         "<part>/<rest>"};

  for (const std::string& key : keys) EXPECT_EQ(kind_of(key), std::nullopt) << key;
}

TEST(KeyKinds, SayWhatMayBeDoneWithAnObject) {
  // What a restore reads may be archived, what is written again and again is not locked, and what nobody
  // knows is treated with all care.
  EXPECT_TRUE(is_content(KeyKind::content) && is_content(KeyKind::zip));
  for (const KeyKind kind :
       {KeyKind::manifest, KeyKind::refs, KeyKind::index, KeyKind::list, KeyKind::cursor, KeyKind::other}) {
    EXPECT_FALSE(is_content(kind));
    EXPECT_FALSE(is_mutable(kind));
    EXPECT_FALSE(may_expire(kind));
    EXPECT_TRUE(is_read_by_every_run(kind));
  }
  for (const auto rows : {root_patterns(), subject_patterns()})
    for (const KeyPattern& row : rows)
      EXPECT_FALSE(is_content(row.kind) && (is_mutable(row.kind) || is_read_by_every_run(row.kind)))
          << row.text;
  for (const KeyKind kind : {KeyKind::run, KeyKind::drill, KeyKind::doctor}) {
    EXPECT_FALSE(is_read_by_every_run(kind));
    EXPECT_TRUE(may_expire(kind));
  }
}

TEST(RootNames, AreAllThatMayStandInAVaultsRoot) {
  EXPECT_THAT(root_names(), SizeIs(14));
  EXPECT_THAT(root_names(),
              IsSupersetOf({"hubkeep.json", "README.txt", "catalog.jsonl.zst", "lease.json", "state/",
                            "runs/", "drills/", "doctor/", "zip/", "lfs/", "repos/", "gists/", "accounts/"}));
}

}  // namespace
}  // namespace hubkeep
