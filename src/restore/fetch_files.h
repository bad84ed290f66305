// Objects of a vault that become files of their own, each of which is worth having without the others: what
// cannot be brought is named, and the rest comes. A file has its name when it is whole and on the disk.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "restore/part_restore.h"
#include "restore/work_place.h"
#include "vault/object_record.h"

namespace hubkeep {

struct FileToRestore {
  ObjectRecord record;
  std::filesystem::path file;
  std::string name;  // for people, if it cannot be brought
};

/// Of files in folders that keep others out, where it is needed; less the umask.
constexpr unsigned kUsualMode = 0666;

/// What becomes of another file that has the name already.
enum class FileInTheWay {
  left_alone,  // it is somebody's
  replaced,    // by its name it is to be what is brought
};

/// Whether a file of that size is there. It has its name since it was whole, so that nothing is read.
bool is_there(const std::filesystem::path& file, ByteCount size);

/// For the user alone, unless the repository is public: one that is there already has to be the user's own,
/// and no link. Throws Error(forbidden).
void make_folder(const std::filesystem::path& folder, bool is_public);

/// Files come a batch at a time, several pieces at once. One thread.
class FileFetcher {
 public:
  /// In `staging`, on the disk where they are to go, files are until they are whole. `result` outlives it.
  FileFetcher(const PartRestoreWork& work, const std::filesystem::path& staging, FileInTheWay in_the_way,
              PartRestored& result);

  /// What is there already counts, and is not read. Throws Error: what reading throws but for single objects
  /// that are lost, damaged or archived; as file_error() says; cancelled.
  void add(FileToRestore file);
  /// Called once, last.
  void finish();

 private:
  struct Waiting {
    FileToRestore wanted;
    std::filesystem::path staged;
  };

  void fetch_batch();
  void fetch_each();
  void settle();

  const PartRestoreWork& work_;
  const WorkPlace staging_;
  const FileInTheWay in_the_way_;
  PartRestored& result_;
  std::vector<Waiting> batch_;
  std::set<std::filesystem::path> folders_;  // that have new names
};

}  // namespace hubkeep
