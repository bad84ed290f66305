#include "backup/git_missing.h"

#include <fmt/format.h>

#include "backup/chain_proof.h"
#include "backup/git_fetch.h"
#include "backup/git_server.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::vector<MissingObject> known_missing(const GitWork& work, const GitPart& git) {
  return work.proof.missing().empty() ? git.missing : work.proof.missing();
}

// A bundle needs refs, and these objects have none.
FetchPlan plan_for(const std::vector<MissingObject>& missing, ObjectFormat format) {
  FetchPlan plan;
  plan.request.format = format;
  plan.header.format = format;
  for (const MissingObject& each : missing)
    if (plan.request.wants.insert(each.oid))
      plan.header.refs.push_back({"refs/hubkeep/missing/" + each.oid.hex(), each.oid});
  return plan;
}

}  // namespace

std::optional<GitPart> fetch_missing(const GitWork& work, const GitPart& git, const RefState& refs) {
  const FetchPlan plan = plan_for(known_missing(work, git), git.format);
  if (plan.request.wants.empty()) return std::nullopt;
  PackArrival arrival;
  try {
    return fetch_and_prove(work, git, refs, {work.work.snapshot(), {}, plan}, arrival);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled || arrival.refused) throw;
    work.work.notice(fmt::format(
        "{} missing, and the server does not hand {} out: {}",
        git.missing_objects == 1 ? "1 object is" : fmt::format("{} objects are", git.missing_objects),
        git.missing_objects == 1 ? "it" : "them", error.message()));
    return std::nullopt;
  }
}

}  // namespace hubkeep
