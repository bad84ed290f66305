// The packs of a history as one source of objects. A thin pack finds its bases in older packs only, as it was
// made: so no pack, however it lies, leads around in a circle.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pack/pack_reader.h"

namespace hubkeep {

/// Thread-safe, but for add(): objects are made one at a time.
class PackChain final : public ObjectSource {
 public:
  explicit PackChain(ObjectFormat format, ByteCount cache = ByteCount{32} << 20,
                     ByteCount largest_object = kLargestObjectToMake)
      : format_(format), largest_object_(largest_object), cache_(cache) {}

  ObjectFormat format() const { return format_; }
  std::size_t packs() const { return packs_.size(); }
  /// Objects; those in two packs count twice.
  std::size_t size() const;

  /// Newest pack first. Throws Error(corrupt) for what is no index.
  void add(std::string index, std::unique_ptr<ByteSource> pack);
  /// The same of a pack that is newer than those that are there.
  void add_newer(std::string index, std::unique_ptr<ByteSource> pack);

  bool contains(const Oid& oid) const override;
  /// Throws as PackReader::read() does.
  std::optional<GitObject> read(const Oid& oid, const std::stop_token& stop) override;
  std::optional<ByteCount> size_of(const Oid& oid, const std::stop_token& stop);

  /// Each object of each pack: one that is in two is named twice.
  void for_each_name(const std::function<void(const Oid&)>& found) const;
  /// The names that begin with these hexadecimal digits, each once, at most `most`.
  std::vector<Oid> find_abbreviated(std::string_view hex, std::size_t most) const;
  /// Reads where these objects begin, in as few pieces as they lie in, when the sources keep what was read.
  /// Those that are not there are passed over.
  void read_ahead(const std::vector<Oid>& oids, const std::stop_token& stop);

 private:
  struct Pack {
    Pack(std::string index_bytes, std::unique_ptr<ByteSource> pack, PackChain& chain)
        : bytes(std::move(index_bytes)),
          source(std::move(pack)),
          reader(PackIndex(bytes, chain.format_), *source, chain.cache_, chain.largest_object_) {}
    const std::string bytes;
    const std::unique_ptr<ByteSource> source;
    PackReader reader;
  };
  class Older;

  std::optional<GitObject> read_from(std::size_t first, const Oid& oid, const std::stop_token& stop);

  const ObjectFormat format_;
  const ByteCount largest_object_;
  std::mutex mutex_;  // guards what readers and sources keep
  BaseCache cache_;
  std::vector<std::unique_ptr<Pack>> packs_;  // newest first
};

}  // namespace hubkeep
