#include "restore/wiki_restore.h"

#include <fmt/format.h>

#include "restore/already_there.h"
#include "restore/restore_repository.h"

namespace hubkeep {
namespace {

constexpr std::string_view kWiki = "wiki";

class WikiRestore final : public PartRestore {
 public:
  explicit WikiRestore(const PartRestoreWork& work)
      : work_(work),
        git_(git_part(work.manifest.parts.at(PartName(kWiki)))),
        target_{.folder = work.beside(work.kind == RepositoryKind::work_tree ? ".wiki" : ".wiki.git"),
                .temp_dir = work.temp_dir,
                .kind = work.kind,
                .part = PartName(kWiki),
                .memory = work.memory,
                .notice = work.notice} {}

  std::string_view name() const override { return kWiki; }
  ByteCount disk_needed() override { return is_done() ? 0 : hubkeep::disk_needed(git_, work_.kind); }

  void run(PartRestored& result) override {
    result.folder = target_.folder;
    if (!git_.left_out.empty()) work_.notice(fmt::format("wiki: {}", describe(git_.left_out)));
    if (is_done()) {
      remove_left_over(target_);
    } else {
      result.lacks =
          restore_repository(work_.vault, work_.folder, work_.manifest, target_, work_.received, work_.stop);
      result.fetched = 1;
    }
    result.files = 1;
  }

 private:
  bool is_done() const {
    return is_restored(target_.folder, work_.kind,
                       [&] { return restored_state(work_.vault, work_.folder, git_, target_, work_.stop); });
  }

  const PartRestoreWork& work_;
  const GitPart git_;
  const RestoreTarget target_;
};

}  // namespace

std::unique_ptr<PartRestore> wiki_restore(const PartRestoreWork& work) {
  return std::make_unique<WikiRestore>(work);
}

}  // namespace hubkeep
