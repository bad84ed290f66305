// Bytes go to a file in .tmp, which its writer holds locked; see file_lock.h. commit() then does, in this
// order: fsync of the file, the folders of the key made and durable, the file renamed to its key, fsync of
// its folder. A crash before the rename leaves a temporary file, which the next run removes; after it the
// object is whole. Crash.AKillAtAnyMomentLosesNothing kills runs in between.
//
// What must be absent is published by a rename that replaces nothing, or by a hard link, which need no lock.
// Everything else takes turns (FolderRoot::lock()): compare the version, then rename. So does what must be
// absent where the file system has neither of the two; see file_system_lacks.h. A process that is killed
// while it holds that lock leaves a temporary file or a whole object, and the lock file, which the next one
// removes.
#include "store/folder/folder_writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "base/error.h"
#include "base/file_error.h"
#include "base/file_lock.h"
#include "base/file_system_lacks.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/folder/folder_reader.h"
#include "store/object_key.h"

namespace hubkeep {
namespace {

constexpr ByteCount kFlushSize = ByteCount{8} << 20;

bool is_regular_file(int folder, const std::string& name) {
  struct stat status{};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

bool is_one_file(int folder, const std::string& name, int other_folder, const std::string& other_name) {
  struct stat one{};
  struct stat other{};
  return ::fstatat(folder, name.c_str(), &one, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstatat(other_folder, other_name.c_str(), &other, AT_SYMLINK_NOFOLLOW) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino && one.st_nlink > 1;
}

NewName new_name_result(FileCall call, int result) {
  if (result == 0) return NewName::given;
  if (errno == EEXIST) return NewName::taken;
  if (is_lacking(call, errno)) return NewName::unsupported;
  throw file_error(errno, "rename", "a temporary file");
}

}  // namespace

NewName rename_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  return new_name_result(FileCall::rename_to_new,
                         ::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE));
}

// A hard link fails as well where the name is taken, and works on file systems where RENAME_NOREPLACE does
// not. Over NFS the answer to a call that went well may be lost; the call is then repeated, and finds the
// name taken by itself (open(2), O_EXCL).
NewName link_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  auto result =
      new_name_result(FileCall::link, ::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0));
  if (result == NewName::taken && is_one_file(from_folder, from, to_folder, to)) result = NewName::given;
  if (result == NewName::given) ::unlinkat(from_folder, from.c_str(), 0);
  return result;
}

std::optional<std::string> version_of(int folder, const std::string& name, std::string_view path) {
  const FileDescriptor file = open_object(folder, name, path);
  if (!file.valid()) return std::nullopt;
  Hasher hasher(HashKind::sha256);
  read_range(file.get(), {.offset = 0, .length = {}}, hasher, path, {});
  return to_hex(hasher.finish());
}

FolderWriter::FolderWriter(FolderRoot& root, ObjectKey key)
    : root_(root),
      key_(std::move(key)),
      folder_(root.temporary_folder()),
      temporary_name_(last_component(key_)),
      file_(make_locked_file(folder_.get(), temporary_name_)) {
  if (!file_.valid()) throw file_error(errno, "make a temporary file for", path());
  // A share may refuse a name that a disk takes ("con", "aux.1", what is too long): said before the first
  // byte.
  if (!root_.is_local()) root_.make_folder(folder_of(key_));
}

// After a commit the name is empty: it is the object's by then.
FolderWriter::~FolderWriter() {
  if (!temporary_name_.empty()) ::unlinkat(folder_.get(), temporary_name_.c_str(), 0);
}

void FolderWriter::write(std::string_view bytes) {
  if (pending_.size() + bytes.size() < kPendingSize) {
    pending_ += bytes;
    return;
  }
  write_through(pending_);
  pending_.clear();
  if (bytes.size() < kPendingSize) {
    pending_ += bytes;
  } else {
    write_through(bytes);
  }
}

void FolderWriter::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_error(errno, "write", path());
    bytes.remove_prefix(static_cast<std::size_t>(count));
    written_ += static_cast<ByteCount>(count);
  }
  if (written_ - flushed_ < kFlushSize) return;
  // Lets the device work while the network does, so that fsync at the end has little left. Failure means no
  // harm.
  ::sync_file_range(file_.get(), static_cast<off_t>(flushed_), static_cast<off_t>(written_ - flushed_),
                    SYNC_FILE_RANGE_WRITE);
  flushed_ = written_;
}

CommitResult FolderWriter::commit(const Precondition& precondition) {
  write_through(pending_);
  pending_.clear();
  if (::fsync(file_.get()) != 0) throw file_error(errno, "make durable", path());
  const auto folder = folder_of(key_);
  const FileDescriptor target = root_.make_folder(folder);
  root_.make_durable(folder);
  const auto result = with_context(printable(path()), [&] { return publish(target.get(), precondition); });
  if (result == CommitResult::committed) {
    temporary_name_.clear();
    sync_folder(target.get(), root_.path_of(folder));
  }
  return result;
}

CommitResult FolderWriter::publish(int target, const Precondition& precondition) {
  const std::string name(last_component(key_));
  // Another run on another machine may have taken it for a dead writer's; renaming would then fail with a
  // word about the wrong file. See FolderStoreTest.SaysWhenAnotherRunHasTakenItsTemporaryFile.
  if (!is_regular_file(folder_.get(), temporary_name_)) {
    throw Error(ErrorKind::internal, "its temporary file is gone: has another run removed it?");
  }
  return precondition.kind == Precondition::Kind::absent ? publish_new(target, name)
                                                         : replace(target, name, precondition);
}

CommitResult FolderWriter::publish_new(int target, const std::string& name) {
  auto result = rename_to_new(folder_.get(), temporary_name_, target, name);
  if (result == NewName::unsupported) result = link_to_new(folder_.get(), temporary_name_, target, name);
  if (result == NewName::given) return CommitResult::committed;
  if (result == NewName::taken && is_regular_file(target, name)) return CommitResult::precondition_failed;
  return put_where_no_file_is(target, name);
}

// The way where neither a rename nor a link can be exclusive (result: unsupported), and the way past an
// obstacle. Of a link, the link itself goes, not what it points at.
// A rename replaces a link or pipe, but not a folder: then it fails, and says so. See
// FolderStoreTest.PutsANewObjectInTheirPlaceButNotInAFolders.
CommitResult FolderWriter::put_where_no_file_is(int target, const std::string& name) {
  const FolderLock lock = root_.lock();
  if (is_regular_file(target, name)) return CommitResult::precondition_failed;
  lock.check();
  rename_over(target, name);
  return CommitResult::committed;
}

void FolderWriter::rename_over(int target, const std::string& name) {
  if (::renameat(folder_.get(), temporary_name_.c_str(), target, name.c_str()) != 0)
    throw file_error(errno, "write", path());
}

CommitResult FolderWriter::replace(int target, const std::string& name, const Precondition& precondition) {
  const FolderLock lock = root_.lock();
  if (precondition.kind == Precondition::Kind::unchanged &&
      version_of(target, name, path()) != std::optional(precondition.version)) {
    return CommitResult::precondition_failed;
  }
  lock.check();
  rename_over(target, name);
  return CommitResult::committed;
}

}  // namespace hubkeep
