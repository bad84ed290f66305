// An HTTP client for tests that answers from a script, and a clock that stands still.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/http_client.h"

namespace hubkeep {

inline constexpr const char* kDate = "Mon, 23 Nov 2026 18:45:01 GMT";

/// Each URL has answers that are given one after the other, the last again and again; other URLs get GitHub's
/// 404.
class ScriptedHttp final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) override;

  void answer(const std::string& url, int status, std::string body, Headers headers = {});
  void fail(const std::string& url, const Error& error);
  /// The URLs asked for, in order.
  std::vector<std::string> urls() const;

  std::vector<HttpRequest> requests;

 private:
  struct Answer {
    HttpResponse response;
    std::optional<Error> error;
  };
  std::map<std::string, std::deque<Answer>> script_;
};

/// Sleeping moves the time and is written down.
class ManualClock final : public Clock {
 public:
  UtcTime now() override { return time; }
  void sleep(std::chrono::milliseconds duration, std::stop_token stop) override;

  UtcTime time{std::chrono::seconds(1'000'000'000)};  // far from kDate: GitHub's clock must count
  std::vector<std::chrono::milliseconds> slept;
};

}  // namespace hubkeep
