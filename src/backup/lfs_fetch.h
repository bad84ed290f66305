// Brings LFS objects into the vault: addresses a hundred at a time, objects several at once, each checked
// against its name while it streams. An object of the vault is whole or not there, so whatever ends this
// costs no object that has come.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/underway.h"
#include "git/lfs_pointers.h"
#include "remote/lfs_remote.h"
#include "vault/lfs_part.h"

namespace hubkeep {

class RepositoryWork;

struct LfsFetched {
  KeptLfsObjects kept;
  std::vector<std::string> of_others;  // oids of those kept that another job has stored
  std::vector<LackingLfs> lacking;     // of those that were asked for, in the order of their oids
  std::uint64_t objects = 0;           // that were fetched here, and not by another job
  ByteCount bytes = 0;                 // of these
  std::optional<Error> error = {};     // what has ended it, or what kept the first object that may come yet
};

/// What is fetched, and how.
struct LfsOrder {
  std::vector<LfsPointer> objects;  // each once, with the size that it is asked for with first
  /// What else pointers give it, by oid: whichever the server takes.
  std::map<std::string, std::vector<ByteCount>> other_sizes;
  /// Of these the vault has other bytes under their names, to be replaced as soon as the server has an
  /// address.
  std::set<std::string> damaged;
  ByteCount largest = 0;  // that the server may have; 0: whatever it says
};

/// Of all jobs of a run, by oid.
using LfsUnderway = Underway<KeptLfs>;

/// `since` is when this is. What stays away for a reason that another run may not meet is lacking as pending.
LfsFetched fetch_lfs(const LfsOrder& order, LfsRemote& remote, LfsUnderway& underway, RepositoryWork& work);

}  // namespace hubkeep
