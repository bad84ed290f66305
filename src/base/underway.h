// What the jobs of a run are doing at this moment that several of them need once, and what has come of it: an
// object that two repositories share is fetched, copied or read by the job that comes first, and the other
// waits for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/error.h"

namespace hubkeep {

/// Thread-safe. Who holds a claim does not wait for another one.
template <class Result>
class Underway {
 public:
  /// Whoever holds it does the work. Without finish(), it is given up.
  class Claim {
   public:
    Claim(Underway& all, std::string name) : all_(&all), name_(std::move(name)) {}
    Claim(Claim&& other) noexcept : all_(other.all_), name_(std::move(other.name_)) { other.all_ = nullptr; }
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (all_ != nullptr) all_->end(name_, nullptr);
    }
    void finish(const Result& result) {
      all_->end(name_, &result);
      all_ = nullptr;
    }

   private:
    Underway* all_;
    std::string name_;
  };
  struct Taken {};  // another job does it
  using Answer = std::variant<Claim, Result, Taken>;

  Answer try_claim(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    return locked_claim(name);
  }
  /// Whether claim() would wait now.
  bool is_taken(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    return underway_.contains(name);
  }
  /// Waits until nobody does it; never Taken. Throws Error(cancelled).
  Answer claim(const std::string& name, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!ended_.wait(lock, stop, [&] { return !underway_.contains(name); }))
      throw Error(ErrorKind::cancelled, "stopped while another repository had the same object under way");
    return locked_claim(name);
  }

 private:
  Answer locked_claim(const std::string& name) {
    if (const auto done = done_.find(name); done != done_.end()) return done->second;
    if (!underway_.insert(name).second) return Taken{};
    return Claim(*this, name);
  }
  void end(const std::string& name, const Result* result) {
    {
      const std::scoped_lock lock(mutex_);
      underway_.erase(name);
      if (result != nullptr) done_.emplace(name, *result);
    }
    ended_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::set<std::string> underway_;                // guarded by mutex_
  std::unordered_map<std::string, Result> done_;  // guarded by mutex_
};

}  // namespace hubkeep
