// The Git LFS objects of a world. They belong to a network: a repository and its forks share them, and what
// was pushed once stays, whether a commit names it or not.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sim/apps.h"
#include "sim/media_content.h"

namespace hubkeep::sim {

struct LfsObject {
  std::string oid;  // 64 lower-case hex digits: the SHA-256 of its bytes
  std::uint64_t size = 0;

  auto operator<=>(const LfsObject&) const = default;
};

/// The blob that stands for it in a commit.
std::string lfs_pointer(const LfsObject& object);

/// Thread-safe. A network is named by the repository that was first in it.
class LfsStore {
 public:
  /// Under the hash of its bytes, all of which are read once.
  LfsObject add(RepositoryId network, MediaContent content);
  /// Under that name, whatever the bytes are: a test may have an object that is damaged.
  void put(RepositoryId network, const std::string& oid, MediaContent content);
  void remove(RepositoryId network, const std::string& oid);

  std::optional<MediaContent> find(RepositoryId network, const std::string& oid) const;
  /// Ordered by oid.
  std::vector<LfsObject> objects(RepositoryId network) const;

 private:
  mutable std::mutex mutex_;
  std::map<RepositoryId, std::map<std::string, MediaContent>> networks_;
};

}  // namespace hubkeep::sim
