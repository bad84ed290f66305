// A queue in the order of the pack, cut at its old end by bytes and by number. Offsets ascend, so one is
// found by bisection; names have a map.
#include "git/recent_commits.h"

#include <algorithm>
#include <utility>

namespace hubkeep {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
constexpr std::size_t kMost = 4096;

}  // namespace

void RecentCommits::add(Commit commit) {
  size_ += commit.content.size();
  offsets_[commit.oid] = commit.offset;
  commits_.push_back(std::move(commit));
  while (size_ > kMostBytes || commits_.size() > kMost) {
    const Commit& oldest = commits_.front();
    size_ -= oldest.content.size();
    // An object may be there twice.
    if (const auto found = offsets_.find(oldest.oid); found->second == oldest.offset) offsets_.erase(found);
    commits_.pop_front();
  }
}

const RecentCommits::Commit* RecentCommits::at(ByteCount offset) const {
  const auto found =
      std::lower_bound(commits_.begin(), commits_.end(), offset,
                       [](const Commit& commit, ByteCount wanted) { return commit.offset < wanted; });
  return found != commits_.end() && found->offset == offset ? &*found : nullptr;
}

const RecentCommits::Commit* RecentCommits::named(const Oid& oid) const {
  const auto found = offsets_.find(oid);
  return found == offsets_.end() ? nullptr : at(found->second);
}

}  // namespace hubkeep
