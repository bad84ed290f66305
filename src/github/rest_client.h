// GitHub's APIs over HTTP: who asks, how often, and what the answers mean. Limits are waited out and
// transient failures tried again in here; what comes out is an answer or an Error that stands.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/clock.h"
#include "base/retry.h"
#include "github/api.h"
#include "github/github.h"
#include "github/token_scope.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

struct RestGitHubOptions {
  Url api_url;                         // "https://api.github.com", "https://HOST/api/v3"
  std::shared_ptr<TokenSource> token;  // never null
  GitHubObserver observer;
  RetryPolicy retries;
  ApiAliases aliases = {};
};

/// Thread-safe as far as the observer is. Keeps references to client and clock.
class RestClient final : public GitHubApi {
 public:
  RestClient(HttpClient& http, Clock& clock, RestGitHubOptions options);

  Url url(std::string_view path) const override;
  GitHubPlaces places() const override;
  ApiBudget& budget() override { return budget_; }

  /// get() with a body that is sent. For what may be done twice: it is retried like any other.
  template <typename Read>
  ReadBy<Read> post(const Url& url, const nlohmann::json& body, const std::stop_token& stop, Read&& read) {
    return result_of([&](const Reader& reader) { do_post(url, body, stop, reader); }, read);
  }

  TokenSource& token_source() const { return *options_.token; }
  bool has_token() const { return options_.token->has_token(); }
  const Url& api_url() const { return options_.api_url; }
  std::string token_origin() const { return options_.token->origin(); }
  /// Retries counted, redirects not; what its tokens took as well.
  std::uint64_t request_count() const { return requests_ + options_.token->request_count(); }

 private:
  struct Question;

  void do_get(const Url& url, const Conditions& conditions, const std::stop_token& stop,
              const Reader& read) override;
  void do_graphql(const GraphQuery& query, const std::stop_token& stop, const Reader& read) override;
  void do_download(const DownloadRequest& request, ByteSink& body, const std::stop_token& stop) override;
  void do_post(const Url& url, const nlohmann::json& body, const std::stop_token& stop, const Reader& read);

  void ask(Question&& question, const std::stop_token& stop, const Reader& read);
  ApiAnswer look(Question& question, const std::stop_token& stop);
  ApiAnswer answer_within_limits(Question& question, ApiBudget::Patience& patience,
                                 const std::stop_token& stop);
  /// Waits for what this request, or another before it, was told to wait for.
  ApiBudget::UnderWay begin(ApiKind api, ApiBudget::Patience& patience, const std::stop_token& stop);
  /// What an answer means; where it asks to wait, the next begin() of any request does.
  AnswerMeaning heed(const HttpResponse& response, AnswerContext context, ApiBudget::Patience& patience);
  /// Puts the token into `request` for `send`, which is called once more where another token may do.
  HttpResponse with_token(HttpRequest& request, const std::stop_token& stop,
                          const std::function<HttpResponse()>& send);
  static void add_api_headers(HttpRequest& request, const std::string& accept);
  bool is_alias(const Url& url) const;
  bool may_have_token(const Url& url) const;
  /// Whether it is an address of the API, by whichever of its names.
  bool is_of_api(const Url& url) const;
  bool may_begin(const DownloadRequest& request) const;
  /// Whether the token goes along to `url`.
  bool is_trusted(const DownloadRequest& request, const Url& url) const;
  HttpResponse follow_to_download(const DownloadRequest& request, ByteSink& body,
                                  const std::stop_token& stop);
  HttpResponse send_to_api(const HttpRequest& request, ApiKind api, ByteSink* body,
                           const std::stop_token& stop);
  HttpResponse send_once(const Question& question, const std::stop_token& stop);
  [[noreturn]] void refuse_elsewhere(const Url& url) const;

  HttpClient& http_;
  Clock& clock_;
  const RestGitHubOptions options_;
  ApiBudget budget_;
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace hubkeep
