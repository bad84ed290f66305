// What GitHub still allows, known to all who ask with one token: what one request is told, the others heed
// before they run into the same limit, each for itself.
//
// Each API has a budget of its own by the hour, which its answers tell (x-ratelimit-…); where nothing of it
// would be left to the requests under way, the next one waits for the new hour. GitHub's secondary limits
// tell nothing before they refuse, and hold up everything.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "github/rate_limit.h"

namespace hubkeep {

/// Thread-safe.
class ApiBudget {
 public:
  /// One request, with all that it waits for.
  struct Patience {
    int refusals = 0;          // of its own
    std::uint64_t heeded = 0;  // the last hold that it waited for: it waits for each once
  };

  /// While it lives, the request that begin() let go is under way, and may cost some of what is left.
  class UnderWay {
   public:
    UnderWay(ApiBudget& budget, ApiKind api) : budget_(budget), api_(api) {}
    ~UnderWay() { budget_.end(api_); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;

   private:
    ApiBudget& budget_;
    const ApiKind api_;
  };

  /// This process is one of so many that ask at the same time: it takes no more than its part of what is
  /// left.
  void share_among(std::size_t processes);

  /// `now`, here and below: by our clock.
  void note(const HttpResponse& response, ApiKind api, UtcTime now);
  /// A request was refused: until it may be sent again, no other is.
  void hold(const RateLimitWait& wait, ApiKind api, UtcTime now);

  /// What a request has to wait for. Nothing: it is under way from now on until end(). Never longer than two
  /// hours: whoever would have to wait longer asks, and is told.
  std::optional<RateLimitWait> begin(ApiKind api, Patience& patience, UtcTime now);
  /// note() has seen its answer, if one came.
  void end(ApiKind api);

  /// REST's requests or GraphQL's points that this process may still use; nothing: not known, or a new hour.
  std::optional<std::int64_t> left(ApiKind api, UtcTime now) const;

 private:
  struct Hold {
    RateLimitWait wait;
    UtcTime until{};
    std::uint64_t number = 0;  // 0: there was none yet
  };
  struct Hour {
    HourlyLimit limit;
    Hold until_next;
    std::int64_t under_way = 0;
  };

  Hour& hour(ApiKind api) { return hours_[static_cast<std::size_t>(api)]; }
  const Hour& hour(ApiKind api) const { return hours_[static_cast<std::size_t>(api)]; }
  std::int64_t share_of(const Hour& hour) const { return hour.limit.remaining / processes_; }
  const Hold* longest_hold(ApiKind api, std::uint64_t heeded, UtcTime now) const;
  Hold new_hold(const RateLimitWait& wait, UtcTime now);

  mutable std::mutex mutex_;  // guards all below
  std::int64_t processes_ = 1;
  std::array<Hour, 2> hours_;  // by ApiKind
  Hold everything_;
  std::uint64_t holds_ = 0;
};

}  // namespace hubkeep
