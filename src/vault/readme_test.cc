#include "vault/readme.h"

#include <gtest/gtest.h>

#include <string>

#include "vault/identity.h"
#include "vault/key_kind.h"

namespace hubkeep {
namespace {

const Identity kIdentity{.vault = std::string(32, 'a'), .created_at = *parse_time("2026-11-23T18:45:01Z")};
const Identity kOther{.vault = std::string(32, 'b'), .created_at = kIdentity.created_at};

std::string with(std::string_view from, std::string_view to) {
  std::string text = format_readme(kIdentity);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Readme, NamesItsVault) {
  EXPECT_EQ(identity_in_readme(format_readme(kIdentity)), kIdentity);
  EXPECT_EQ(judge_readme(format_readme(kIdentity), kIdentity), ReadmeState::as_written);
  EXPECT_EQ(judge_readme(format_readme(kIdentity), std::nullopt), ReadmeState::as_written);
}

TEST(Readme, IsChangedByAnyByte) {
  const std::string good = format_readme(kIdentity);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = static_cast<char>(text[at] ^ 1);
    // The number of a later text is believed, and told nobody to trust it: see below.
    if (judge_readme(text, kIdentity) == ReadmeState::newer) continue;
    EXPECT_EQ(judge_readme(text, kIdentity), ReadmeState::changed) << at;
  }
  for (const std::string& text : {std::string(), good + "x", good.substr(0, good.size() / 2)}) {
    EXPECT_EQ(judge_readme(text, kIdentity), ReadmeState::changed);
    EXPECT_EQ(judge_readme(text, std::nullopt), ReadmeState::changed);
    EXPECT_FALSE(identity_in_readme(text));
  }
}

TEST(Readme, NamesEveryFolderThatMayExpire) {
  const std::string text = format_readme(kIdentity);
  const std::string what = text.substr(text.find("Only "), text.find(" may expire.") - text.find("Only "));
  for (const KeyPattern& row : root_patterns()) {
    const std::string folder(row.text.substr(0, row.text.find('/') + 1));
    if (folder.empty()) continue;
    EXPECT_EQ(what.find(folder) != std::string::npos, may_expire(row.kind)) << row.text << ": " << what;
  }
}

TEST(Readme, OfAnotherVaultIsChanged) {
  EXPECT_EQ(judge_readme(format_readme(kOther), kIdentity), ReadmeState::changed);
}

TEST(Readme, OfALaterVersionIsLeftToIt) {
  const std::string later = with("Text 5 of", "Text 6 of") + "More.\n";

  EXPECT_EQ(judge_readme(later, kIdentity), ReadmeState::newer);
  EXPECT_EQ(identity_in_readme(later), kIdentity);
}

// Without what text 5 says beside, and the lines of texts 3 and 2 in place of those that replaced them.
TEST(Readme, OfAnEarlierVersionIsKnown) {
  std::string text = with("Text 5 of", "Text 4 of");
  const auto replace = [&](std::string_view from, std::string_view end, std::string_view to) {
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, text.find(end, at) + end.size() - at, to);
  };
  replace("4. What the snapshot", "checkout`.\n\n", "");
  EXPECT_EQ(judge_readme(text, kIdentity), ReadmeState::older);
  replace("Text 4 of", "of", "Text 3 of");
  replace("Only zip/, runs/", "may expire.", "Only zip/ and runs/ may expire.");
  EXPECT_EQ(judge_readme(text, kIdentity), ReadmeState::older);
  replace("Text 3 of", "of", "Text 2 of");
  replace("GIT_DEFAULT_REF_FORMAT=files ", "files ", "");
  replace("the pack of each bundle", "empty line.", "each bundle of the chain, base first.");
  replace("  PACK=$(", "|| exit 1\n",
          "  git -C \"$TARGET\" bundle unbundle \"$FOLDER/$KEY\" </dev/null >/dev/null || exit 1\n");
  replace("{ echo '# pack-refs", "} >\"$TARGET/packed-refs\"\n",
          R"(manifest '.parts.git.refs[].key' | while read -r KEY; do zstd -dcq "$FOLDER/$KEY"; done |
  awk '{r[$2]=$1} END {for (n in r) if (r[n] !~ /^0+$/) print "create " n " " r[n]}' |
  git -C "$TARGET" update-ref --stdin
)");

  EXPECT_EQ(judge_readme(text, kIdentity), ReadmeState::older);
  EXPECT_EQ(judge_readme(text, std::nullopt), ReadmeState::older);
  EXPECT_EQ(judge_readme(text, kOther), ReadmeState::changed);
  EXPECT_EQ(judge_readme(text + "x", kIdentity), ReadmeState::changed);
  EXPECT_EQ(identity_in_readme(text), kIdentity);
}

TEST(Readme, ThatDoesNotNameItsVaultWellNamesNone) {
  for (const std::string& text : {with(std::string(32, 'a'), "x"), with("2026-11-23T18:45:01Z", "today"),
                                  with("Text 5 of", "Text x of"), with("Text 5 of", "Text 2x of"),
                                  with("Vault ", "vault "), with("Text 5 of", "Text 99999999999 of")})
    EXPECT_FALSE(identity_in_readme(text)) << text.substr(0, 200);
}

}  // namespace
}  // namespace hubkeep
