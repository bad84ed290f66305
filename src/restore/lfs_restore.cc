// lfs/objects/aa/bb/OID, as git-lfs names them (git-lfs, docs/spec.md). An object that is there with its size
// is not read: whoever writes one there, git-lfs or hubkeep, gives it that name when it is whole. One of
// another size is no such object, and git-lfs would fetch it again as well.
#include "restore/lfs_restore.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "git/lfs_pointers.h"
#include "localgit/lfs_files.h"
#include "restore/fetch_files.h"
#include "restore/workshop.h"
#include "vault/lfs_part.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

class LfsRestore final : public PartRestore {
 public:
  explicit LfsRestore(const PartRestoreWork& work)
      : work_(work),
        part_(work.manifest.parts.at(PartName(kLfsPart))),
        folder_(git_folder_in(work.repository, work.kind) / "lfs") {}

  std::string_view name() const override { return kLfsPart; }

  bool is_of_repository() const override { return true; }

  ByteCount disk_needed() override {
    find_objects();
    ByteCount size = 0;
    for (const LfsPointer& object : missing_) size += object.size;
    return size;
  }

  void run(PartRestored& result) override {
    result.folder = work_.repository;
    check_disk("restoring the objects of Git LFS", folder_, disk_needed());
    result.files = here_;
    fetch(result);
    name_what_the_vault_lacks(result);
    if (work_.kind == RepositoryKind::work_tree) put_files(result);
  }

 private:
  fs::path file_of(const LfsPointer& object) const {
    return folder_ / "objects" / object.oid.substr(0, 2) / object.oid.substr(2, 2) / object.oid;
  }

  void find_objects() {
    if (is_known_) return;
    missing_.clear();
    here_ = 0;
    visit_objects(part_, read_lists(work_.vault.objects(), work_.folder, work_.stop),
                  [&](const ObjectRecord& record) {
                    const auto oid = lfs_oid_of(record.key);
                    if (!oid) return;
                    const LfsPointer object{.oid = *oid, .size = record.size};
                    if (record.sha256 != *oid || record.encoding != "identity")
                      throw Error(ErrorKind::corrupt, "not an object of Git LFS: " + printable(record.key));
                    if (is_there(file_of(object), object.size))
                      ++here_;
                    else
                      missing_.push_back(object);
                  });
    is_known_ = true;
  }

  void fetch(PartRestored& result) {
    if (missing_.empty()) return;
    FileFetcher fetcher(work_, folder_ / "tmp", FileInTheWay::replaced, result);
    for (const LfsPointer& object : missing_)
      fetcher.add({.record = record_of(object.oid, {.size = object.size}),
                   .file = file_of(object),
                   .name = object.oid});
    fetcher.finish();
  }

  void name_what_the_vault_lacks(PartRestored& result) const {
    try {
      for (const LackingLfs& lacking :
           read_lfs_cursor(work_.vault.objects(), work_.folder, lfs_part(part_).cursor, work_.stop)) {
        if (!is_there(file_of({lacking.oid, lacking.size}), lacking.size))
          result.never_had.add(lacking.oid, reason_of(lacking));
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found &&
          error.kind() != ErrorKind::cold)
        throw;
      work_.notice(
          fmt::format("it is not known which objects of Git LFS the vault lacks: {}", error.message()));
    }
  }

  void put_files(PartRestored& result) const {
    const LfsFiles files = put_lfs_files(
        work_.repository,
        [&](const LfsPointer& object) -> std::optional<fs::path> {
          if (!is_there(file_of(object), object.size)) return std::nullopt;
          return file_of(object);
        },
        work_.stop);
    result.written = files.written;
    for (const NotWritten& file : files.not_written.named) result.lacks.add(file.path, file.why);
    result.lacks.count += files.not_written.count - files.not_written.named.size();
    if (files.pointers == 0) return;
    work_.notice(fmt::format("{} of the work tree {} of Git LFS, whose content is not there",
                             count_of(files.pointers, "file"),
                             files.pointers == 1 ? "stays a pointer" : "stay pointers"));
  }

  const PartRestoreWork& work_;
  const Part& part_;
  const fs::path folder_;
  std::vector<LfsPointer> missing_;
  std::uint64_t here_ = 0;
  bool is_known_ = false;  // what is here, and what is missing
};

}  // namespace

std::unique_ptr<PartRestore> lfs_restore(const PartRestoreWork& work) {
  return std::make_unique<LfsRestore>(work);
}

}  // namespace hubkeep
