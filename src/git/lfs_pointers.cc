// git-lfs reads more than it writes, and what it reads it fetches. So this follows its parser and not the
// words of its document: it trims the blob, then goes line by line, and the keys must be version, oid and
// size in this order, with extensions anywhere before the size.
#include "git/lfs_pointers.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "git/oid.h"

namespace hubkeep {
namespace {

constexpr std::array<std::string_view, 3> kKeys = {"version", "oid", "size"};
constexpr std::array<std::string_view, 3> kVersions = {
    "https://git-lfs.github.com/spec/v1",
    "https://hawser.github.com/spec/v1",  // before its release
    "http://git-media.io/v/2",            // before that
};
constexpr std::size_t kPriorities = 10;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::optional<Oid> parse_value(std::string_view value) {
  constexpr std::string_view kHash = "sha256:";
  if (!value.starts_with(kHash)) return std::nullopt;
  value.remove_prefix(kHash.size());
  return value.size() == hex_size(ObjectFormat::sha256) ? Oid::parse(value) : std::nullopt;
}

// As Go's strconv.ParseInt. None that is empty is stored: `git lfs ls-files` passes over them, too.
std::optional<ByteCount> parse_size(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size <= 0) return std::nullopt;
  return static_cast<ByteCount>(size);
}

// "ext-0-name": those of one priority are one extension, or the pointer is none. Of a key that comes twice
// the last value counts.
class Extensions {
 public:
  bool add(std::string_view key, std::string_view value) {
    constexpr std::string_view kBegin = "ext-";
    constexpr std::size_t kName = 6;
    if (!key.starts_with(kBegin) || key.size() <= kName || key[4] < '0' || key[4] > '9' || key[5] != '-' ||
        !is_word(key[kName]))
      return false;
    Extension& extension = extensions_[static_cast<std::size_t>(key[4] - '0')];
    if (!extension.key.empty() && extension.key != key) return false;
    extension = {key, value};
    return true;
  }
  bool are_good() const {
    return std::all_of(extensions_.begin(), extensions_.end(),
                       [](const Extension& each) { return each.key.empty() || parse_value(each.value); });
  }

 private:
  struct Extension {
    std::string_view key;
    std::string_view value;
  };
  std::array<Extension, kPriorities> extensions_;
};

// Of ASCII.
std::string_view without_white_space(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\v\f\r";
  const auto first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

struct Pointed {
  Oid oid;
  ByteCount size = 0;
};

// As git-lfs writes it, which nearly all are: read in a fraction of the time. Nothing says nothing.
std::optional<Pointed> read_usual_pointer(std::string_view blob) {
  constexpr std::string_view kBegin = "version https://git-lfs.github.com/spec/v1\noid sha256:";
  constexpr std::string_view kSize = "\nsize ";
  constexpr std::size_t kDigits = 64;
  if (!blob.starts_with(kBegin) || !blob.ends_with('\n')) return std::nullopt;
  blob.remove_prefix(kBegin.size());
  blob.remove_suffix(1);
  if (blob.size() < kDigits || !blob.substr(kDigits).starts_with(kSize)) return std::nullopt;
  const auto oid = Oid::parse(blob.substr(0, kDigits));
  const auto size = parse_size(blob.substr(kDigits + kSize.size()));
  return oid && size ? std::optional(Pointed{*oid, *size}) : std::nullopt;
}

std::optional<Pointed> read_pointer(std::string_view blob) {
  if (!LfsPointers::may_be_one(blob.size())) return std::nullopt;
  if (auto usual = read_usual_pointer(blob)) return usual;
  std::array<std::string_view, kKeys.size()> values;
  std::size_t keys = 0;
  Extensions extensions;
  for (std::string_view rest = without_white_space(blob); !rest.empty();) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto space = line.find(' ');
    if (space == std::string_view::npos || keys == kKeys.size()) return std::nullopt;
    const auto key = line.substr(0, space);
    const auto value = line.substr(space + 1);
    if (key == kKeys[keys])
      values[keys++] = value;
    else if (!extensions.add(key, value))
      return std::nullopt;
  }
  const auto& [version, object, digits] = values;
  if (std::find(kVersions.begin(), kVersions.end(), version) == kVersions.end()) return std::nullopt;
  const auto oid = parse_value(object);
  const auto size = parse_size(digits);
  if (!oid || !size || !extensions.are_good()) return std::nullopt;
  return Pointed{*oid, *size};
}

}  // namespace

std::optional<LfsPointer> parse_lfs_pointer(std::string_view blob) {
  const auto pointed = read_pointer(blob);
  if (!pointed) return std::nullopt;
  return LfsPointer{pointed->oid.hex(), pointed->size};
}

void LfsPointers::saw_blob(std::string_view content) {
  if (const auto pointed = read_pointer(content)) add(pointed->oid, pointed->size);
}

void LfsPointers::add(const Oid& oid, ByteCount size) {
  const bool has_room = oids_.size() + further_sizes_.size() < most_;
  if (has_room && oids_.insert(oid)) return sizes_.push_back(size);
  const auto known = oids_.index_of(oid);
  if (known && (sizes_[*known] == size || further_sizes_.contains({*known, size}))) return;
  if (has_room)
    further_sizes_.emplace(*known, size);
  else
    is_full_ = true;
}

void LfsPointers::resolve(LfsPointers deltas) {
  const std::uint64_t unresolved = deltas.unresolved_;
  if (deltas.count() > count()) std::swap(*this, deltas);
  auto further = deltas.further_sizes_.begin();
  for (std::size_t place = 0; const Oid& oid : deltas.oids_) {
    add(oid, deltas.sizes_[place]);
    for (; further != deltas.further_sizes_.end() && further->first == place; ++further)
      add(oid, further->second);
    ++place;
  }
  unresolved_ = unresolved;
  is_full_ = is_full_ || deltas.is_full_;
}

std::vector<LfsPointer> LfsPointers::list() const {
  std::vector<std::pair<Oid, ByteCount>> all;  // without their digits they are sorted sooner
  all.reserve(oids_.size() + further_sizes_.size());
  for (const Oid& oid : oids_) all.emplace_back(oid, sizes_[all.size()]);
  for (const auto& [place, size] : further_sizes_) all.emplace_back(all[place].first, size);
  std::sort(all.begin(), all.end());
  std::vector<LfsPointer> pointers;
  pointers.reserve(all.size());
  for (const auto& [oid, size] : all) pointers.push_back({oid.hex(), size});
  return pointers;
}

}  // namespace hubkeep
