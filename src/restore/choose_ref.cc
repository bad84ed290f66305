#include "restore/choose_ref.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxShown = 5;
constexpr std::size_t kMaxWrongLetters = 2;
constexpr std::array<std::string_view, 3> kPlaces = {"refs/heads/", "refs/tags/", "refs/"};

std::string_view short_name(std::string_view ref) {
  for (const auto place : kPlaces) {
    if (ref.starts_with(place)) return ref.substr(place.size());
  }
  return ref;
}

// How many letters have to be put in, left out or replaced to make one of the other; at most `most` + 1.
std::size_t distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return most + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t before = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = before + (a[i - 1] == b[j - 1] ? 0 : 1);
      before = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return std::min(row.back(), most + 1);
}

// The smaller, the closer; nothing for what is not close.
std::optional<std::size_t> closeness(std::string_view ref, const std::string& wanted) {
  const std::string name = to_lower(short_name(ref));
  if (name == wanted) return 0;
  const std::size_t wrong = distance(name, wanted, kMaxWrongLetters);
  if (wrong <= kMaxWrongLetters && wrong < wanted.size()) return wrong;
  if (name.find(wanted) != std::string::npos) return kMaxWrongLetters + 1;
  return std::nullopt;
}

std::vector<std::string> close_names(const RefList& refs, std::string_view wanted) {
  const std::string lower = to_lower(short_name(wanted));
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const Ref& ref : refs) {
    const auto close = closeness(ref.name, lower);
    if (!close) continue;
    found.emplace_back(*close, ref.name);
    std::push_heap(found.begin(), found.end());
    if (found.size() <= kMaxShown) continue;
    std::pop_heap(found.begin(), found.end());
    found.pop_back();
  }
  std::sort_heap(found.begin(), found.end());
  std::vector<std::string> names;
  for (const auto& [rank, name] : found) names.push_back(printable(name));
  return names;
}

[[noreturn]] void refuse(const RefList& refs, std::string_view name) {
  const auto close = close_names(refs, name);
  throw Error(ErrorKind::invalid,
              fmt::format("the snapshot has no ref {}{}", printable(name.substr(0, 300)),
                          close.empty() ? "" : fmt::format("; it has {}", fmt::join(close, ", "))));
}

std::vector<Ref> meant(const RefList& refs, std::string_view name) {
  std::vector<Ref> found;
  for (const Ref& ref : refs) {
    if (ref.name == name) return {ref};
    const bool fits = std::any_of(kPlaces.begin(), kPlaces.end(), [&](std::string_view place) {
      return ref.name.starts_with(place) && std::string_view(ref.name).substr(place.size()) == name;
    });
    if (fits) found.push_back(ref);
  }
  return found;
}

}  // namespace

RefState choose_ref(const RefState& all, std::string_view name) {
  const auto found = meant(all.refs, name);
  if (found.empty()) refuse(all.refs, name);
  if (found.size() > 1) {
    throw Error(ErrorKind::invalid,
                fmt::format("{} means several refs, {} and {}: give the full name", printable(name),
                            printable(found[0].name), printable(found[1].name)));
  }
  const Ref& ref = found.front();
  RefState chosen{.format = all.format, .head = {.symref_target = {}, .oid = ref.oid}, .refs = {ref}};
  if (ref.name.starts_with("refs/heads/")) chosen.head.symref_target = ref.name;
  return chosen;
}

}  // namespace hubkeep
