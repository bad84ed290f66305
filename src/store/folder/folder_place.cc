// Everything happens in a folder of its own below the vault's, with a temporary folder and a lock of its own,
// so that neither a vault that is there nor a run into it notices. Folders that had to be made for that are
// removed again, unless somebody has put something into them.
//
// What the file system lacks is tried with the very functions that a backup calls; what each answer means
// stands in file_system_lacks.h.
#include "store/folder/folder_place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/file_lock.h"
#include "base/file_system.h"
#include "base/file_system_lacks.h"
#include "base/text.h"
#include "store/folder/folder_writer.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFolderMode = 0700;  // as all folders of a vault
constexpr mode_t kFileMode = 0600;
constexpr const char* kCallsFolder = "calls";

std::string words_of(int error_number) {
  return std::generic_category().message(error_number);
}

void make_file(int folder, const char* name) {
  const FileDescriptor file(::openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
  if (!file.valid()) throw file_error(errno, "make the file", name);
}

// One call that a file system may lack. What goes wrong otherwise is what a backup would fail with.
PlaceFinding finding_of(std::string thing, const std::function<PlaceFinding(PlaceFinding)>& action) {
  PlaceFinding finding{.thing = std::move(thing)};
  try {
    return action(finding);
  } catch (const Error& error) {
    finding.verdict = PlaceVerdict::missing;
    finding.text = error.message();
    return finding;
  }
}

NewName give(int folder, NewName (*call)(int, const std::string&, int, const std::string&),
             const char* name) {
  make_file(folder, "from");
  const NewName given = call(folder, "from", folder, name);
  if (given != NewName::given) return given;
  make_file(folder, "from");
  // Now the name is taken: one that is given once more would have replaced something.
  if (call(folder, "from", folder, name) == NewName::taken) return NewName::given;
  throw Error(ErrorKind::corrupt, "what was there was replaced, though that was forbidden");
}

PlaceFinding rename_finding(int folder) {
  return finding_of("rename without replacing", [&](PlaceFinding finding) {
    if (give(folder, rename_to_new, "renamed") == NewName::given) return finding;
    finding.verdict = PlaceVerdict::without;
    finding.text = "a new object gets its name by a hard link";
    return finding;
  });
}

PlaceFinding link_finding(int folder) {
  return finding_of("hard links", [&](PlaceFinding finding) {
    if (give(folder, link_to_new, "linked") == NewName::given) return finding;
    finding.verdict = PlaceVerdict::without;
    finding.text = "where a rename may replace too, a new object gets its name under a lock";
    return finding;
  });
}

PlaceFinding sync_file_finding(int folder) {
  return finding_of("fsync of files", [&](PlaceFinding finding) {
    const FileDescriptor file(::openat(folder, "synced", O_WRONLY | O_CREAT | O_CLOEXEC, kFileMode));
    if (!file.valid() || ::fsync(file.get()) != 0) throw file_error(errno, "make durable", "a file");
    return finding;
  });
}

PlaceFinding sync_folder_finding(int folder) {
  return finding_of("fsync of folders", [&](PlaceFinding finding) {
    if (::fsync(folder) == 0) return finding;
    if (!is_lacking(FileCall::sync_folder, errno)) throw file_error(errno, "make durable", "a folder");
    finding.verdict = PlaceVerdict::without;
    finding.text = fmt::format("({}) whether a new name outlives a loss of power is up to the file system",
                               words_of(errno));
    return finding;
  });
}

PlaceFinding case_finding(int folder) {
  return finding_of("upper and lower case", [&](PlaceFinding finding) {
    make_file(folder, "Case");
    struct stat status{};
    if (::fstatat(folder, "case", &status, AT_SYMLINK_NOFOLLOW) != 0) return finding;
    finding.verdict = PlaceVerdict::without;
    finding.text = "names that differ in nothing else are one here: owners that do share a folder";
    return finding;
  });
}

}  // namespace

FolderPlace::FolderPlace(std::string path, std::string name)
    : path_(std::move(path)), aside_(path_ + "/" + name) {}

std::string FolderPlace::description() const {
  return printable(path_);
}

void FolderPlace::make_folders() {
  for (auto end = aside_.find('/', 1);; end = aside_.find('/', end + 1)) {
    const std::string folder = aside_.substr(0, end);
    if (::mkdir(folder.c_str(), kFolderMode) == 0)
      made_.push_back(folder);
    else if (!fs::is_directory(folder))
      throw file_error(errno, "make the folder", folder);
    if (end == std::string::npos) return;
  }
}

FirstLook FolderPlace::look(const std::stop_token&) {
  FirstLook look;
  look.findings.push_back({"file system", PlaceVerdict::ok, describe_file_system(path_)});
  FileDescriptor calls;
  try {
    // As a backup opens a vault that is there: whether it may be written shows at once.
    std::error_code ignored;
    if (fs::is_directory(path_, ignored)) FolderStore(path_, OpenMode::write, {});
    make_folders();
    store_.emplace(aside_, OpenMode::create,
                   [this](const std::string& notice) { notices_.push_back(notice); });
    const std::string folder = aside_ + "/" + kCallsFolder;
    if (::mkdir(folder.c_str(), kFolderMode) != 0) throw file_error(errno, "make the folder", folder);
    calls = FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!calls.valid()) throw file_error(errno, "open the folder", folder);
  } catch (const Error& error) {
    look.findings.push_back({"write to the folder", PlaceVerdict::missing, error.message()});
    look.may_write = false;
    return look;
  }
  look.findings.push_back({"write to the folder", PlaceVerdict::ok,
                           made_.size() > 2 ? "it was not there, and could be made" : ""});
  look.findings.push_back(room());
  for (PlaceFinding (*finding)(int) :
       {rename_finding, link_finding, sync_file_finding, sync_folder_finding, case_finding})
    look.findings.push_back(finding(calls.get()));
  look.findings.push_back(lock());
  return look;
}

PlaceFinding FolderPlace::room() const {
  return finding_of("room", [&](PlaceFinding finding) {
    struct statvfs status{};
    if (::statvfs(aside_.c_str(), &status) != 0) throw file_error(errno, "look at the disk of", aside_);
    if (status.f_blocks == 0)
      return PlaceFinding{finding.thing, PlaceVerdict::not_tried, "the file system does not tell"};
    const ByteCount free = ByteCount{status.f_bavail} * status.f_frsize;
    // Some file systems count no files, and say 0 of 0.
    const bool has_no_files_left = status.f_files > 0 && status.f_favail == 0;
    finding.text = has_no_files_left ? "no files can be made: free some or choose another folder"
                                     : human_size(free) + " free";
    if (free == 0 || has_no_files_left) finding.verdict = PlaceVerdict::missing;
    return finding;
  });
}

// The store has told, when it was opened or now, what keeps two runs apart here if anything does.
PlaceFinding FolderPlace::lock() {
  return finding_of("locks", [&](PlaceFinding finding) {
    FolderRoot root(aside_, OpenMode::create,
                    [this](const std::string& notice) { notices_.push_back(notice); });
    const FolderLock lock = root.lock();
    if (!notices_.empty()) {
      finding.verdict = PlaceVerdict::without;
      finding.text = notices_.front();
    } else if (lock.file) {
      finding.verdict = PlaceVerdict::without;
      finding.text = lock.locked.valid()
                         ? "not by flock() alone, which other machines might not see: by a file"
                         : "not by flock(): by a file";
    }
    return finding;
  });
}

std::vector<PlaceFinding> FolderPlace::learnt() {
  return {};
}

std::vector<std::string> FolderPlace::clean_up(std::span<const ObjectKey>) {
  store_.reset();
  std::vector<std::string> stay;
  std::error_code error;
  if (made_.empty()) return stay;
  // The last one that was made has a name of its own: whatever is in it is ours.
  if (made_.back() == aside_) fs::remove_all(aside_, error);
  if (error) stay.push_back(printable(fmt::format("{}: {}", aside_, error.message())));
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder)
    if (::rmdir(folder->c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
      stay.push_back(printable(fmt::format("{}: {}", *folder, words_of(errno))));
  return stay;
}

}  // namespace hubkeep
