#include "git/oid.h"

#include <cstring>

namespace hubkeep {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string_view to_string(ObjectFormat format) {
  return format == ObjectFormat::sha1 ? "sha1" : "sha256";
}

std::optional<ObjectFormat> parse_object_format(std::string_view text) {
  if (text == "sha1") return ObjectFormat::sha1;
  if (text == "sha256") return ObjectFormat::sha256;
  return std::nullopt;
}

std::optional<Oid> Oid::parse(std::string_view hex) {
  Oid oid;
  if (hex.size() == hex_size(ObjectFormat::sha256)) {
    oid.format_ = ObjectFormat::sha256;
  } else if (hex.size() != hex_size(ObjectFormat::sha1)) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    oid.bytes_[i / 2] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return oid;
}

Oid Oid::from_raw(std::string_view raw, ObjectFormat format) {
  Oid oid;
  oid.format_ = format;
  std::memcpy(oid.bytes_.data(), raw.data(), raw_size(format));
  return oid;
}

std::string Oid::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(hex_size(format_));
  for (std::size_t i = 0; i < raw_size(format_); ++i) {
    out += kDigits[bytes_[i] >> 4U];
    out += kDigits[bytes_[i] & 0xFU];
  }
  return out;
}

}  // namespace hubkeep
