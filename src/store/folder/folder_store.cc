// Keys are listed in their byte order although folders are not: "a.b" sorts before "a/b", so a folder takes
// its place as if its name ended with '/'. Whole folders before `start_after` are not opened.
#include "store/folder/folder_store.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "base/error.h"
#include "base/file_error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/folder/folder_leftovers.h"
#include "store/folder/folder_reader.h"
#include "store/folder/folder_writer.h"
#include "store/object_key.h"
#include "store/remove_each.h"

namespace hubkeep {
namespace {

std::string_view folder_of_prefix(std::string_view prefix) {
  return prefix.empty() ? prefix : prefix.substr(0, prefix.size() - 1);
}

/// Whether all keys that begin with `prefix` are at most `start_after`.
bool lies_before(const std::string& prefix, const std::string& start_after) {
  return prefix < start_after && !start_after.starts_with(prefix);
}

}  // namespace

FileDescriptor FolderStore::open(const ObjectKey& key) {
  check_key(key);
  const auto folder = root_.find_folder(folder_of(key));
  FileDescriptor file;
  if (folder) file = open_object(folder->get(), std::string(last_component(key)), root_.path_of(key));
  if (file.valid()) return file;
  const std::string path = printable(root_.path_of(key));
  const std::string what = obstacle(key);
  throw Error(ErrorKind::not_found,
              what.empty() ? "there is no " + path : fmt::format("{} is {}, not a file", path, what));
}

std::string FolderStore::obstacle(const ObjectKey& key) {
  check_key(key);
  const auto folder = root_.find_folder(folder_of(key));
  return folder ? std::string(obstacle_at(folder->get(), std::string(last_component(key)))) : std::string();
}

void FolderStore::list_obstacles(const std::string& prefix, const ObstacleVisitor& visit) {
  check_prefix(prefix);
  const auto folder = root_.find_folder(folder_of_prefix(prefix));
  if (!folder) return;
  const std::string path = root_.path_of(prefix);
  for (const auto& name : obstacle_names(folder->get(), prefix, path))
    visit(prefix + name, obstacle_at(folder->get(), name));
  for (const auto& name : sorted_names(folder->get(), prefix, path))
    if (name.ends_with('/')) list_obstacles(prefix + name, visit);
}

std::unique_ptr<ObjectWriter> FolderStore::create(const ObjectKey& key, std::optional<ByteCount>) {
  check_key(key);
  return std::make_unique<FolderWriter>(root_, key);
}

ByteCount FolderStore::writer_memory() const {
  return kPendingSize;
}

void FolderStore::read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length,
                       ByteSink& sink, const std::stop_token& stop) {
  const FileDescriptor file = open(key);
  read_range(file.get(), {.offset = offset, .length = length}, sink, root_.path_of(key), stop);
}

// Times and inodes tell versions apart on some file systems only; the content does on all.
VersionedBytes FolderStore::read_versioned(const ObjectKey& key, const std::stop_token& stop) {
  const FileDescriptor file = open(key);
  StringSink content(kMaxReadWhole, printable(root_.path_of(key)));
  read_range(file.get(), {}, content, root_.path_of(key), stop);
  VersionedBytes result{.bytes = content.take(), .version = {}};
  result.version = sha256_hex(result.bytes);
  return result;
}

std::optional<ObjectInfo> FolderStore::find(const ObjectKey& key) {
  check_key(key);
  const auto folder = root_.find_folder(folder_of(key));
  if (!folder) return std::nullopt;
  return object_info(folder->get(), std::string(last_component(key)), key);
}

void FolderStore::list(const std::string& prefix, const std::string& start_after,
                       const std::function<bool(const ObjectInfo&)>& visit) {
  check_prefix(prefix);
  list_folder(prefix, start_after, visit);
}

bool FolderStore::list_folder(const std::string& prefix, const std::string& start_after,
                              const std::function<bool(const ObjectInfo&)>& visit) const {
  if (lies_before(prefix, start_after)) return true;
  const auto folder = root_.find_folder(folder_of_prefix(prefix));
  if (!folder) return true;
  for (const auto& name : sorted_names(folder->get(), prefix, root_.path_of(prefix))) {
    const std::string key = prefix + name;
    if (name.ends_with('/')) {
      if (!list_folder(key, start_after, visit)) return false;
    } else if (key > start_after) {
      const auto info = object_info(folder->get(), name, key);
      if (info && !visit(*info)) return false;  // without info: removed meanwhile
    }
  }
  return true;
}

// Empty folders stay behind when their last object is removed, and a bucket knows none: they are no children.
bool FolderStore::has_objects(const std::string& prefix) const {
  return !list_folder(prefix, {}, [](const ObjectInfo&) { return false; });
}

void FolderStore::list_children(const std::string& prefix,
                                const std::function<bool(std::string_view)>& visit) {
  check_prefix(prefix);
  const auto folder = root_.find_folder(folder_of_prefix(prefix));
  if (!folder) return;
  for (const auto& name : sorted_names(folder->get(), prefix, root_.path_of(prefix))) {
    if (name.ends_with('/') && !has_objects(prefix + name)) continue;
    if (!visit(name)) return;
  }
}

std::vector<std::optional<Error>> FolderStore::remove(std::span<const ObjectKey> keys,
                                                      const std::stop_token& stop) {
  check_keys(keys);
  return remove_each(keys, stop, [&](const ObjectKey& key) { remove_file(key); });
}

void FolderStore::remove_file(const ObjectKey& key) {
  const auto folder = root_.find_folder(folder_of(key));
  if (!folder) return;
  const std::string name(last_component(key));
  if (::unlinkat(folder->get(), name.c_str(), 0) == 0 || errno == ENOENT || errno == EISDIR) return;
  throw file_error(errno, "remove", root_.path_of(key));
}

Leftovers FolderStore::remove_stale(std::chrono::seconds age) {
  const FileDescriptor folder = root_.temporary_folder();
  return remove_leftovers(folder.get(), root_.path_of(kTemporaryFolder), age);
}

std::optional<Leftovers> FolderStore::leftovers() {
  const auto folder = root_.find_folder(kTemporaryFolder);
  return folder ? count_leftovers(folder->get(), root_.path_of(kTemporaryFolder)) : Leftovers{};
}

}  // namespace hubkeep
