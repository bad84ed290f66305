// An object of Git LFS is found by its name alone: it stands in the vault's root, whichever repository or
// snapshot brought it. The snapshot's part only says why there is none.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "browse/snapshot_objects.h"
#include "vault/lfs_part.h"
#include "vault/select_snapshot.h"
#include "vault/wiki_part.h"

namespace hubkeep {
namespace {

std::string what_to_do(const LackingLfs& lacking) {
  switch (lacking.why) {
    case LfsLack::pending:
      return "the next backup goes on with it";
    case LfsLack::too_large:
      return "a backup with a larger --lfs-max-size fetches it";
    default:
      return "the next backup asks GitHub for it again";
  }
}

// Throws what keeps from reading the part.
std::string why_not(Vault& vault, const CatalogEntry& entry, const Manifest& manifest, const std::string& oid,
                    const std::stop_token& stop) {
  const auto part = manifest.parts.find(PartName(kLfsPart));
  if (part == manifest.parts.end())
    return "the snapshot was made without LFS objects; a backup without --without lfs fetches it, if GitHub "
           "still has it";
  const LfsPart lfs = lfs_part(part->second);
  const auto lacking = read_lfs_cursor(vault.objects(), entry.folder, lfs.cursor, stop);
  const auto found =
      std::find_if(lacking.begin(), lacking.end(), [&](const LackingLfs& one) { return one.oid == oid; });
  if (found != lacking.end()) return fmt::format("{}; {}", printable(reason_of(*found)), what_to_do(*found));
  const KeptLfsObjects kept = read_lfs_objects(vault.objects(), entry.folder, lfs.objects, stop);
  if (kept.contains(oid))
    return fmt::format("it was there, and is lost; how to mend that is said by {}",
                       vault.command("verify", exact_name(entry)));
  return "no backup has found its pointer";
}

}  // namespace

// Its bytes may have gone out when they turn out to be others.
void BrowsedRepository::stream(const std::string& oid, ByteCount size, ByteSink& sink) {
  try {
    vault_.objects().read(entry_.folder, record_of(oid, {.size = size}), sink, stop_);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw with_advice(error);
    throw Error(error.kind(),
                fmt::format("{}: what was printed is not the file; how to mend it is said by {}",
                            error.message(), vault_.command("verify --read-data", exact_name(entry_))));
  }
}

void BrowsedRepository::read_lfs_object(const OpenedSnapshot& snapshot, const LfsPointer& pointer,
                                        ByteSink& sink) {
  const ObjectKey key = lfs_key(pointer.oid).substr(1);
  // A pointer may give it another size than it has; its name is what it must be held against.
  const auto info = vault_.objects().find(key);
  if (info) return stream(pointer.oid, info->size, sink);
  const std::string why = browsed_.part == kWikiPart
                              ? "objects of wikis are not saved"
                              : why_not(vault_, entry_, snapshot.manifest, pointer.oid, stop_);
  throw Error(ErrorKind::not_found,
              fmt::format("it is a Git LFS file of {}, and the vault does not have its content ({}): {}",
                          human_size(pointer.size), key, why));
}

}  // namespace hubkeep
