// For tests: packs made by hand (gitformat-pack), honest or not. Nothing is compressed: each zlib stream is a
// row of stored blocks (RFC 1950; RFC 1951, 3.2.4).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/hash.h"
#include "git/oid.h"

namespace hubkeep {

/// The bytes of `value`, the highest first.
inline std::string big_endian_bytes(std::uint32_t value, int bytes = 4) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
  return out;
}

inline std::string stored_zlib(std::string_view content) {
  std::string out("\x78\x01", 2);
  std::string_view rest = content;
  do {
    const std::string_view block = rest.substr(0, 0xFFFF);
    rest.remove_prefix(block.size());
    const auto size = static_cast<unsigned>(block.size());
    out += rest.empty() ? '\1' : '\0';
    for (const unsigned value : {size, ~size}) {
      out += static_cast<char>(value & 0xFFU);
      out += static_cast<char>(value >> 8U & 0xFFU);
    }
    out += block;
  } while (!rest.empty());
  std::uint32_t a = 1;  // Adler-32
  std::uint32_t b = 0;
  for (const char c : content) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return out + big_endian_bytes(b << 16U | a);
}

/// A delta's size: seven bits a byte, the lowest first.
inline std::string delta_size(std::uint64_t size) {
  std::string out;
  for (; size > 127; size >>= 7U) out += static_cast<char>((size & 127U) | 128U);
  return out + static_cast<char>(size);
}

/// Copies the beginning that both share, at most 64 KiB of it, and inserts the rest.
inline std::string delta_from(std::string_view base, std::string_view result) {
  std::string out = delta_size(base.size()) + delta_size(result.size());
  const auto differs = std::mismatch(base.begin(), base.end(), result.begin(), result.end());
  const auto shared = std::min<std::size_t>(static_cast<std::size_t>(differs.first - base.begin()), 0xFFFF);
  if (shared > 0) {
    out += '\xb0';
    out += static_cast<char>(shared & 0xFFU);
    out += static_cast<char>(shared >> 8U);
  }
  for (auto rest = result.substr(shared); !rest.empty();
       rest.remove_prefix(std::min<std::size_t>(rest.size(), 127))) {
    const auto piece = rest.substr(0, 127);
    out += static_cast<char>(piece.size());
    out += piece;
  }
  return out;
}

struct MadeObject {
  int type = 3;  // 1 commit, 2 tree, 3 blob, 4 tag
  std::string content;

  Oid oid(ObjectFormat format = ObjectFormat::sha1) const {
    const std::string_view name = type == 1 ? "commit" : type == 2 ? "tree" : type == 3 ? "blob" : "tag";
    Hasher hasher(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256);
    hasher.write(std::string(name) + " " + std::to_string(content.size()) + std::string(1, '\0') + content);
    return Oid::from_raw(hasher.finish(), format);
  }
};

inline MadeObject git_blob(std::string content) {
  return {3, std::move(content)};
}

/// Of the empty tree, unless another is given.
inline MadeObject git_commit(const std::string& message, const Oid& tree = MadeObject{2, ""}.oid()) {
  const std::string who = "A <a@example.org> 1700000000 +0000\n";
  return {1, "tree " + tree.hex() + "\nauthor " + who + "committer " + who + "\n" + message + "\n"};
}

class PackMaker {
 public:
  explicit PackMaker(ObjectFormat format = ObjectFormat::sha1) : format_(format) {}

  PackMaker& add(const MadeObject& object) {
    begin(static_cast<unsigned>(object.type), object.content.size());
    entries_ += stored_zlib(object.content);
    return *this;
  }
  /// What zlib makes of so many bytes, or something else.
  PackMaker& add_stream(unsigned type, std::uint64_t size, std::string_view stream) {
    begin(type, size);
    entries_ += stream;
    return *this;
  }
  /// A delta of the object with this name, wherever that is.
  PackMaker& add_delta(const Oid& base, const std::string& delta) {
    begin(7, delta.size());
    for (std::size_t i = 0; i < hex_size(format_); i += 2)
      entries_ += static_cast<char>(std::stoi(base.hex().substr(i, 2), nullptr, 16));
    entries_ += stored_zlib(delta);
    return *this;
  }
  /// A delta of what begins at `base` in the pack.
  PackMaker& add_delta(std::uint64_t base, const std::string& delta) {
    std::uint64_t distance = next() - base;
    begin(6, delta.size());
    std::string bytes(1, static_cast<char>(distance & 127U));
    while ((distance >>= 7U) != 0) bytes.insert(0, 1, static_cast<char>(128U | (--distance & 127U)));
    entries_ += bytes + stored_zlib(delta);
    return *this;
  }
  /// Where the next entry begins.
  std::uint64_t next() const { return 12 + entries_.size(); }

  std::string pack() const {
    const std::string body = "PACK" + big_endian_bytes(2) + big_endian_bytes(objects_) + entries_;
    Hasher hasher(format_ == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256);
    hasher.write(body);
    return body + hasher.finish();
  }

 private:
  void begin(unsigned type, std::uint64_t size) {
    ++objects_;
    std::string header(1, static_cast<char>(type << 4U | (size & 15U)));
    for (size >>= 4U; size != 0; size >>= 7U) {
      header.back() = static_cast<char>(header.back() | '\x80');
      header += static_cast<char>(size & 127U);
    }
    entries_ += header;
  }

  ObjectFormat format_;
  std::string entries_;
  std::uint32_t objects_ = 0;
};

}  // namespace hubkeep
