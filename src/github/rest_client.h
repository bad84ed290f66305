// Requests to GitHub's REST API: who asks, how often, and what the answers mean. Limits are waited out and
// transient failures tried again in here; what comes out is JSON or an Error that stands.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/clock.h"
#include "base/retry.h"
#include "github/github.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

struct RestGitHubOptions {
  Url api_url;                         // "https://api.github.com", "https://HOST/api/v3"
  std::shared_ptr<TokenSource> token;  // never null
  GitHubObserver observer;
  RetryPolicy retries;
};

/// A refusal, or an answer that cannot be read, is looked at twice before it is believed: GitHub, or what
/// stands before it, sends each of them once by mistake. Without "not found" for callers that wait once for
/// many such answers.
enum class SecondLook { always, unless_not_found };

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

  /// Asks (limits and retries aside) once, or twice where the answer is a refusal or `read` throws
  /// Error(corrupt), and hands the answer to `read`, whose errors pass through.
  /// Throws Error(invalid) for a `url` that the token may not go to, also when there is none; unauthorized,
  /// forbidden, not_found, rate_limited; transient after the last retry; cancelled.
  void get_json(const Url& url, const std::stop_token& stop, const Reader& read,
                SecondLook second_look = SecondLook::always);

  /// The same with a body that is sent. For what may be done twice: it is retried like any other.
  void post_json(const Url& url, const nlohmann::json& body, const std::stop_token& stop, const Reader& read);

  /// Asks GitHub's other API, at graphql_url(), which refuses with status 200. An answer without data is
  /// transient; partial data and the errors beside it are for `read`.
  void post_graphql(const Url& url, const nlohmann::json& query, const std::stop_token& stop,
                    const Reader& read);

  /// Streams what `url` redirects to into `body`, one attempt but for the waits of limits and a second look
  /// at a refusal. The token goes to the API alone, never on to where that sends us, which is another host as
  /// a rule. Throws Error as GitHub::download_zip() does.
  void download(const Url& url, ByteSink& body, const std::stop_token& stop);

  TokenSource& token_source() const { return *options_.token; }
  bool has_token() const { return options_.token->has_token(); }
  const Url& api_url() const { return options_.api_url; }
  std::string token_origin() const { return options_.token->origin(); }
  /// Retries counted, redirects not; what its tokens took as well.
  std::uint64_t request_count() const { return requests_ + options_.token->request_count(); }

 private:
  struct Question;

  void ask(Question&& question, const std::stop_token& stop, const Reader& read);
  void look(Question& question, const std::stop_token& stop, const Reader& read);
  HttpResponse send(Question& question, int& waits, const std::stop_token& stop);
  /// Puts the token into `request` for `send`, which is called once more where another token may do.
  HttpResponse with_token(HttpRequest& request, const std::stop_token& stop,
                          const std::function<HttpResponse()>& send);
  static void add_api_headers(HttpRequest& request);
  HttpResponse follow_to_download(const Url& url, ByteSink& body, const std::stop_token& stop);
  HttpResponse send_once(const HttpRequest& request, const std::stop_token& stop);
  [[noreturn]] void refuse_elsewhere(const Url& url) const;

  HttpClient& http_;
  Clock& clock_;
  const RestGitHubOptions options_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace hubkeep
