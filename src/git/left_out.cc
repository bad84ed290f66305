#include "git/left_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep {

std::string describe(const std::vector<LeftOutRef>& left_out) {
  constexpr std::size_t kNamed = 5;
  constexpr std::size_t kShown = 300;  // of a name
  std::string text =
      fmt::format("{} {} left out: ", left_out.size(), left_out.size() == 1 ? "ref is" : "refs are");
  const std::size_t named = std::min(left_out.size(), kNamed);
  for (std::size_t i = 0; i < named; ++i)
    text += fmt::format("{}{}: {}", i == 0 ? "" : "; ", printable(left_out[i].name.substr(0, kShown)),
                        printable(left_out[i].why));
  if (left_out.size() > named) text += fmt::format("; and {} more", left_out.size() - named);
  return text;
}

}  // namespace hubkeep
