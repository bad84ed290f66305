// Which of the objects that were asked for a pack holds as a whole.
#pragma once

#include <cstddef>
#include <vector>

#include "git/oid_set.h"

namespace hubkeep {

class WantedTips {
 public:
  WantedTips() = default;
  /// Keeps a pointer to `wants`; the first so many are surely `commits`.
  WantedTips(const OidSet& wants, std::size_t commits);

  void see(const Oid& oid);
  std::size_t count() const { return seen_.size(); }
  std::size_t unseen() const { return unseen_; }
  std::size_t unseen_commits() const { return unseen_commits_; }

 private:
  const OidSet* wants_ = nullptr;
  std::size_t commits_ = 0;
  std::vector<bool> seen_;  // by index in wants_
  std::size_t unseen_ = 0;
  std::size_t unseen_commits_ = 0;
};

}  // namespace hubkeep
