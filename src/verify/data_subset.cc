// A share goes by the hash of an object, so that it is the same in every run: 1/7 to 7/7 together read every
// object once (DataChooser.HasEveryObjectInJustOneShare). The other kinds draw anew for each object. A number
// of bytes becomes a chance that would give about so many of the whole vault, and not simply the first
// objects, which would be the same in every run; a counter that all threads share keeps it from reading more
// (DataChooser.NeverTakesMoreBytesThanItIsGiven).
#include "verify/data_subset.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/retry.h"
#include "base/text.h"

namespace hubkeep {
namespace {

template <typename Number>
std::optional<Number> number(std::string_view digits) {
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<ByteCount> unit(char letter) {
  constexpr std::string_view kLetters = "KMGT";
  const auto position = kLetters.find(letter);
  if (position == std::string_view::npos) return std::nullopt;
  return ByteCount{1} << (10 * (position + 1));
}

std::optional<DataSubset> percentage_of(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  const auto percent = number<double>(text.substr(0, text.size() - 1));
  if (percent && *percent > 0 && *percent <= 100)
    return DataSubset{.kind = DataSubset::Kind::chance, .chance = *percent / 100};
  return std::nullopt;
}

std::optional<DataSubset> share_of_all(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto which = number<unsigned>(text.substr(0, slash));
  const auto of = number<unsigned>(text.substr(slash + 1));
  if (!which || !of || *which == 0 || *which > *of) return std::nullopt;
  return DataSubset{.kind = DataSubset::Kind::share, .share = *which, .shares = *of};
}

// "10G", "10GiB", "500M"
std::optional<DataSubset> size_of(std::string_view text) {
  if (text.ends_with("iB")) text.remove_suffix(2);
  if (text.empty()) return std::nullopt;
  const auto scale = unit(text.back());
  const auto count = number<std::uint32_t>(text.substr(0, text.size() - 1));
  if (!scale || !count || *count == 0) return std::nullopt;
  return DataSubset{.kind = DataSubset::Kind::bytes, .bytes = *count * *scale};
}

// The content's own hash: the same object is in the same share in every run.
unsigned share_of(const std::string& sha256, unsigned shares) {
  constexpr std::size_t kDigits = 8;
  std::uint32_t value = 0;
  std::from_chars(sha256.data(), sha256.data() + std::min(kDigits, sha256.size()), value, 16);
  return value % shares + 1;
}

}  // namespace

DataSubset DataSubset::parse(std::string_view text) {
  for (const auto& subset : {percentage_of(text), share_of_all(text), size_of(text)}) {
    if (subset) return *subset;
  }
  throw Error(ErrorKind::invalid,
              fmt::format("'{}' is not a share of the data: write 5%, 1/7 or 10G", printable(text)));
}

DataChooser::DataChooser(const DataSubset& subset, ByteCount total) : subset_(subset), left_(subset.bytes) {
  if (subset.kind == DataSubset::Kind::bytes && total > 0)
    subset_.chance = static_cast<double>(subset.bytes) / static_cast<double>(total);
}

bool DataChooser::choose(const ObjectRecord& record) {
  switch (subset_.kind) {
    case DataSubset::Kind::none:
      return false;
    case DataSubset::Kind::all:
      return true;
    case DataSubset::Kind::share:
      return share_of(record.sha256, subset_.shares) == subset_.share;
    case DataSubset::Kind::chance:
      return random_unit() < subset_.chance;
    case DataSubset::Kind::bytes:
      break;
  }
  if (random_unit() >= subset_.chance) return false;
  ByteCount left = left_;
  // Another thread may take from it meanwhile: then `left` is what that has left.
  while (record.size <= left) {
    if (left_.compare_exchange_weak(left, left - record.size)) return true;
  }
  return false;
}

}  // namespace hubkeep
