// One object on its way into a folder: a temporary file that gets its name when it is whole.
#pragma once

#include <string>

#include "store/folder/folder_root.h"
#include "store/object_store.h"

namespace hubkeep {

constexpr std::size_t kPendingSize = std::size_t{32} << 10;  // what a writer collects before it writes

class FolderWriter final : public ObjectWriter {
 public:
  /// `root` must outlive the writer, `key` be valid.
  FolderWriter(FolderRoot& root, ObjectKey key);
  ~FolderWriter() override;
  void write(std::string_view bytes) override;
  CommitResult commit(const Precondition& precondition) override;

 private:
  void write_through(std::string_view bytes);
  /// Gives the file its name in `target`.
  CommitResult publish(int target, const Precondition& precondition);
  CommitResult publish_new(int target, const std::string& name);
  CommitResult put_where_no_file_is(int target, const std::string& name);
  CommitResult replace(int target, const std::string& name, const Precondition& precondition);
  void rename_over(int target, const std::string& name);
  std::string path() const { return root_.path_of(key_); }

  FolderRoot& root_;
  const ObjectKey key_;
  FileDescriptor folder_;       // where the temporary file is
  std::string temporary_name_;  // empty when there is nothing to take back
  FileDescriptor file_;         // locked as long as its writer lives
  std::string pending_;         // small writes, until they are worth a system call
  ByteCount written_ = 0;
  ByteCount flushed_ = 0;  // up to here the kernel has been told to write to the device
};

enum class NewName { taken, given, unsupported };

/// Renames a file unless the new name exists, in one step. `unsupported` where the file system cannot do
/// that.
NewName rename_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to);
/// The same for file systems without such a rename, by a second name for the file.
NewName link_to_new(int from_folder, const std::string& from, int to_folder, const std::string& to);

/// SHA-256 of a file's content; nothing when there is no file. The version of an object in a folder.
std::optional<std::string> version_of(int folder, const std::string& name, std::string_view path);

}  // namespace hubkeep
