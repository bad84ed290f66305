#include "backup/git_fetch.h"

#include "backup/chain_proof.h"
#include "backup/git_lfs_notes.h"
#include "backup/git_server.h"

namespace hubkeep {

GitPart fetch_and_prove(const GitWork& git, const GitPart& before, const RefState& target,
                        const BundleRequest& request, PackArrival& arrival) {
  GitPart after = before;
  FetchedPack fetched = git.server.fetch(request, arrival);
  fetched.add_to(after);
  git.proof.prove(after, target, request.plan, fetched, arrival);
  // Beyond this point the deltas were looked at, where they were to be made.
  after.lfs_pointers += fetched.lfs_pointers.count();
  git.server.tell_of_lfs(fetched.lfs_pointers);
  if (fetched.bundle) note_lfs(git.work, git.place, *fetched.bundle, fetched.lfs_pointers);
  return after;
}

}  // namespace hubkeep
