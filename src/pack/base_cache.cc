#include "pack/base_cache.h"

namespace hubkeep {

ByteCount BaseCache::cost(const GitObject& object) {
  constexpr ByteCount kOverhead = 256;  // of the containers, by and large
  return object.content.size() + kOverhead;
}

std::shared_ptr<const GitObject> BaseCache::find(const Place& place) {
  const auto found = objects_.find(place);
  if (found == objects_.end()) return nullptr;
  by_age_.splice(by_age_.begin(), by_age_, found->second.age);
  return found->second.object;
}

void BaseCache::keep(const Place& place, std::shared_ptr<const GitObject> object) {
  if (cost(*object) > limit_ / 4 || objects_.contains(place)) return;
  used_ += cost(*object);
  by_age_.push_front(place);
  objects_.emplace(place, Kept{std::move(object), by_age_.begin()});
  while (used_ > limit_) {
    const auto oldest = objects_.find(by_age_.back());
    used_ -= cost(*oldest->second.object);
    objects_.erase(oldest);
    by_age_.pop_back();
  }
}

void BaseCache::clear() {
  objects_.clear();
  by_age_.clear();
  used_ = 0;
}

}  // namespace hubkeep
