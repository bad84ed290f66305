#include "sim/lfs_store.h"

#include <fmt/format.h>

namespace hubkeep::sim {

std::string lfs_pointer(const LfsObject& object) {
  return fmt::format("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n", object.oid,
                     object.size);
}

LfsObject LfsStore::add(RepositoryId network, MediaContent content) {
  LfsObject out{sha256_of(content), content.size};
  put(network, out.oid, std::move(content));
  return out;
}

void LfsStore::put(RepositoryId network, const std::string& oid, MediaContent content) {
  const std::lock_guard lock(mutex_);
  networks_[network][oid] = std::move(content);
}

void LfsStore::remove(RepositoryId network, const std::string& oid) {
  const std::lock_guard lock(mutex_);
  networks_[network].erase(oid);
}

std::optional<MediaContent> LfsStore::find(RepositoryId network, const std::string& oid) const {
  const std::lock_guard lock(mutex_);
  const auto objects = networks_.find(network);
  if (objects == networks_.end()) return std::nullopt;
  const auto found = objects->second.find(oid);
  return found == objects->second.end() ? std::nullopt : std::optional(found->second);
}

std::vector<LfsObject> LfsStore::objects(RepositoryId network) const {
  const std::lock_guard lock(mutex_);
  std::vector<LfsObject> out;
  const auto objects = networks_.find(network);
  if (objects == networks_.end()) return out;
  for (const auto& [oid, content] : objects->second) out.push_back({oid, content.size});
  return out;
}

}  // namespace hubkeep::sim
