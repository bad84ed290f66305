#include "sim/rate_limit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/api.h"

namespace hubkeep::sim {

using nlohmann::json;

void RateLimiter::set(std::optional<RateLimit> limit) {
  std::lock_guard lock(mutex_);
  off_ = false;
  enforced_ = limit.has_value();
  limit_ = limit.value_or(RateLimit{});
  reset_ = world_.now() + limit_.reset_after;
}

void RateLimiter::turn_off() {
  std::lock_guard lock(mutex_);
  off_ = true;
  enforced_ = false;
}

void RateLimiter::renew() {
  if (world_.now() < reset_) return;
  if (reset_ != UtcTime{}) limit_.remaining = limit_.limit;
  reset_ = world_.now() + std::chrono::hours(1);
}

std::optional<HttpResponse> RateLimiter::refuse() {
  std::lock_guard lock(mutex_);
  renew();
  if (!enforced_ || limit_.remaining > 0) return std::nullopt;
  return api_error(
      limit_.refusal_status,
      "API rate limit exceeded for user ID 1001. If you reach out to GitHub Support for help, please "
      "include the request ID and timestamp.");
}

void RateLimiter::count(int points) {
  std::lock_guard lock(mutex_);
  limit_.remaining = std::max(limit_.remaining - points, enforced_ ? 0 : 1);
}

void RateLimiter::add_headers(HttpResponse& response) {
  std::lock_guard lock(mutex_);
  if (off_) return;
  renew();
  auto add = [&](const char* name, auto value) {
    response.headers.emplace_back(name, std::to_string(value));
  };
  add("X-RateLimit-Limit", limit_.limit);
  add("X-RateLimit-Remaining", limit_.remaining);
  add("X-RateLimit-Used", limit_.limit - limit_.remaining);
  add("X-RateLimit-Reset", reset_.time_since_epoch().count());
  response.headers.emplace_back("X-RateLimit-Resource", "core");
}

HttpResponse RateLimiter::overview() {
  std::lock_guard lock(mutex_);
  if (off_) return api_error(404, "Rate limiting is not enabled.");
  renew();
  json core = {{"limit", limit_.limit},
               {"remaining", limit_.remaining},
               {"used", limit_.limit - limit_.remaining},
               {"reset", reset_.time_since_epoch().count()}};
  HttpResponse response;
  response.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  response.body =
      json{{"rate", core}, {"resources", {{"core", core}, {"search", core}, {"graphql", core}}}}.dump();
  return response;
}

}  // namespace hubkeep::sim
