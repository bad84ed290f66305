#include "report/drill_page.h"

#include <gmock/gmock.h>

#include <regex>

namespace hubkeep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHostile =
    "</td><script>alert(1)</script>\"' onload='x' <img src=x onerror=\"y\">&\xff";

DrillOutcome restored(const std::string& name) {
  DrillOutcome outcome{.repository = name, .id = 1, .host = "github.com"};
  outcome.result = DrillResult::restored;
  outcome.snapshot = *SnapshotId::parse("20261123T184501Z-3f9a1c");
  outcome.bytes = 3'000'000;
  outcome.objects = 12;
  outcome.refs = 3;
  outcome.restoring = std::chrono::milliseconds(1500);
  outcome.fsck = FsckResult::ok;
  return outcome;
}

DrillReport report(std::vector<DrillOutcome> outcomes) {
  DrillReport report;
  report.drill = *SnapshotId::parse("20261124T000000Z-000000");
  report.count = 3;
  report.seed = 42;
  report.outcomes = std::move(outcomes);
  return report;
}

/// Whether each tag that is opened is closed, in order: what a strict reader of XML wants.
bool is_well_formed(const std::string& html) {
  static const std::regex tag("<(/?)([a-z0-9]+)((?:\\s+[a-zA-Z:-]+=\"[^\"<>]*\")*)\\s*(/?)>");
  std::string text = html.substr(html.find('\n') + 1);  // without <!DOCTYPE html>
  std::vector<std::string> open;
  std::size_t rest = 0;
  for (std::sregex_iterator i(text.begin(), text.end(), tag), end; i != end; ++i) {
    const std::string between = text.substr(rest, static_cast<std::size_t>(i->position()) - rest);
    const bool is_style = !open.empty() && open.back() == "style";
    if (!is_style && between.find_first_of("<>") != std::string::npos) return false;
    rest = static_cast<std::size_t>(i->position() + i->length());
    if ((*i)[4].length() > 0) continue;
    if ((*i)[1].length() == 0) {
      open.push_back((*i)[2]);
    } else {
      if (open.empty() || open.back() != (*i)[2]) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(DrillPage, SaysThatAllWentWell) {
  const std::string page = drill_page(report({restored("acme/site"), restored("acme/tools")}));

  for (const char* part :
       {"<h1>Restore drill passed</h1>", "2 of 2 repositories restored from the backup alone in 3.0 s",
        "git fsck found no damage. Refs, HEAD and objects are those of the snapshots.", "acme/site",
        "2.0 MB/s", "with seed 42", "20261123T184501Z-3f9a1c", "Time to restore", "<svg"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_TRUE(is_well_formed(page));
}

TEST(DrillPage, SaysWhatFailedAndWhatDiffers) {
  DrillOutcome failed{.repository = "acme/lost", .id = 2, .host = "github.com"};
  failed.result = DrillResult::failed;
  failed.error = Error(ErrorKind::corrupt, "git/x.bundle is damaged");
  DrillOutcome differs = restored("acme/site");
  differs.differences.add({"github", "refs/heads/main", "1111", "2222", "pushed since, at 2027"});
  differs.differences.add({"github", "refs/heads/x", "3333", "", ""});

  const std::string page = drill_page(report({failed, differs}));

  for (const char* part :
       {"<h1>Restore drill failed</h1>", "1 repository could not be restored.", "git/x.bundle is damaged",
        "1 difference is not explained.",
        "<li>refs/heads/x: restored 3333, at GitHub nothing. Not explained</li>",
        "<li>refs/heads/main: restored 1111, at GitHub 2222. Explained: pushed since, at 2027</li>"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_TRUE(is_well_formed(page));
}

TEST(DrillPage, TellsWhatWasLeftOutAndNotRun) {
  DrillOutcome no_git = restored("acme/site");
  no_git.fsck = FsckResult::not_run;
  DrillReport some = report({no_git});
  some.too_large = {"acme/huge"};

  const std::string page = drill_page(some);

  EXPECT_THAT(page, HasSubstr("git fsck was not run everywhere"));
  EXPECT_THAT(page, HasSubstr("left out</h3>\n<ul>\n<li>acme/huge</li>"));
}

// Names of repositories and refs, and what errors say of them, are strangers' texts.
TEST(DrillPage, ObeysNoText) {
  DrillOutcome outcome = restored(kHostile);
  outcome.error = Error(ErrorKind::corrupt, kHostile);
  outcome.fsck = FsckResult::problems;
  outcome.fsck_lines = {kHostile};
  outcome.notes = {kHostile};
  outcome.differences.add({"github", kHostile, kHostile, kHostile, kHostile});
  DrillReport hostile = report({outcome});
  hostile.vault = hostile.place = hostile.program = kHostile;
  hostile.too_large = {kHostile};

  const std::string page = drill_page(hostile);

  for (const char* part : {"<script", "<img", "onload='", "\xff"}) EXPECT_THAT(page, Not(HasSubstr(part)));
  EXPECT_THAT(page, HasSubstr("&lt;/td&gt;&lt;script&gt;alert(1)"));
  EXPECT_TRUE(is_well_formed(page));
}

TEST(DrillPage, CountsTheDifferencesThatItDoesNotName) {
  DrillOutcome differs = restored("acme/site");
  for (int i = 0; i < 60; ++i)
    differs.differences.add({"github", "refs/heads/" + std::to_string(i), "1", "2", "pushed since"});

  EXPECT_THAT(drill_page(report({differs})), HasSubstr("<li>and 10 more differences</li>"));
}

}  // namespace
}  // namespace hubkeep
