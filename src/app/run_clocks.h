// Whose clock is wrong: this machine's, that of the bucket's server, or none. GitHub's, and AWS's, are taken
// for right.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hubkeep {

/// How far this machine's clock is ahead of others, as of the first answers that told.
struct ClockEvidence {
  std::optional<std::chrono::seconds> of_github;
  std::optional<std::chrono::seconds> of_store;
  std::string store;            // "the server of the bucket backups", "S3"
  bool is_store_right = false;  // it is AWS
  bool asks_github = false;     // who is wrong can wait until GitHub has answered
};

/// What is to be said of it: whose clock, by how much, whose to set. Pure.
std::vector<std::string> describe_clocks(const ClockEvidence& evidence);

/// Thread-safe.
class RunClocks {
 public:
  /// `notice` is told each thing once.
  RunClocks(bool asks_github, std::function<void(const std::string&)> notice);

  void hear_github(std::chrono::seconds ahead);
  void hear_store(std::chrono::seconds ahead, const std::string& store, bool is_right);

  /// How far this machine's clock is ahead of GitHub's now; zero before GitHub has told.
  std::chrono::seconds ahead_of_github() const;

 private:
  void tell();

  const std::function<void(const std::string&)> notice_;
  mutable std::mutex mutex_;  // guards the rest
  ClockEvidence evidence_;
  std::chrono::seconds ahead_of_github_{0};
  std::set<std::string> told_;
};

}  // namespace hubkeep
