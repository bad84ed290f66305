// Whether every object that the refs lead to is there: a walk over the links of libgit2's objects, which
// takes all that git takes. (libgit2's own check, of its indexer, refuses commits that fsck complains about.)
#pragma once

#include <array>
#include <stop_token>
#include <vector>

#include "git/ref.h"
#include "localgit/libgit2_handle.h"

namespace hubkeep {

/// All objects of a repository by their places in a sorted list, each with a mark: what a set of names would
/// need several times the memory for.
class ObjectMarks {
 public:
  enum class Found { missing, marked_before, marked_now };

  ObjectMarks() = default;
  /// Of the objects that are there now; marked are those that `before` has marked.
  ObjectMarks(git_odb* odb, const ObjectMarks& before);
  Found mark(const Oid& oid);

 private:
  using RawOid = std::array<char, 20>;
  static int add(const git_oid* oid, void* names);

  std::vector<RawOid> names_;
  std::vector<bool> marked_;
};

/// Of one repository, which may grow in between. Memory: 21 bytes for each of its objects.
class ConnectivityProof {
 public:
  /// What was proved before is not walked again. Throws Error: corrupt, naming the first ref that lacks an
  /// object, and that object; cancelled.
  void prove(git_odb* odb, const RefState& state, const std::stop_token& stop);

 private:
  ObjectMarks proved_;  // nothing that a marked object leads to is missing
};

}  // namespace hubkeep
