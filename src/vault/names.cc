// A name from outside becomes one component of a key, which leads nowhere else: what is not plain ASCII is
// escaped, and what is too long is cut and gets a hash of the whole name, so that two long names stay apart.
#include "vault/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kCutName = 183;
constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kTimeSize = 16;  // 20261123T184501Z
constexpr std::size_t kRandomDigits = 6;

bool is_plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

std::string shortened(std::string encoded, std::string_view raw) {
  std::size_t cut = kCutName;
  // A cut inside %XX would leave half of an escape.
  for (std::size_t back = 1; back <= 2; ++back) {
    if (encoded[kCutName - back] == '%') cut = kCutName - back;
  }
  encoded.resize(cut);
  return encoded + "-" + sha256_hex(raw).substr(0, kHashDigits);
}

}  // namespace

std::string encode_name(std::string_view raw) {
  if (raw.empty()) throw Error(ErrorKind::corrupt, "an empty name where an owner or a repository must stand");
  if (raw == ".") return "%2E";
  if (raw == "..") return "%2E%2E";
  std::string encoded;
  for (const char c : raw) {
    if (is_plain(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded.size() > kMaxName ? shortened(std::move(encoded), raw) : encoded;
}

std::string repository_folder(std::string_view host, std::string_view owner, std::string_view name,
                              std::int64_t id) {
  return fmt::format("repos/{}/{}/{}.{}/", encode_name(host), encode_name(owner), encode_name(name), id);
}

std::string gist_folder(std::string_view host, std::string_view owner, std::string_view gist) {
  return fmt::format("gists/{}/{}/{}/", encode_name(host), encode_name(owner), encode_name(gist));
}

SnapshotId SnapshotId::make(UtcTime time) {
  return SnapshotId(format_compact_time(time) + "-" + random_hex(kRandomDigits));
}

std::optional<SnapshotId> SnapshotId::parse(std::string_view text) {
  if (text.size() != kTimeSize + 1 + kRandomDigits || text[kTimeSize] != '-') return std::nullopt;
  if (!parse_time(text.substr(0, kTimeSize))) return std::nullopt;
  const auto digits = text.substr(kTimeSize + 1);
  if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return SnapshotId(std::string(text));
}

UtcTime SnapshotId::time() const {
  return parse_time(std::string_view(text_).substr(0, kTimeSize)).value_or(UtcTime{});
}

std::string manifest_key(const SnapshotId& snapshot) {
  return fmt::format("{}{}{}", kSnapshotsFolder, snapshot.str(), kSnapshotSuffix);
}

std::optional<SnapshotId> snapshot_of(std::string_view manifest_key) {
  if (!manifest_key.starts_with(kSnapshotsFolder) || !manifest_key.ends_with(kSnapshotSuffix))
    return std::nullopt;
  manifest_key.remove_prefix(kSnapshotsFolder.size());
  manifest_key.remove_suffix(kSnapshotSuffix.size());
  return SnapshotId::parse(manifest_key);
}

}  // namespace hubkeep
