#include "git/wanted_tips.h"

namespace hubkeep {

WantedTips::WantedTips(const OidSet& wants, std::size_t commits)
    : wants_(&wants),
      commits_(commits),
      seen_(wants.size()),
      unseen_(wants.size()),
      unseen_commits_(commits) {}

void WantedTips::see(const Oid& oid) {
  if (unseen_ == 0) return;
  const auto index = wants_->index_of(oid);
  if (!index || seen_[*index]) return;
  seen_[*index] = true;
  --unseen_;
  if (*index < commits_) --unseen_commits_;
}

}  // namespace hubkeep
