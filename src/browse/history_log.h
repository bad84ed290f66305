// The commits that lead to one, newest first, in the order in which `git log` has them.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "browse/commit.h"
#include "pack/pack_chain.h"

namespace hubkeep {

struct LogRequest {
  Oid from;          // a commit
  std::string path;  // not empty: only those that changed what stands there
};

/// Until `visit` says false. Of a merge that has the path as one of its parents has it, only that parent is
/// followed ("History Simplification" in git-log). Throws Error(corrupt) for what is not there.
void walk_log(PackChain& objects, const LogRequest& request, const std::function<bool(const Commit&)>& visit,
              const std::stop_token& stop);

}  // namespace hubkeep
