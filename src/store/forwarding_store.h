// The base of stores that stand in front of another one and change one thing about it.
#pragma once

#include <memory>
#include <utility>

#include "store/object_store.h"

namespace hubkeep {

/// Passes everything on.
class ForwardingStore : public ObjectStore {
 public:
  explicit ForwardingStore(std::shared_ptr<ObjectStore> next) : next_(std::move(next)) {}

  using ObjectStore::create;
  using ObjectStore::read;
  using ObjectStore::remove;
  std::string description() const override { return next_->description(); }
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override {
    return next_->create(key, expected);
  }
  ByteCount writer_memory() const override { return next_->writer_memory(); }
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    next_->read(key, offset, length, sink, stop);
  }
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override {
    return next_->read_versioned(key, stop);
  }
  std::optional<ObjectInfo> find(const ObjectKey& key) override { return next_->find(key); }
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    next_->list(prefix, start_after, visit);
  }
  void list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) override {
    next_->list_children(prefix, visit);
  }
  std::string obstacle(const ObjectKey& key) override { return next_->obstacle(key); }
  void list_obstacles(const std::string& prefix, const ObstacleVisitor& visit) override {
    next_->list_obstacles(prefix, visit);
  }
  std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                           const std::stop_token& stop) override {
    return next_->remove(keys, stop);
  }
  Access thaw(const ObjectKey& key, const ThawRequest& request) override { return next_->thaw(key, request); }
  std::optional<LockPlan> lock_plan(UtcTime now) override { return next_->lock_plan(now); }
  void extend_lock(const ObjectKey& key, UtcTime until) override { next_->extend_lock(key, until); }
  Leftovers remove_stale(std::chrono::seconds age) override { return next_->remove_stale(age); }
  std::optional<Leftovers> leftovers() override { return next_->leftovers(); }

 private:
  const std::shared_ptr<ObjectStore> next_;
};

}  // namespace hubkeep
