// Every answer tells how much of the hour is left; `under_way` counts the requests whose answers have not
// told yet. A request may go while what is left covers those, else it waits for the hour to begin anew. Holds
// are numbered, and a request that has waited for one does not wait for it again: where GitHub's clock and
// ours differ, the wait may be over here and not there, and then GitHub itself says so.
#include "github/api_budget.h"

#include <algorithm>

namespace hubkeep {

namespace {

// Search has an hour of its own, as have a few other rooms of REST's: x-ratelimit-resource names it.
bool is_of_whole_api(const HttpResponse& response) {
  const std::string resource = response.header("x-ratelimit-resource").value_or("core");
  return resource == "core" || resource == "graphql";
}

}  // namespace

void ApiBudget::share_among(std::size_t processes) {
  const std::scoped_lock lock(mutex_);
  processes_ = std::max<std::int64_t>(static_cast<std::int64_t>(processes), 1);
}

ApiBudget::Hold ApiBudget::new_hold(const RateLimitWait& wait, UtcTime now) {
  return {.wait = wait, .until = now + wait.duration, .number = ++holds_};
}

void ApiBudget::note(const HttpResponse& response, ApiKind api, UtcTime now) {
  const auto told = hourly_limit(response);
  if (!told || !is_of_whole_api(response)) return;
  const std::scoped_lock lock(mutex_);
  // Another reset than before is another hour.
  Hour& known = hour(api);
  const bool is_new = known.until_next.number == 0 || known.limit.reset != told->reset;
  if (is_new) {
    known.limit = *told;
    known.until_next = new_hold(wait_for_reset(*told, response_time(response, now)), now);
  }
  // Answers overtake each other. By the least that any of them told, whatever GitHub has counted since is
  // under way.
  known.limit.remaining = std::min(known.limit.remaining, told->remaining);
}

void ApiBudget::hold(const RateLimitWait& wait, ApiKind api, UtcTime now) {
  const std::scoped_lock lock(mutex_);
  if (!wait.is_hourly) {
    // A shorter hold must not shorten a longer one that another thread was told of.
    if (now + wait.duration >= everything_.until) everything_ = new_hold(wait, now);
    return;
  }
  hour(api).limit.remaining = 0;
  hour(api).until_next = new_hold(wait, now);
}

const ApiBudget::Hold* ApiBudget::longest_hold(ApiKind api, std::uint64_t heeded, UtcTime now) const {
  const auto if_due = [&](const Hold& hold) {
    const bool is_due = hold.number > heeded && hold.until > now && hold.wait.duration <= kLongestWait;
    return is_due ? &hold : nullptr;
  };
  const Hour& known = hour(api);
  const bool is_used_up = share_of(known) <= known.under_way;
  const Hold* of_hour = is_used_up ? if_due(known.until_next) : nullptr;
  const Hold* of_everything = if_due(everything_);
  if (!of_hour || !of_everything) return of_hour ? of_hour : of_everything;
  return of_hour->until > of_everything->until ? of_hour : of_everything;
}

std::optional<RateLimitWait> ApiBudget::begin(ApiKind api, Patience& patience, UtcTime now) {
  const std::scoped_lock lock(mutex_);
  const Hold* hold = longest_hold(api, patience.heeded, now);
  if (!hold) {
    ++hour(api).under_way;
    return std::nullopt;
  }
  patience.heeded = holds_;
  // Where a clock is set back meanwhile, the wait does not grow.
  RateLimitWait wait = hold->wait;
  wait.duration = std::min(wait.duration, hold->until - now);
  return wait;
}

void ApiBudget::end(ApiKind api) {
  const std::scoped_lock lock(mutex_);
  --hour(api).under_way;
}

std::optional<std::int64_t> ApiBudget::left(ApiKind api, UtcTime now) const {
  const std::scoped_lock lock(mutex_);
  const Hour& known = hour(api);
  if (known.until_next.number == 0 || known.until_next.until <= now) return std::nullopt;
  return share_of(known);
}

}  // namespace hubkeep
