// Refs: a name and the object it points at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "git/oid.h"
#include "git/oid_set.h"
#include "git/ref_list.h"

namespace hubkeep {

/// What HEAD is: a branch (born or unborn), or an object (detached), or nothing that the server tells.
struct Head {
  std::string symref_target;  // "refs/heads/main"; empty when detached or unknown
  std::optional<Oid> oid;     // nothing when unborn or unknown

  friend bool operator==(const Head&, const Head&) = default;
};

/// The refs of a repository at one time. `refs` is sorted by name (bytes), each name once, without HEAD.
struct RefState {
  ObjectFormat format = ObjectFormat::sha1;
  Head head;
  RefList refs;

  friend bool operator==(const RefState&, const RefState&) = default;
};

/// The objects that refs and HEAD name; none without a state.
OidSet oids_of(const std::optional<RefState>& state);

/// Whether git would accept the name (git-check-ref-format, for full names below refs/): nothing that could
/// lead out of a folder, break a line, or mean something else.
bool is_valid_ref_name(std::string_view name);

/// refs/pull/N/merge: test merges that GitHub computes and recomputes; never backed up.
bool is_test_merge(std::string_view ref_name);

}  // namespace hubkeep
