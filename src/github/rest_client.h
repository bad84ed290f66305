// Requests to GitHub's REST API: who asks, how often, and what the answers mean. Limits are waited out and
// transient failures tried again in here; what comes out is JSON or an Error that stands.
#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/clock.h"
#include "base/secret.h"
#include "github/github.h"
#include "http/http_client.h"
#include "http/retry.h"

namespace hubkeep {

struct RestGitHubOptions {
  Url api_url;   // "https://api.github.com", "https://HOST/api/v3"
  Secret token;  // may be empty
  GitHubObserver observer;
  RetryPolicy retries;
};

/// A good answer, lent for the time of a call.
struct RestAnswer {
  const nlohmann::json& body;
  const HttpResponse& response;
  UtcTime date;  // when GitHub gave it, by its own clock
};

/// Thread-safe as far as the observer is. Keeps references to client and clock.
class RestClient {
 public:
  using Reader = std::function<void(const RestAnswer& answer)>;

  RestClient(HttpClient& http, Clock& clock, RestGitHubOptions options);

  /// The address of `path` ("/user/repos?per_page=100") below the API's root.
  Url url(std::string_view path) const;

  /// Asks once (limits and retries aside) and hands the answer to `read`, whose errors pass through.
  /// Throws Error(invalid) for a `url` that the token may not go to, also when there is none; unauthorized,
  /// forbidden, not_found, rate_limited; transient after the last retry; cancelled.
  void get_json(const Url& url, const std::stop_token& stop, const Reader& read);

  /// The same for every page of a list, `next` links followed as sent. Throws Error(corrupt) as well: for a
  /// body that is no array, and for a page that comes round again.
  void get_pages(const Url& first, const std::stop_token& stop, const Reader& read);

  /// Streams what `url` redirects to into `body`, one attempt but for the waits of limits. The token goes to
  /// the API alone, never on to where that sends us, which is another host as a rule. Throws Error as
  /// GitHub::download_zip() does.
  void download(const Url& url, ByteSink& body, const std::stop_token& stop);

  bool has_token() const { return !options_.token.empty(); }
  const Url& api_url() const { return options_.api_url; }
  const std::string& token_origin() const { return options_.token.origin(); }
  /// Retries counted, redirects not.
  std::uint64_t request_count() const { return requests_; }

 private:
  HttpResponse send(const Url& url, int& waits, const std::stop_token& stop);
  HttpResponse send_once(const Url& url, const std::stop_token& stop);
  HttpRequest api_request(const Url& url) const;
  HttpResponse follow_to_download(const Url& url, ByteSink& body, const std::stop_token& stop);
  [[noreturn]] void refuse_elsewhere(const Url& url) const;

  HttpClient& http_;
  Clock& clock_;
  const RestGitHubOptions options_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace hubkeep
