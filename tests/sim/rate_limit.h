// The primary rate limits of the APIs, REST's and GraphQL's, as headers, the endpoint and refusals tell them.
#pragma once

#include <array>
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

enum class RateResource { core, graphql };

/// "core" or "graphql"
const char* to_string(RateResource resource);

/// How far a limit is used up.
struct RateLimitState {
  int limit = 0;
  int remaining = 0;
  UtcTime reset{};
};

/// Thread-safe. While no limit is set the headers tell of 5,000 requests an hour and nothing is refused.
class RateLimiter {
 public:
  explicit RateLimiter(const World& world) : world_(world) {}

  /// Each of the two has that limit.
  void set(std::optional<RateLimit> limit);
  void set(RateResource resource, std::optional<RateLimit> limit);
  /// As a GitHub Enterprise Server that has no limits: neither headers nor refusals.
  void turn_off();

  /// The refusal when nothing remains.
  std::optional<HttpResponse> refuse(RateResource resource = RateResource::core);
  void count_one() { count(1, RateResource::core); }
  void count(int points, RateResource resource);
  void add_headers(HttpResponse& response, RateResource resource = RateResource::core);
  RateLimitState state(RateResource resource);
  /// What `GET /rate_limit` answers; 404 when limits are off.
  HttpResponse overview();

 private:
  struct Hour {
    bool enforced = false;
    RateLimit limit;
    UtcTime reset{};
  };

  Hour& renewed(RateResource resource);

  const World& world_;
  std::mutex mutex_;  // guards all below
  bool off_ = false;
  std::array<Hour, 2> hours_;  // by RateResource
};

}  // namespace hubkeep::sim
