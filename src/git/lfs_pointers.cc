#include "git/lfs_pointers.h"

#include <charconv>

namespace hubkeep {
namespace {

constexpr std::string_view kBegin = "version https://git-lfs.github.com/spec/v1\n";
constexpr std::string_view kOid = "\noid sha256:";
constexpr std::size_t kDigits = 64;
constexpr std::size_t kDigitsKept = 16;
constexpr std::size_t kMostObjects = 16'384;  // that are told apart: less than 1 MiB

}  // namespace

void LfsPointers::saw_blob(std::string_view content) {
  if (!may_be_one(content.size()) || !content.starts_with(kBegin)) return;
  const auto at = content.find(kOid, kBegin.size() - 1);
  if (at == std::string_view::npos) return;
  const auto rest = content.substr(at + kOid.size());
  const auto digits = rest.substr(0, rest.find('\n'));
  if (digits.size() != kDigits || digits.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return;
  std::uint64_t name = 0;
  std::from_chars(digits.data(), digits.data() + kDigitsKept, name, 16);
  if (objects_.size() < kMostObjects)
    objects_.insert(name);
  else
    may_be_more_ = may_be_more_ || !objects_.contains(name);
}

}  // namespace hubkeep
