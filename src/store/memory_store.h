// A store in memory, for tests: it keeps its contract like the others, is fast, and is gone with its process.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "store/object_store.h"

namespace hubkeep {

/// Keeps a reference to `clock`, by which its objects are dated. Keys do not stand in each other's way, as in
/// a bucket: "a" and "a/b" may both be objects. A version is the number of a commit.
class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(Clock& clock) : clock_(clock), content_(std::make_shared<Content>()) {}

  using ObjectStore::create;
  using ObjectStore::read;
  using ObjectStore::remove;
  std::string description() const override { return "memory"; }
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override;
  ByteCount writer_memory() const override { return 0; }
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override;
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override;
  std::optional<ObjectInfo> find(const ObjectKey& key) override;
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override;
  void list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) override;
  std::string obstacle(const ObjectKey&) override { return {}; }
  void list_obstacles(const std::string&, const ObstacleVisitor&) override {}
  std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                           const std::stop_token& stop) override;
  Access thaw(const ObjectKey&, const ThawRequest&) override { return Access::at_once; }
  std::optional<LockPlan> lock_plan(UtcTime) override { return std::nullopt; }
  void extend_lock(const ObjectKey& key, UtcTime) override { throw has_no_locks(key); }
  /// A writer that is gone has left nothing; those that live are `left`.
  Leftovers remove_stale(std::chrono::seconds age) override;
  std::optional<Leftovers> leftovers() override { return remove_stale({}); }

 private:
  class Writer;
  struct Object {
    std::shared_ptr<const std::string> bytes;  // shared with whoever reads it
    std::string version;
    UtcTime modified;
  };
  struct Content {
    std::mutex mutex;  // guards the others
    std::map<ObjectKey, Object> objects;
    int writers = 0;  // that have written and not committed
    std::uint64_t commits = 0;
  };

  Object object(const ObjectKey& key) const;

  Clock& clock_;
  const std::shared_ptr<Content> content_;  // shared with the writers
};

}  // namespace hubkeep
