// A store in a folder: an object is a file whose path below the folder is its key. Unfinished files are in
// .tmp.
#pragma once

#include "store/folder/folder_root.h"
#include "store/object_store.h"

namespace hubkeep {

/// Whole files only: written to .tmp, fsync, rename, fsync of the folders. A version is the SHA-256 of the
/// content; replacing takes turns by FolderRoot::lock(). What is below the folder and is no regular file
/// under a valid key (symbolic links above all) is not listed, and in the way of a key it is Error(invalid).
class FolderStore final : public ObjectStore {
 public:
  /// See FolderRoot.
  FolderStore(std::string path, OpenMode mode, std::function<void(const std::string&)> notice = {})
      : root_(std::move(path), mode, std::move(notice)) {}

  using ObjectStore::create;
  using ObjectStore::read;
  using ObjectStore::remove;
  std::string description() const override { return root_.path(); }
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override;
  ByteCount writer_memory() const override;
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override;
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override;
  std::optional<ObjectInfo> find(const ObjectKey& key) override;
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override;
  void list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) override;
  std::string obstacle(const ObjectKey& key) override;
  void list_obstacles(const std::string& prefix, const ObstacleVisitor& visit) override;
  std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                           const std::stop_token& stop) override;
  /// Every file is at hand, and none is locked.
  Access thaw(const ObjectKey&, const ThawRequest&) override { return Access::at_once; }
  std::optional<LockPlan> lock_plan(UtcTime) override { return std::nullopt; }
  void extend_lock(const ObjectKey& key, UtcTime) override { throw has_no_locks(key); }
  Leftovers remove_stale(std::chrono::seconds age) override;
  std::optional<Leftovers> leftovers() override;

 private:
  FileDescriptor open(const ObjectKey& key);
  void remove_file(const ObjectKey& key);
  bool list_folder(const std::string& prefix, const std::string& start_after,
                   const std::function<bool(const ObjectInfo&)>& visit) const;
  bool has_objects(const std::string& prefix) const;

  FolderRoot root_;
};

}  // namespace hubkeep
