// A store of one object that can be read and nothing else: what a parser of the vault's objects needs.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "store/object_store.h"

namespace hubkeep::fuzz {

class OneObjectStore final : public ObjectStore {
 public:
  OneObjectStore(ObjectKey key, std::string_view bytes) : key_(std::move(key)), bytes_(bytes) {}

  std::string description() const override { return "memory"; }
  ByteCount writer_memory() const override { return 0; }
  std::unique_ptr<ObjectWriter> create(const ObjectKey&) override { refuse(); }
  void read(const ObjectKey& key, ByteCount, std::optional<ByteCount>, ByteSink& sink,
            const std::stop_token&) override {
    require_key(key);
    sink.write(bytes_);
  }
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token&) override {
    require_key(key);
    return {std::string(bytes_), "1"};
  }
  std::optional<ObjectInfo> find(const ObjectKey&) override { return std::nullopt; }
  void list(const std::string&, const std::string&, const std::function<bool(const ObjectInfo&)>&) override {}
  void list_children(const std::string&, const std::function<bool(std::string_view)>&) override {}
  void remove(const ObjectKey&) override { refuse(); }
  Leftovers remove_stale(std::chrono::seconds) override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw Error(ErrorKind::forbidden, "this store is only read"); }
  void require_key(const ObjectKey& key) const {
    if (key != key_) throw Error(ErrorKind::not_found, "there is nothing else in this store");
  }

  ObjectKey key_;
  std::string_view bytes_;
};

}  // namespace hubkeep::fuzz
