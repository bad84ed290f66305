// Object names as git has them: SHA-1 or SHA-256.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hubkeep {

enum class ObjectFormat : std::uint8_t { sha1, sha256 };

/// "sha1" or "sha256", as git spells it.
std::string_view to_string(ObjectFormat format);
std::optional<ObjectFormat> parse_object_format(std::string_view text);
/// Bytes of a raw object name: 20 or 32.
constexpr std::size_t raw_size(ObjectFormat format) {
  return format == ObjectFormat::sha1 ? 20 : 32;
}
constexpr std::size_t hex_size(ObjectFormat format) {
  return 2 * raw_size(format);
}

/// A value; the all-zero name means "no object".
class Oid {
 public:
  Oid() = default;

  /// Nothing for anything but 40 or 64 lower-case hexadecimal digits.
  static std::optional<Oid> parse(std::string_view hex);
  /// `raw` has raw_size(format) bytes.
  static Oid from_raw(std::string_view raw, ObjectFormat format);

  std::string hex() const;
  std::string_view raw() const { return {reinterpret_cast<const char*>(bytes_.data()), raw_size(format_)}; }
  ObjectFormat format() const { return format_; }
  bool is_zero() const { return bytes_ == std::array<std::uint8_t, 32>{}; }

  friend auto operator<=>(const Oid&, const Oid&) = default;
  friend struct std::hash<Oid>;

 private:
  std::array<std::uint8_t, 32> bytes_{};
  ObjectFormat format_ = ObjectFormat::sha1;
};

}  // namespace hubkeep

template <>
struct std::hash<hubkeep::Oid> {
  std::size_t operator()(const hubkeep::Oid& oid) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | oid.bytes_[i];
    return value;  // an object name is a hash already
  }
};
