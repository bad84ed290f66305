#include "git/ref.h"

#include <algorithm>

namespace hubkeep {
namespace {

// git-check-ref-format(1), the rules for one component between slashes.
bool is_valid_component(std::string_view component) {
  return !component.empty() && component.front() != '.' && !component.ends_with(".lock");
}

bool is_forbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F || std::string_view("~^:?*[\\").find(c) != std::string_view::npos;
}

}  // namespace

OidSet oids_of(const std::optional<RefState>& state) {
  OidSet oids;
  if (!state) return oids;
  for (const Ref& ref : state->refs) oids.insert(ref.oid);
  if (state->head.oid) oids.insert(*state->head.oid);
  return oids;
}

bool is_valid_ref_name(std::string_view name) {
  if (!name.starts_with("refs/") || name.ends_with(".")) return false;
  if (std::any_of(name.begin(), name.end(), is_forbidden)) return false;
  if (name.find("..") != std::string_view::npos || name.find("@{") != std::string_view::npos) return false;
  std::string_view rest = name;
  while (true) {
    const auto slash = rest.find('/');
    if (!is_valid_component(rest.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    rest.remove_prefix(slash + 1);
  }
}

bool is_test_merge(std::string_view ref_name) {
  return ref_name.starts_with("refs/pull/") && ref_name.ends_with("/merge");
}

}  // namespace hubkeep
