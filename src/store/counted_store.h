// Counts what is read of a store, for a person who waits for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/counted_sink.h"
#include "store/forwarding_store.h"

namespace hubkeep {

/// Thread-safe. A list is one request however long it is, and so is what is tried again.
struct StoreTraffic {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<ByteCount> bytes = 0;  // of objects
};

class CountedStore final : public ForwardingStore {
 public:
  CountedStore(std::shared_ptr<ObjectStore> next, std::shared_ptr<StoreTraffic> traffic)
      : ForwardingStore(std::move(next)), traffic_(std::move(traffic)) {}

  using ForwardingStore::read;
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override {
    ++traffic_->requests;
    CountedSink counted(sink, [this](ByteCount bytes) { traffic_->bytes += bytes; });
    ForwardingStore::read(key, offset, length, counted, stop);
  }
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override {
    ++traffic_->requests;
    VersionedBytes read = ForwardingStore::read_versioned(key, stop);
    traffic_->bytes += read.bytes.size();
    return read;
  }
  std::optional<ObjectInfo> find(const ObjectKey& key) override {
    ++traffic_->requests;
    return ForwardingStore::find(key);
  }
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override {
    ++traffic_->requests;
    ForwardingStore::list(prefix, start_after, visit);
  }
  void list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) override {
    ++traffic_->requests;
    ForwardingStore::list_children(prefix, visit);
  }

 private:
  const std::shared_ptr<StoreTraffic> traffic_;
};

}  // namespace hubkeep
