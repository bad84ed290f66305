// This machine's clock, held against the `Date` of servers' answers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/http_client.h"

namespace hubkeep {

/// When a request was sent and its answer was there, by this machine's clock.
struct Exchange {
  UtcTime sent;
  UtcTime answered;
};

/// How far this machine's clock is ahead of the server's, negative where it is behind; zero where the answer
/// fits in between. Nothing where the answer says nothing: its Date is missing or no date, it comes out of a
/// cache, or this machine's clock was set back meanwhile. Pure.
std::optional<std::chrono::seconds> clock_ahead(const HttpResponse& response, const Exchange& exchange);

inline bool is_off(std::chrono::seconds ahead) {
  return std::chrono::abs(ahead) > kClockTolerance;
}

/// "the clock of this machine is 1 year and 3 days ahead of GitHub's"
std::string describe_clock(std::string_view whose, std::chrono::seconds ahead, std::string_view of_whose);

/// Tells `heard`, on the thread that asked, what each answer says of the clock. Keeps a reference to `clock`.
std::unique_ptr<HttpClient> watch_clock(std::unique_ptr<HttpClient> client, Clock& clock,
                                        std::function<void(std::chrono::seconds ahead)> heard);

}  // namespace hubkeep
