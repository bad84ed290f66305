#include "sim/rate_limit.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/api.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

json limit_json(const RateLimitState& state) {
  return {{"limit", state.limit},
          {"remaining", state.remaining},
          {"used", state.limit - state.remaining},
          {"reset", state.reset.time_since_epoch().count()}};
}

}  // namespace

const char* to_string(RateResource resource) {
  return resource == RateResource::graphql ? "graphql" : "core";
}

void RateLimiter::set(std::optional<RateLimit> limit) {
  set(RateResource::core, limit);
  set(RateResource::graphql, limit);
}

void RateLimiter::set(RateResource resource, std::optional<RateLimit> limit) {
  std::lock_guard lock(mutex_);
  off_ = false;
  const RateLimit used = limit.value_or(RateLimit{});
  hours_[static_cast<std::size_t>(resource)] = {limit.has_value(), used, world_.now() + used.reset_after};
}

void RateLimiter::turn_off() {
  std::lock_guard lock(mutex_);
  off_ = true;
  for (Hour& each : hours_) each.enforced = false;
}

RateLimiter::Hour& RateLimiter::renewed(RateResource resource) {
  Hour& hour = hours_[static_cast<std::size_t>(resource)];
  if (world_.now() < hour.reset) return hour;
  if (hour.reset != UtcTime{}) hour.limit.remaining = hour.limit.limit;
  hour.reset = world_.now() + std::chrono::hours(1);
  return hour;
}

std::optional<HttpResponse> RateLimiter::refuse(RateResource resource) {
  std::lock_guard lock(mutex_);
  const Hour& hour = renewed(resource);
  if (!hour.enforced || hour.limit.remaining > 0) return std::nullopt;
  return api_error(
      hour.limit.refusal_status,
      "API rate limit exceeded for user ID 1001. If you reach out to GitHub Support for help, please "
      "include the request ID and timestamp.");
}

void RateLimiter::count(int points, RateResource resource) {
  std::lock_guard lock(mutex_);
  Hour& hour = hours_[static_cast<std::size_t>(resource)];
  hour.limit.remaining = std::max(hour.limit.remaining - points, hour.enforced ? 0 : 1);
}

void RateLimiter::add_headers(HttpResponse& response, RateResource resource) {
  const RateLimitState now = state(resource);
  std::lock_guard lock(mutex_);
  if (off_) return;
  auto add = [&](const char* name, auto value) {
    response.headers.emplace_back(name, std::to_string(value));
  };
  add("X-RateLimit-Limit", now.limit);
  add("X-RateLimit-Remaining", now.remaining);
  add("X-RateLimit-Used", now.limit - now.remaining);
  add("X-RateLimit-Reset", now.reset.time_since_epoch().count());
  response.headers.emplace_back("X-RateLimit-Resource", to_string(resource));
}

RateLimitState RateLimiter::state(RateResource resource) {
  std::lock_guard lock(mutex_);
  const Hour& hour = renewed(resource);
  return {hour.limit.limit, hour.limit.remaining, hour.reset};
}

HttpResponse RateLimiter::overview() {
  const json core = limit_json(state(RateResource::core));
  const json graphql = limit_json(state(RateResource::graphql));
  std::lock_guard lock(mutex_);
  if (off_) return api_error(404, "Rate limiting is not enabled.");
  return json_response(
      200, {{"rate", core}, {"resources", {{"core", core}, {"search", core}, {"graphql", graphql}}}});
}

}  // namespace hubkeep::sim
