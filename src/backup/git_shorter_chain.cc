#include "backup/git_shorter_chain.h"

#include <algorithm>
#include <vector>

#include "backup/git_base.h"
#include "backup/git_chain_plan.h"
#include "backup/repository_work.h"
#include "base/error.h"
#include "vault/removals.h"

namespace hubkeep {
namespace {

// One that brought what another lacked, where it is not the first: without haves, it builds on none.
std::size_t behind_last_filling(const std::vector<Bundle>& chain) {
  for (std::size_t place = chain.size(); place > 1; --place)
    if (chain[place - 1].builds_on.empty()) return place;
  return 0;
}

// Bundles of older versions were proved later than their snapshots say.
void take_over_proof(const Foundation& last, Foundation& shorter) {
  for (std::size_t i = 0; i < std::min(shorter.chain.size(), last.chain.size()); ++i)
    if (shorter.chain[i].record == last.chain[i].record) shorter.chain[i] = last.chain[i];
  shorter.proved = last.proved;
  shorter.not_proved_because = last.not_proved_because;
  shorter.missing.clear();
  shorter.missing_objects = 0;
}

// The snapshot of the last bundle that is kept gives the haves: where it was removed, more are kept.
std::size_t skip_removed(const RepositoryWork& work, const std::vector<Bundle>& chain, std::size_t keep) {
  if (keep == 0 || keep == chain.size()) return keep;
  const Removals removals = read_removals(work.context().vault, work.folder(), work.stop());
  while (keep < chain.size() && removals.contains(chain[keep - 1].snapshot)) ++keep;
  return keep;
}

GitPart part_of(const Manifest& manifest, const PartName& name) {
  const auto found = manifest.parts.find(name);
  if (found == manifest.parts.end()) throw Error(ErrorKind::corrupt, "a snapshot without a part " + name);
  return git_part(found->second);
}

// Nothing when it cannot be read: then the chain stays long, which costs a restore some time and no more.
std::optional<Foundation> foundation_at(RepositoryWork& work, const PartPlace& place,
                                        const SnapshotId& older) {
  std::optional<GitPart> git;
  try {
    const Manifest manifest =
        work.context().vault.read_manifest(work.folder(), older, {}, work.stop()).manifest;
    git = part_of(manifest, place.name);
    return Foundation::of(older, *git, read_refs(work, *git));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
    work.notice("its chain stays long: " + error.message());
    if (git)
      work.lose_unreadable(git->refs);
    else
      work.lose_manifest(older, "", error);
    return std::nullopt;
  }
}

}  // namespace

Foundation shortened(RepositoryWork& work, const PartPlace& place, const Foundation& last) {
  std::vector<ByteCount> sizes;
  sizes.reserve(last.chain.size());
  for (const Bundle& bundle : last.chain) sizes.push_back(bundle.record.size);
  std::size_t keep = bundles_to_keep(sizes);
  if (keep > 0) keep = std::max(keep, behind_last_filling(last.chain));
  keep = skip_removed(work, last.chain, keep);
  if (keep == sizes.size()) return last;
  if (keep == 0) return {};
  auto shorter = foundation_at(work, place, last.chain[keep - 1].snapshot);
  if (!shorter) return last;
  take_over_proof(last, *shorter);
  return *shorter;
}

}  // namespace hubkeep
