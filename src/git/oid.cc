#include "git/oid.h"

#include <array>
#include <cstring>

namespace hubkeep {
namespace {

// A table, since names are random: branches would be guessed wrong half of the time.
constexpr std::array<std::int8_t, 256> kDigitValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < 10; ++i) values['0' + i] = static_cast<std::int8_t>(i);
  for (std::size_t i = 0; i < 6; ++i) values['a' + i] = static_cast<std::int8_t>(10 + i);
  return values;
}();

int digit(char c) {
  return kDigitValues[static_cast<unsigned char>(c)];
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
  int all = 0;  // negative if one is
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    all |= high | low;
    oid.bytes_[i / 2] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (all < 0) return std::nullopt;
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
  std::string out(hex_size(format_), '0');
  for (std::size_t i = 0; i < raw_size(format_); ++i) {
    out[2 * i] = kDigits[bytes_[i] >> 4U];
    out[2 * i + 1] = kDigits[bytes_[i] & 0xFU];
  }
  return out;
}

}  // namespace hubkeep
