// A vault that the first version wrote (tests/fixtures/README.md): what is read of it is written again as it
// was, byte for byte. So no field gets another name, place or meaning unseen.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/zstd.h"
#include "vault/catalog.h"
#include "vault/host_state.h"
#include "vault/identity.h"
#include "vault/manifest.h"
#include "vault/readme.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

using testing::AnyOf;
using testing::ElementsAreArray;
using testing::IsSupersetOf;
using testing::SizeIs;
using Json = nlohmann::ordered_json;

const fs::path kFixture = HUBKEEP_SOURCE_DIR "/tests/fixtures/format-1";
const fs::path kVault = kFixture / "vault";

std::string content_of(const fs::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

/// The lines of a sealed object, with the last, which counts them.
std::string lines_in(const std::string& stored) {
  constexpr std::size_t kSealSize = 40;  // the skippable frame behind them
  return zstd_decompress(std::string_view(stored).substr(0, stored.size() - kSealSize));
}

std::vector<fs::path> files_that_end_with(const std::string& suffix) {
  std::vector<fs::path> found;
  for (const auto& file : fs::recursive_directory_iterator(kVault))
    if (file.path().string().ends_with(suffix)) found.push_back(file.path());
  return found;
}

/// The names of all fields below `json`: "parts.git.bundles.key".
void collect_fields(const Json& json, const std::string& above, std::set<std::string>& fields) {
  if (json.is_array())
    for (const Json& element : json) collect_fields(element, above, fields);
  if (!json.is_object()) return;
  for (const auto& [name, value] : json.items()) {
    const std::string field = above.empty() ? name : above + "." + name;
    fields.insert(field);
    collect_fields(value, field, fields);
  }
}

std::set<std::string> with(std::set<std::string> fields, const std::string& above,
                           const std::vector<std::string>& names) {
  for (const std::string& name : names) fields.insert(above + name);
  return fields;
}

const std::vector<std::string> kRecord = {"key", "size", "sha256", "encoding", "crc32"};
const std::vector<std::string> kListing = {"full_name",      "visibility", "archived",  "fork",
                                           "default_branch", "pushed_at",  "clone_url", "listed_at"};

TEST(FormatOne, ManifestsAreWrittenAgainAsTheyWere) {
  const auto files = files_that_end_with(".json.zst");
  ASSERT_THAT(files, SizeIs(44));

  for (const fs::path& file : files) {
    const std::string text = zstd_decompress(content_of(file));
    EXPECT_EQ(format_manifest(parse_manifest(text)), text) << file;
  }
}

TEST(FormatOne, ManifestsHaveEveryField) {
  std::set<std::string> fields;
  for (const fs::path& file : files_that_end_with(".json.zst"))
    collect_fields(Json::parse(zstd_decompress(content_of(file))), "", fields);

  std::set<std::string> expected = {
      "format",  "features", "program",  "vault",          "snapshot", "host", "repository", "listing",
      "made_at", "previous", "requests", "bytes_received", "parts",    "lost", "gone_since", "parts.git",
  };
  expected = with(expected, "repository.", {"id", "node_id"});
  expected = with(expected, "listing.", kListing);
  expected = with(expected, "previous.", {"snapshot", "sha256"});
  expected = with(expected, "parts.git.",
                  {"status", "object_format", "head", "refs", "bundles", "not_proved", "lfs_pointers",
                   "refs_vanished", "left_out", "lacks_others"});
  expected = with(expected, "parts.git.head.", {"symref", "symref_base64", "oid"});
  expected = with(expected, "parts.git.refs.", kRecord);
  expected = with(expected, "parts.git.bundles.", kRecord);
  expected = with(expected, "parts.git.bundles.",
                  {"snapshot", "builds_on", "pack_offset", "objects", "largest_delta", "not_proved"});
  expected = with(expected, "parts.git.left_out.", {"ref", "ref_base64", "oid", "why", "unasked"});
  EXPECT_THAT(fields, ElementsAreArray(expected));
}

TEST(FormatOne, TheCatalogIsWrittenAgainAsItWas) {
  const std::string stored = content_of(kVault / "catalog.jsonl.zst");

  const Catalog catalog = parse_catalog(stored);

  EXPECT_EQ(lines_in(format_catalog(catalog)), lines_in(stored));
  std::set<std::string> fields;
  for (const auto& [key, entry] : catalog) collect_fields(to_json(entry), "", fields);
  std::set<std::string> expected = {
      "host",    "id",         "node_id",       "folder",          "previous_names",
      "newest",  "newest.key", "newest.sha256", "newest.parts",    "newest.parts.git",
      "listing", "gone_since", "size",          "refs_checked_at", "zip",
      "zip.key", "zip.commit", "zip.snapshot",  "zip.listing"};
  expected = with(expected, "listing.", kListing);
  expected = with(expected, "zip.listing.", kListing);
  EXPECT_THAT(fields, ElementsAreArray(expected));
}

TEST(FormatOne, TheStateIsWrittenAgainAsItWas) {
  const std::string stored = content_of(kVault / "state" / "github.localhost.jsonl.zst");

  const std::string again = lines_in(format_state(parse_state(stored)));

  EXPECT_EQ(again, lines_in(stored));
  std::set<std::string> fields;
  std::istringstream lines(again);
  for (std::string line; std::getline(lines, line);) collect_fields(Json::parse(line), "", fields);
  std::set<std::string> expected = {"host",    "vault",  "newest_run", "losses",  "id",      "name",
                                    "private", "folder", "checked_at", "failure", "absence", "newest"};
  expected = with(expected, "newest_run.", {"run", "finished", "number"});
  expected = with(expected, "failure.", {"since", "kind", "message"});
  expected = with(expected, "absence.", {"since", "accepted_at"});
  expected = with(expected, "newest.", {"snapshot", "sha256"});
  expected = with(expected, "losses.", {"key", "detail", "found_at", "accepted_at", "size", "sha256"});
  EXPECT_THAT(fields, IsSupersetOf(expected));
}

TEST(FormatOne, TheNamesOfZipsAreWrittenAgainAsTheyWere) {
  const auto files = files_that_end_with("metadata.json");
  ASSERT_THAT(files, SizeIs(2));

  std::set<std::string> fields;
  for (const fs::path& file : files) {
    const std::string text = content_of(file);
    const std::string day = file.parent_path().filename();
    EXPECT_EQ(format_zip_metadata(day, parse_zip_metadata(day, text)), text);
    collect_fields(Json::parse(text), "", fields);
  }
  std::set<std::string> expected = {"format", "day", "previous", "zips", "sha256"};
  expected = with(expected, "zips.", kRecord);
  expected = with(expected, "zips.", {"owner", "name", "private", "host", "id", "commit", "lost", "again"});
  EXPECT_THAT(fields, ElementsAreArray(expected));
}

TEST(FormatOne, TheIdentityIsWrittenAgainAsItWas) {
  const std::string text = content_of(kVault / "hubkeep.json");

  EXPECT_EQ(format_identity(parse_identity(text)), text);
}

TEST(FormatOne, TheReadmeIsKnownAsHubkeepsOwn) {
  const Identity identity = parse_identity(content_of(kVault / "hubkeep.json"));
  const std::string text = content_of(kVault / "README.txt");

  EXPECT_THAT(judge_readme(text, identity), AnyOf(ReadmeState::as_written, ReadmeState::older));
  EXPECT_EQ(identity_in_readme(text), identity);
}

}  // namespace
}  // namespace hubkeep
