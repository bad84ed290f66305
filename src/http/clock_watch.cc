#include "http/clock_watch.h"

#include <fmt/format.h>

namespace hubkeep {
namespace {

// An answer that took longer says nothing of a clock that its Date fits: that may be from its begin or its
// end.
constexpr std::chrono::minutes kTimelyAnswer{1};

class WatchingClient final : public HttpClient {
 public:
  WatchingClient(std::unique_ptr<HttpClient> client, Clock& clock,
                 std::function<void(std::chrono::seconds)> heard)
      : client_(std::move(client)), clock_(clock), heard_(std::move(heard)) {}

  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) override {
    const UtcTime sent = clock_.now();
    HttpResponse response = client_->send(request, body, stop);
    const UtcTime answered = clock_.now();
    const auto ahead = clock_ahead(response, {.sent = sent, .answered = answered});
    if (ahead && (answered - sent <= kTimelyAnswer || is_off(*ahead))) heard_(*ahead);
    return response;
  }

 private:
  const std::unique_ptr<HttpClient> client_;
  Clock& clock_;
  const std::function<void(std::chrono::seconds)> heard_;
};

}  // namespace

// The Date must lie between sending and answer. What lies outside is the least by which the clocks differ; an
// answer out of a cache (Age) tells of another time.
std::optional<std::chrono::seconds> clock_ahead(const HttpResponse& response, const Exchange& exchange) {
  const auto date = parse_http_date(response.header("Date").value_or(""));
  if (!date || response.header("Age") || exchange.answered < exchange.sent) return std::nullopt;
  if (*date < exchange.sent) return exchange.sent - *date;
  if (*date > exchange.answered) return exchange.answered - *date;
  return std::chrono::seconds(0);
}

std::string describe_clock(std::string_view whose, std::chrono::seconds ahead, std::string_view of_whose) {
  return fmt::format("the clock of {} is {} {} {}", whose, describe_duration(ahead),
                     ahead < std::chrono::seconds(0) ? "behind" : "ahead of", of_whose);
}

std::unique_ptr<HttpClient> watch_clock(std::unique_ptr<HttpClient> client, Clock& clock,
                                        std::function<void(std::chrono::seconds)> heard) {
  return std::make_unique<WatchingClient>(std::move(client), clock, std::move(heard));
}

}  // namespace hubkeep
