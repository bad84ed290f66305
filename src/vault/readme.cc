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

constexpr int kTextNumber = 5;

// By their numbers, from 1 on, without the line that differs between vaults.
constexpr std::array<std::string_view, 4> kOlderTexts = {
    "ea7b5fa9c96b854a64356e60c69cccfb1a30a2ff59840de3e33c049f385e8aab",
    "9c28c8db55a173f134b33715a1de20ea178e3f8f492ff178f3622d5ffef76099",
    "f39d16f4882ff8df8b88badf1e39bbf0f751fbfd64105af56a013a084881d17d",
    "70b636fb7044f154a17fd2e085b3daf887dcdc2b4d6171bb22d876dfde39ffa5"};

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
# The history: the pack of each bundle of the chain, base first. It begins behind the first empty line.
GIT_DEFAULT_REF_FORMAT=files git init --quiet --bare --object-format="$(manifest .parts.git.object_format)" "$TARGET"
manifest '.parts.git.bundles[].key' | while read -r KEY; do
  PACK=$(LC_ALL=C awk '{n += length($0) + 1} /^$/ {print n + 1; exit}' "$FOLDER/$KEY")
  tail -c "+$PACK" "$FOLDER/$KEY" | git -C "$TARGET" index-pack --stdin --fix-thin >/dev/null || exit 1
done
# The branches, tags and all other refs. A later line for a ref replaces an earlier one; zeros mean that it is gone.
{ echo '# pack-refs with: sorted '
  manifest '.parts.git.refs[].key' | while read -r KEY; do zstd -dcq "$FOLDER/$KEY"; done |
    LC_ALL=C sort -s -k 2,2 | LC_ALL=C awk '
      n != $2 && o ~ /[^0]/ {print o " " n}
      {o = $1; n = $2}
      END {if (o ~ /[^0]/) print o " " n}'
} >"$TARGET/packed-refs"
BRANCH=$(manifest '.parts.git.head.symref // empty')
[ -n "$BRANCH" ] || BRANCH=$(manifest '.parts.git.head.symref_base64 // empty' | base64 -d)
COMMIT=$(manifest '.parts.git.head.oid // empty')
if [ -n "$BRANCH" ]; then git -C "$TARGET" symbolic-ref HEAD "$BRANCH"
elif [ -n "$COMMIT" ]; then git -C "$TARGET" update-ref --no-deref HEAD "$COMMIT"; fi
git -C "$TARGET" fsck --no-dangling
#end

4. What the snapshot has beside the history. A wiki is another history: run the lines again with .parts.wiki in place
of .parts.git, and another TARGET. For objects of Git LFS and releases, say where the vault is, and run these lines
after those above (in a vault in a bucket, copy lfs/ as well):

    VAULT=/absolute/path/of/this/vault

#begin beside
# A list of all, and perhaps one of what has changed since. What is listed as gone costs nothing but its space.
listed() { manifest ".parts.$1.objects[]?.key" | while read -r KEY; do zstd -dcq "$FOLDER/$KEY"; done |
    jq -r 'select(.gone | not) | .key'; }
listed lfs | while read -r KEY; do
  FILE="$TARGET/lfs/objects/${KEY#/lfs/}"
  mkdir -p "${FILE%/*}" && cp "$VAULT$KEY" "$FILE" || exit 1
done
# Each release as GitHub sent it, and its files by their numbers in the list of assets of releases.jsonl.
manifest '.parts.releases.documents[]?.key' | while read -r KEY; do
  mkdir -p "$TARGET.releases" && zstd -dcq "$FOLDER/$KEY" >"$TARGET.releases/releases.jsonl" || exit 1
done
listed releases | while read -r KEY; do cp "$FOLDER/$KEY" "$TARGET.releases" || exit 1; done
#end beside

With git-lfs installed, a clone of TARGET has its files after `git lfs fetch` and `git lfs checkout`.

Nothing in here may be deleted by age: bundles build on older ones. Only zip/, runs/,
drills/ and doctor/ may expire.
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

std::string without_facts(std::string_view text, const Facts& facts) {
  const auto line = format_facts(facts.identity, facts.text);
  return std::string(kFirstLine).append(text.substr(std::min(text.size(), kFirstLine.size() + line.size())));
}

}  // namespace

std::string format_readme(const Identity& identity) {
  return std::string(kFirstLine) + format_facts(identity, kTextNumber) + std::string(kBody);
}

ReadmeState judge_readme(std::string_view text, const std::optional<Identity>& identity) {
  const auto facts = read_facts(text);
  if (facts && facts->text > kTextNumber) return ReadmeState::newer;
  if (facts && text == format_readme(identity.value_or(facts->identity))) return ReadmeState::as_written;
  // Text 1 did not say whose it was.
  const auto number = static_cast<std::size_t>(facts ? facts->text : 1);
  const bool of_this_vault = !facts || !identity || facts->identity == *identity;
  const bool older =
      of_this_vault && number >= 1 && number <= kOlderTexts.size() &&
      sha256_hex(facts ? without_facts(text, *facts) : std::string(text)) == kOlderTexts[number - 1];
  return older ? ReadmeState::older : ReadmeState::changed;
}

std::optional<Identity> identity_in_readme(std::string_view text) {
  const auto facts = read_facts(text);
  if (!facts || judge_readme(text, facts->identity) == ReadmeState::changed) return std::nullopt;
  return facts->identity;
}

}  // namespace hubkeep
