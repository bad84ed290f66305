// The third line tells whose text it is: "Vault <id>, made <time>. Text <number> of this file." The number is
// that of the words; a change of them is a new one, and the SHA-256 of the old ones joins kOlderTexts.

#include "vault/readme.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr int kTextNumber = 2;

// Without the line that differs between vaults.
constexpr std::array<std::string_view, 1> kOlderTexts = {
    "ea7b5fa9c96b854a64356e60c69cccfb1a30a2ff59840de3e33c049f385e8aab"};

constexpr std::string_view kFirstLine =
    "This is a hubkeep vault: backups of git repositories, each with its whole history.\n";

constexpr std::string_view kBody =
    R"README(
With hubkeep:

    hubkeep list --from THIS-FOLDER
    hubkeep restore OWNER/NAME --from THIS-FOLDER
    hubkeep rebuild-catalog --from THIS-FOLDER

The last makes hubkeep.json, the catalog and this file again, where they are lost or damaged.

Without hubkeep, with git, zstd and jq. (A vault in a bucket: copy the repository's folder to a disk first.)

1. Find the repository's folder and its snapshots. The newest is the last:

    zstd -dcq catalog.jsonl.zst | jq -r 'select(.folder) | .listing.full_name + "  " + .folder'
    ls repos/HOST/OWNER/NAME.ID/snapshots

2. Say what to restore, and where to; all three are absolute or plain names:

    FOLDER=/absolute/path/of/this/vault/repos/HOST/OWNER/NAME.ID
    SNAPSHOT=20260101T000000Z-abcdef
    TARGET=/absolute/path/of/the/new/repository.git

3. Run these lines in a shell (sh, bash, zsh, dash):

#begin
manifest() { zstd -dcq "$FOLDER/snapshots/$SNAPSHOT.json.zst" | jq -r "$1"; }
# The status of what was saved ("ok", or "partial" when some refs could not be had), and whether every byte is as written:
manifest .parts.git.status
manifest '.parts.git | (.bundles + .refs)[] | .sha256 + "  " + .key' | (cd "$FOLDER" && sha256sum --check --quiet)
# The history: each bundle of the chain, base first.
git init --quiet --bare --object-format="$(manifest .parts.git.object_format)" "$TARGET"
manifest '.parts.git.bundles[].key' | while read -r KEY; do
  git -C "$TARGET" bundle unbundle "$FOLDER/$KEY" </dev/null >/dev/null || exit 1
done
# The branches, tags and all other refs. A later line for a ref replaces an earlier one; zeros mean that it is gone.
manifest '.parts.git.refs[].key' | while read -r KEY; do zstd -dcq "$FOLDER/$KEY"; done |
  awk '{r[$2]=$1} END {for (n in r) if (r[n] !~ /^0+$/) print "create " n " " r[n]}' |
  git -C "$TARGET" update-ref --stdin
BRANCH=$(manifest '.parts.git.head.symref // empty')
[ -n "$BRANCH" ] || BRANCH=$(manifest '.parts.git.head.symref_base64 // empty' | base64 -d)
COMMIT=$(manifest '.parts.git.head.oid // empty')
if [ -n "$BRANCH" ]; then git -C "$TARGET" symbolic-ref HEAD "$BRANCH"
elif [ -n "$COMMIT" ]; then git -C "$TARGET" update-ref --no-deref HEAD "$COMMIT"; fi
git -C "$TARGET" fsck --no-dangling
#end

Nothing in here may be deleted by age: bundles build on older ones. Only zip/ and runs/ may expire.
The format is described in full in docs/storage-format.md of hubkeep.
)README";

struct Facts {
  Identity identity;
  int text = 0;
};

std::string format_facts(const Identity& identity, int text) {
  return fmt::format("\nVault {}, made {}. Text {} of this file.\n", identity.vault,
                     format_time(identity.created_at), text);
}

// What stands between `before` and `after`, which are taken away; nothing where they are not there.
std::optional<std::string_view> take(std::string_view& text, std::string_view before,
                                     std::string_view after) {
  if (!text.starts_with(before)) return std::nullopt;
  const auto end = text.find(after, before.size());
  if (end == std::string_view::npos) return std::nullopt;
  const auto taken = text.substr(before.size(), end - before.size());
  text.remove_prefix(end + after.size());
  return taken;
}

std::optional<Facts> read_facts(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return std::nullopt;
  text.remove_prefix(kFirstLine.size());
  const auto vault = take(text, "\nVault ", ", made ");
  const auto made = vault ? take(text, "", ". Text ") : std::nullopt;
  const auto number = made ? take(text, "", " of this file.\n") : std::nullopt;
  const auto time = made ? parse_time(*made) : std::nullopt;
  if (!number || !time || !is_vault_id(*vault)) return std::nullopt;
  Facts facts{.identity = {.vault = std::string(*vault), .created_at = *time}};
  const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), facts.text);
  if (error != std::errc() || end != number->data() + number->size()) return std::nullopt;
  return facts;
}

}  // namespace

std::string format_readme(const Identity& identity) {
  return std::string(kFirstLine) + format_facts(identity, kTextNumber) + std::string(kBody);
}

ReadmeState judge_readme(std::string_view text, const std::optional<Identity>& identity) {
  const auto facts = read_facts(text);
  if (facts && facts->text > kTextNumber) return ReadmeState::newer;
  if (facts && text == format_readme(identity.value_or(facts->identity))) return ReadmeState::as_written;
  const bool older = std::find(kOlderTexts.begin(), kOlderTexts.end(), sha256_hex(text)) != kOlderTexts.end();
  return older ? ReadmeState::older : ReadmeState::changed;
}

std::optional<Identity> identity_in_readme(std::string_view text) {
  const auto facts = read_facts(text);
  if (!facts || judge_readme(text, facts->identity) == ReadmeState::changed) return std::nullopt;
  return facts->identity;
}

}  // namespace hubkeep
