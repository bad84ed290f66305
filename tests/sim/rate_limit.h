// The primary rate limit of the API, as its headers, its endpoint and its refusals tell it.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

struct RateLimit {
  int limit = 5000;
  int remaining = 5000;
  std::chrono::seconds reset_after{3600};
  int refusal_status = 403;  // or 429
};

/// Thread-safe. While no limit is set the headers tell of 5,000 requests an hour and nothing is refused.
class RateLimiter {
 public:
  explicit RateLimiter(const World& world) : world_(world) {}

  void set(std::optional<RateLimit> limit);
  /// As a GitHub Enterprise Server that has no limits: neither headers nor refusals.
  void turn_off();

  /// The refusal when nothing remains.
  std::optional<HttpResponse> refuse();
  void count_one() { count(1); }
  void count(int points);
  void add_headers(HttpResponse& response);
  /// What `GET /rate_limit` answers; 404 when limits are off.
  HttpResponse overview();

 private:
  void renew();

  const World& world_;
  std::mutex mutex_;  // guards all below
  bool off_ = false;
  bool enforced_ = false;
  RateLimit limit_;
  UtcTime reset_{};
};

}  // namespace hubkeep::sim
