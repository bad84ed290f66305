#include "vault/object_record.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/crc32.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/object_key.h"
#include "vault/json_integer.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

void check_record_key(const std::string& key) {
  if (is_valid_key(key.starts_with('/') ? std::string_view(key).substr(1) : key)) return;
  throw Error(ErrorKind::corrupt, "a manifest names an object that no vault can hold: " + printable(key));
}

std::uint32_t crc32_from_json(const nlohmann::ordered_json& json) {
  constexpr std::size_t kDigits = 8;
  const auto& text = json.get_ref<const std::string&>();
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != kDigits || error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "not a CRC-32: " + printable(text));
  return value;
}

}  // namespace

nlohmann::ordered_json to_json(const ObjectRecord& record) {
  nlohmann::ordered_json json = {
      {"key", record.key}, {"size", record.size}, {"sha256", record.sha256}, {"encoding", record.encoding}};
  if (record.crc32) json["crc32"] = fmt::format("{:08x}", *record.crc32);
  return json;
}

ObjectRecord object_record_from_json(const nlohmann::ordered_json& json) {
  ObjectRecord record{.key = json.at("key"),
                      .size = integer_from_json<ByteCount>(json.at("size")),
                      .sha256 = json.at("sha256"),
                      .encoding = json.at("encoding")};
  if (json.contains("crc32")) record.crc32 = crc32_from_json(json.at("crc32"));
  check_record_key(record.key);
  if (record.encoding != "identity" && record.encoding != "zstd") {
    throw UnknownToThisVersion(
        fmt::format("the encoding {} of the object {}", printable(record.encoding), printable(record.key)));
  }
  return record;
}

ObjectKey resolve_key(const std::string& folder, const std::string& record_key) {
  return record_key.starts_with('/') ? record_key.substr(1) : folder + record_key;
}

void RecordingSink::write(std::string_view bytes) {
  hasher_.write(bytes);
  crc32_ = crc32_of(bytes, crc32_);
  size_ += bytes.size();
}

ObjectRecord RecordingSink::finish(std::string key, std::string encoding) {
  return {.key = std::move(key),
          .size = size_,
          .sha256 = to_hex(hasher_.finish()),
          .encoding = std::move(encoding),
          .crc32 = crc32_};
}

}  // namespace hubkeep
