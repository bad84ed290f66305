// Which LFS objects the jobs of a run are fetching at this moment, and which they have fetched. An object
// that two repositories want is fetched by the one that comes first; the other waits for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <variant>

#include "vault/lfs_part.h"

namespace hubkeep {

/// Thread-safe. Who holds a claim does not wait for another one.
class LfsUnderway {
 public:
  /// Whoever holds it fetches the object. Without kept(), it is given up.
  class Claim {
   public:
    Claim(LfsUnderway& all, std::string oid) : all_(&all), oid_(std::move(oid)) {}
    Claim(Claim&& other) noexcept : all_(other.all_), oid_(std::move(other.oid_)) { other.all_ = nullptr; }
    Claim& operator=(Claim&&) = delete;
    ~Claim();
    void kept(const KeptLfs& object);

   private:
    LfsUnderway* all_;
    std::string oid_;
  };
  struct Taken {};  // another job fetches it
  using Answer = std::variant<Claim, KeptLfs, Taken>;

  Answer try_claim(const std::string& oid);
  /// Waits until nobody fetches it; never Taken. Throws Error(cancelled).
  Answer claim(const std::string& oid, const std::stop_token& stop);

 private:
  Answer locked_claim(const std::string& oid);
  void end(const std::string& oid, const KeptLfs* object);

  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::set<std::string> underway_;                 // guarded by mutex_
  std::unordered_map<std::string, KeptLfs> kept_;  // guarded by mutex_
};

}  // namespace hubkeep
