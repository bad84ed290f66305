// The one kind of record that names an object, wherever one is named.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "crypto/hash.h"
#include "store/object_store.h"

namespace hubkeep {

struct ObjectRecord {
  std::string key;     // relative to the repository's folder, or from the vault's root with a leading '/'
  ByteCount size = 0;  // of the stored bytes, as is sha256
  std::string sha256;
  std::string encoding;  // "identity" or "zstd"
  /// Of the stored bytes: what S3 keeps as a checksum, so that a store can be asked without reading. Older
  /// versions did not write it.
  std::optional<std::uint32_t> crc32 = {};

  friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

nlohmann::ordered_json to_json(const ObjectRecord& record);
/// Throws Error: invalid for an encoding that this version does not know, whose message begins a sentence
/// about it; corrupt, also for a key that leads elsewhere.
ObjectRecord object_record_from_json(const nlohmann::ordered_json& json);

/// The key in the store of an object that a manifest below `folder` names.
ObjectKey resolve_key(const std::string& folder, const std::string& record_key);

/// Sees an object's stored bytes pass and says what they were.
class RecordingSink final : public ByteSink {
 public:
  void write(std::string_view bytes) override;
  /// Called once, last.
  ObjectRecord finish(std::string key, std::string encoding);

 private:
  Hasher hasher_{HashKind::sha256};
  std::uint32_t crc32_ = 0;
  ByteCount size_ = 0;
};

/// What is under `key` is what was written, by its size and its checksum or, where the store keeps none,
/// its bytes; or Error: corrupt where it is not, transient where nothing is there.
void require_written(ObjectStore& store, const ObjectKey& key, const ObjectRecord& written,
                     const std::stop_token& stop);

/// Commits what is written once under `key`: false when it was there already, with the same bytes, so that
/// another run or copy was first. The store's word that it is there is believed after require_written().
/// Throws Error.
bool commit_once(ObjectStore& store, const ObjectKey& key, ObjectWriter& writer, const ObjectRecord& written,
                 const std::stop_token& stop);

/// Writes one new object and says what was written. Nothing stays without commit(). One thread.
class RecordedWriter final : public ByteSink {
 public:
  RecordedWriter(ObjectStore& store, const std::string& folder, std::string record_key, std::string encoding);
  ~RecordedWriter() override;
  void write(std::string_view bytes) override;
  /// Throws Error, as commit_once() does.
  [[nodiscard]] ObjectRecord commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Streams an object's stored bytes into `sink` and checks them. Throws Error(corrupt) when size or SHA-256
/// differ, and Error(not_found) when it is missing, naming the key. `sink` has then seen bytes that must not
/// be used.
void read_checked(ObjectStore& store, const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                  const std::stop_token& stop);

}  // namespace hubkeep
