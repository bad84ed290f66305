// Refs that a server lists and that cannot be had, for a reason that will not go away by itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

struct LeftOutRef {
  std::string name;         // as the server gave it, cut where git would not allow it at all; or "HEAD"
  std::optional<Oid> oid;   // nothing for a HEAD without an object
  std::string why;          // printable
  bool is_unasked = false;  // nobody asked for the object: what the list says of the ref is at fault

  friend bool operator==(const LeftOutRef&, const LeftOutRef&) = default;
};

/// "2 refs are left out: refs/heads/a: why; refs/heads/b: why", printable, with at most a few of them.
std::string describe(const std::vector<LeftOutRef>& left_out);

/// More of them in one repository are not few refs that are odd, but a server that is.
constexpr std::size_t kMaxLeftOut = 1000;

}  // namespace hubkeep
