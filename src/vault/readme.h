// The text of README.txt in every vault; the same stands in docs/storage-format.md, "Restore without
// hubkeep".
#pragma once

#include <string_view>

namespace hubkeep {

constexpr std::string_view kVaultReadme =
    R"README(This is a hubkeep vault: backups of git repositories, each with its whole history.

With hubkeep:

    hubkeep list --from THIS-FOLDER
    hubkeep restore OWNER/NAME --from THIS-FOLDER

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

}  // namespace hubkeep
