#include "restore/mirror_restore.h"

#include "restore/restore_repository.h"

namespace hubkeep {

RefState restore_mirror(const PartRestoreWork& work, const std::filesystem::path& folder) {
  const RestoreTarget target{.folder = folder,
                             .temp_dir = work.temp_dir,
                             .kind = RepositoryKind::mirror,
                             .memory = work.memory,
                             .notice = work.notice};
  restore_repository(work.vault, work.folder, work.manifest, target, work.received, work.stop);
  return restored_state(work.vault, work.folder, git_part(work.manifest.parts), target, work.stop);
}

}  // namespace hubkeep
