// The one kind of record that names an object, wherever one is named.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/byte_sink.h"
#include "crypto/hash.h"
#include "store/object_info.h"

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

}  // namespace hubkeep
