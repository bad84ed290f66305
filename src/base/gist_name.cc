#include "base/gist_name.h"

namespace hubkeep {

bool is_gist_id(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string> gist_named(std::string_view name) {
  constexpr std::string_view kGist = "gist:";
  if (!name.starts_with(kGist) || !is_gist_id(name.substr(kGist.size()))) return std::nullopt;
  return std::string(name.substr(kGist.size()));
}

}  // namespace hubkeep
