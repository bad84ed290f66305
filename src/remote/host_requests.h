// Requests to a git host, which takes the API's token. From the inside out a request is sent with a token,
// with another where the first is refused, after the wait that a limit asks for, and a second time where the
// answer is 401, 403 or 404: those come by mistake as well, but for a 404 where there may be nothing. Breaks
// of a transfer are left to the backup.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "github/github.h"
#include "github/token_scope.h"
#include "github/token_source.h"
#include "http/http_client.h"
#include "remote/git_status.h"

namespace hubkeep {

/// The host's own access, as all kinds of requests to it share it.
struct HostAccess {
  Url api_url;                         // the token goes to this API's own git host, and its aliases
  std::shared_ptr<TokenSource> token;  // never null
  GitHubObserver observer;
  ApiAliases aliases = {};
};

/// For one repository. Thread-safe. Keeps references.
class HostRequests {
 public:
  /// `url` of the repository, as the API gave it.
  HostRequests(HttpClient& http, Clock& clock, const HostAccess& access, Url url);

  /// For what lies at `path` below the repository; it may be led to the API's aliases with the token.
  HttpRequest request(std::string_view path) const;
  /// There may be no such repository: until it has answered something else, a 404 is believed at once, and so
  /// is a 401 to somebody without a token.
  void expect_absence() { may_be_absent_ = true; }
  /// Any status is a result. Of a refusal nothing has reached `sink`. Throws Error as HttpClient does, and
  /// rate_limited.
  HttpResponse send(HttpRequest& request, ByteSink* sink, const std::stop_token& stop);
  /// How the request was authenticated that has this answer.
  TokenUse token_use(const HttpResponse& response) const;

  const Url& url() const { return url_; }
  const HostAccess& access() const { return access_; }
  std::uint64_t count() const { return requests_; }
  std::chrono::seconds waited() const { return waited_.load(); }
  /// Waits as the answer asks; false where it asks for nothing. Throws Error(rate_limited).
  bool wait_as_told(const HttpResponse& response, int waits, const std::string& reason,
                    const std::stop_token& stop);

 private:
  bool is_alias_of_api(const Url& target) const;
  bool has_seen_token(const Url& url) const;
  HttpResponse send_with(const Secret& token, HttpRequest& request, ByteSink* sink,
                         const std::stop_token& stop);
  HttpResponse send_authorized(HttpRequest& request, ByteSink* sink, const std::stop_token& stop);
  HttpResponse send_patiently(HttpRequest& request, ByteSink* sink, const std::stop_token& stop);

  HttpClient& http_;
  Clock& clock_;
  const HostAccess& access_;
  const Url url_;
  const bool sends_token_;
  std::atomic<bool> may_be_absent_ = false;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::chrono::seconds> waited_ = std::chrono::seconds(0);
};

}  // namespace hubkeep
