// How long one repository may hold up a run with what brings nothing. Time counts while nothing arrives,
// failed attempts count over all requests of the repository; and what a server says often enough is believed.
// Pure.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace hubkeep {

/// So often the same words end the attempts. They are compared as they are: where a number in them changes
/// (a request's, a queue's, a time), something may be going on.
constexpr int kTimesToBelieve = 3;

constexpr int kMaxFailedAttempts = 300;           // halving finds a lost ref among 100,000 with 34
constexpr std::chrono::minutes kMaxTimeLost{30};  // 15 packs that stall for two minutes
// A large pack may break after hours: then there must be attempts left for its slices.
constexpr int kMinFailedAttempts = 8;

class Patience {
 public:
  explicit Patience(UtcTime now) : since_(now) {}

  /// An answer has come that brings nothing by itself: the time since the last failure was not lost.
  void answered(UtcTime now) { since_ = now; }
  /// A pack has arrived: what was lost on the way to it is forgotten, but for the attempts.
  void gained(UtcTime now);
  /// The server had asked to wait for so long: that is its right.
  void excuse(std::chrono::seconds wait) { since_ += wait; }

  /// What an attempt that has failed means: the same Error, or that as final, where the server has said so
  /// often enough or patience is at its end.
  Error judge(const Error& error, UtcTime now);

  /// Whether the server has said these words often enough to be believed.
  bool believes(const Error& error) const;
  bool is_over() const {
    return failed_ >= kMaxFailedAttempts || (failed_in_vain_ >= kMinFailedAttempts && lost_ >= kMaxTimeLost);
  }

 private:
  UtcTime since_;
  std::chrono::seconds lost_{};
  int failed_ = 0;
  int failed_in_vain_ = 0;  // since the last pack
  std::map<std::string, int> said_;
};

}  // namespace hubkeep
