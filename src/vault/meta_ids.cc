#include "vault/meta_ids.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr auto kFree = std::numeric_limits<MetaIds::Number>::max();
constexpr std::uint64_t kIsText = std::uint64_t{1} << 63U;
constexpr std::size_t kSmallest = 16;

// Only what is written as the number would be again.
std::optional<std::uint64_t> as_number(std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool is_whole = error == std::errc() && end == id.data() + id.size();
  if (!is_whole || number >= kIsText || (id.size() > 1 && id.front() == '0')) return std::nullopt;
  return number;
}

std::uint64_t mix(std::uint64_t value) {  // the end of MurmurHash3
  value ^= value >> 33U;
  value *= 0xff51afd7ed558ccd;
  value ^= value >> 33U;
  value *= 0xc4ceb9fe1a85ec53;
  return value ^ (value >> 33U);
}

std::uint64_t hash_of(std::uint8_t kind, std::string_view id) {
  const auto number = as_number(id);
  return mix((number ? *number : std::hash<std::string_view>()(id)) * 64 + kind);
}

}  // namespace

std::optional<std::uint8_t> MetaIds::find_kind(std::string_view kind) const {
  const auto found = std::find(kinds_.begin(), kinds_.end(), kind);
  if (found == kinds_.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - kinds_.begin());
}

bool MetaIds::is(Number number, std::uint8_t kind, std::string_view id) const {
  if (kind_numbers_[number] != kind) return false;
  const std::uint64_t code = codes_[number];
  return (code & kIsText) != 0 ? texts_[code & ~kIsText] == id : as_number(id) == code;
}

std::size_t MetaIds::place_of(std::uint8_t kind, std::string_view id) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t place = hash_of(kind, id) & mask;
  while (table_[place] != kFree && !is(table_[place], kind, id)) place = (place + 1) & mask;
  return place;
}

std::optional<MetaIds::Number> MetaIds::find(std::string_view kind, std::string_view id) const {
  const auto number_of_kind = find_kind(kind);
  if (!number_of_kind) return std::nullopt;
  const Number found = table_[place_of(*number_of_kind, id)];
  return found == kFree ? std::nullopt : std::optional(found);
}

MetaIds::Number MetaIds::add(std::string_view kind, std::string_view id) {
  auto number_of_kind = find_kind(kind);
  if (!number_of_kind) {
    if (kinds_.size() > std::numeric_limits<std::uint8_t>::max())
      throw Error(ErrorKind::corrupt, "more than 256 kinds of documents");
    number_of_kind = static_cast<std::uint8_t>(kinds_.size());
    kinds_.emplace_back(kind);
  }
  if (table_.size() < kSmallest || codes_.size() * 4 >= table_.size() * 3) grow();
  const std::size_t place = place_of(*number_of_kind, id);
  if (table_[place] != kFree) return table_[place];
  const auto number = static_cast<Number>(codes_.size());
  if (const auto code = as_number(id)) {
    codes_.push_back(*code);
  } else {
    codes_.push_back(kIsText | texts_.size());
    texts_.emplace_back(id);
  }
  kind_numbers_.push_back(*number_of_kind);
  return table_[place] = number;
}

void MetaIds::grow() {
  table_.assign(std::max(kSmallest, table_.size() * 2), kFree);
  for (Number number = 0; number < codes_.size(); ++number)
    table_[place_of(kind_numbers_[number], id_of(number))] = number;
}

std::string MetaIds::id_of(Number number) const {
  const std::uint64_t code = codes_[number];
  return (code & kIsText) != 0 ? texts_[code & ~kIsText] : std::to_string(code);
}

std::vector<MetaIds::Number> MetaIds::sorted() const {
  std::vector<Number> numbers(codes_.size());
  std::iota(numbers.begin(), numbers.end(), Number{0});
  std::sort(numbers.begin(), numbers.end(), [&](Number a, Number b) {
    if (kind_numbers_[a] != kind_numbers_[b]) return kind_of(a) < kind_of(b);
    const bool are_texts = (codes_[a] & codes_[b] & kIsText) != 0;
    return are_texts ? texts_[codes_[a] & ~kIsText] < texts_[codes_[b] & ~kIsText] : codes_[a] < codes_[b];
  });
  return numbers;
}

}  // namespace hubkeep
