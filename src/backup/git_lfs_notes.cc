#include "backup/git_lfs_notes.h"

#include <algorithm>

#include "backup/repository_work.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

bool saves_lfs(const RepositoryWork& work) {
  return std::any_of(work.parts().begin(), work.parts().end(),
                     [](const auto& part) { return part->name() == kLfsPart; });
}

}  // namespace

void note_lfs(RepositoryWork& work, const PartPlace& place, const Bundle& bundle,
              const LfsPointers& pointers) {
  if (place.name != kGitPart || pointers.may_be_more() || !saves_lfs(work)) return;
  // Beyond that the vault tells, one bundle after the other.
  std::size_t told = pointers.count();
  for (const auto& [of, known] : work.lfs_found()) told += known.size();
  if (told > LfsPointers::kMost) return;
  // A proof that begins anew reads a bundle again.
  if (!work.lfs_found().contains(bundle.snapshot)) work.note_lfs(bundle.snapshot, pointers.list());
}

}  // namespace hubkeep
