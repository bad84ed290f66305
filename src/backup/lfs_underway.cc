#include "backup/lfs_underway.h"

#include "base/error.h"

namespace hubkeep {

LfsUnderway::Claim::~Claim() {
  if (all_ != nullptr) all_->end(oid_, nullptr);
}

void LfsUnderway::Claim::kept(const KeptLfs& object) {
  all_->end(oid_, &object);
  all_ = nullptr;
}

LfsUnderway::Answer LfsUnderway::try_claim(const std::string& oid) {
  const std::scoped_lock lock(mutex_);
  return locked_claim(oid);
}

LfsUnderway::Answer LfsUnderway::claim(const std::string& oid, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!ended_.wait(lock, stop, [&] { return !underway_.contains(oid); }))
    throw Error(ErrorKind::cancelled, "stopped while another repository's LFS object came");
  return locked_claim(oid);
}

LfsUnderway::Answer LfsUnderway::locked_claim(const std::string& oid) {
  if (const auto kept = kept_.find(oid); kept != kept_.end()) return kept->second;
  if (!underway_.insert(oid).second) return Taken{};
  return Claim(*this, oid);
}

void LfsUnderway::end(const std::string& oid, const KeptLfs* object) {
  {
    const std::scoped_lock lock(mutex_);
    underway_.erase(oid);
    if (object != nullptr) kept_.emplace(oid, *object);
  }
  ended_.notify_all();
}

}  // namespace hubkeep
