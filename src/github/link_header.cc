#include "github/link_header.h"

#include "base/text.h"

namespace hubkeep {
namespace {

bool has_relation(std::string_view parameter, std::string_view wanted) {
  const auto equals = parameter.find('=');
  if (equals == std::string_view::npos || !equals_ignoring_case(trim(parameter.substr(0, equals)), "rel"))
    return false;
  std::string_view value = trim(parameter.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  for (const std::string_view relation : split(value, ' ')) {
    if (equals_ignoring_case(relation, wanted)) return true;
  }
  return false;
}

// The end of a link-value: the first comma that is not inside quotes.
std::size_t find_end(std::string_view parameters) {
  bool quoted = false;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i] == '"') quoted = !quoted;
    if (parameters[i] == ',' && !quoted) return i;
  }
  return parameters.size();
}

}  // namespace

std::optional<std::string> find_link(std::string_view header, std::string_view relation) {
  for (;;) {
    const auto open = header.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = header.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    const auto target = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const auto end = find_end(header);
    for (const std::string_view parameter : split(header.substr(0, end), ';')) {
      if (has_relation(parameter, relation)) return std::string(target);
    }
    header.remove_prefix(end);
  }
}

}  // namespace hubkeep
