// GitHub's two APIs, answered raw: what was sent stays as it was sent, for those who keep it, and reading it
// is the caller's. An answer may be held as long as one likes; it and its copies share the text.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/byte_sink.h"
#include "base/clock.h"
#include "github/api_budget.h"
#include "github/token_scope.h"
#include "http/http_client.h"

namespace hubkeep {

/// A good answer: what was asked for, or that there is nothing (204), or nothing new (304).
class ApiAnswer {
 public:
  ApiAnswer(HttpResponse response, UtcTime date, bool is_cut_short = false);

  int status() const { return response_->status; }
  /// It is still what the question's condition names; there is no body.
  bool is_unchanged() const { return status() == 304; }
  /// As sent, with its quotes; empty: none.
  std::string etag() const;
  /// When GitHub gave it, by its own clock.
  UtcTime date() const { return date_; }
  /// The page after this one.
  std::optional<Url> next() const { return link("next"); }
  std::optional<Url> link(std::string_view relation) const;
  std::optional<std::string> header(std::string_view name) const { return response_->header(name); }
  /// GraphQL alone: it stopped at its limits for a single query. Data is missing; ask for less at a time.
  bool is_cut_short() const { return is_cut_short_; }

  std::string_view body() const { return response_->body; }
  /// Throws Error(corrupt) where there is none.
  nlohmann::json json() const;
  /// What the list holds that is the body, or its member of that name: each the text as it was sent, good
  /// as long as this answer or a copy of it. Throws Error(corrupt) where there is no list.
  std::vector<std::string_view> items(std::string_view member = {}) const;

 private:
  std::shared_ptr<const HttpResponse> response_;  // a string that moves may take its bytes elsewhere
  UtcTime date_;
  bool is_cut_short_;
};

/// A refusal, or an answer that cannot be read, is looked at twice before it is believed: GitHub, or what
/// stands before it, sends each of them once by mistake. Without "not found" for callers that wait once for
/// many such answers.
enum class SecondLook { always, unless_not_found };

struct Conditions {
  std::string etag =
      {};  // of what is known already: 304 where it is still that; empty: answer whatever it is
  SecondLook second_look = SecondLook::always;
  std::string accept = {};  // empty: the API's own JSON
};

struct GraphQuery {
  std::string query;
  std::string variables = "{}";  // as JSON
  /// Of those that the client makes where a failure is transient; nothing: all. For what a run can do
  /// without.
  std::optional<int> most_attempts = {};
};

/// What is said of a download before its first byte.
struct DownloadHead {
  std::optional<ByteCount> size;  // of the whole, also where only its rest comes; nothing: not announced
  std::string type;               // "image/png"; empty: not said
  std::string disposition;        // "attachment; filename=a.zip"; empty: not said
  Url url;                        // where it comes from in the end
};

/// api: below the API's root. web: on the host of its pages, which takes the same token. open: of others,
/// who get no token.
enum class DownloadFrom { api, web, open };

struct DownloadRequest {
  Url url;
  DownloadFrom from = DownloadFrom::api;
  std::string accept = "application/vnd.github+json";
  /// So much is here already: what comes is the rest.
  ByteCount offset = 0;
  /// Told before the first byte; what it throws ends the transfer. May be empty.
  std::function<void(const DownloadHead&)> on_head = {};
  /// Whether a redirect may lead there; empty: wherever it is no less safe.
  std::function<bool(const Url& target)> may_lead_to = {};
};

/// Where GitHub's GraphQL API is that belongs to a REST API: https://api.github.com/graphql,
/// https://api.SUB.ghe.com/graphql, https://HOST/api/graphql beside https://HOST/api/v3. Nothing for other
/// addresses.
std::optional<Url> graphql_url(const Url& api);

/// Thread-safe. Limits are waited out, transient failures tried again and refusals looked at twice in here;
/// an Error that comes out stands. Of forbidden and not_found it has the permission that GitHub names, if
/// any.
class GitHubApi {
 public:
  using Reader = std::function<void(const ApiAnswer& answer)>;
  template <typename Read>
  using ReadBy = std::decay_t<std::invoke_result_t<Read&, const ApiAnswer&>>;

  GitHubApi() = default;
  GitHubApi(const GitHubApi&) = delete;
  GitHubApi& operator=(const GitHubApi&) = delete;
  virtual ~GitHubApi() = default;

  /// The address of `path` ("/user/repos?per_page=100") below the API's root.
  virtual Url url(std::string_view path) const = 0;

  /// Throws Error(invalid) for a `url` that the token may not go to, also when there is none; unauthorized,
  /// forbidden, not_found, rate_limited; transient after the last retry; cancelled.
  ApiAnswer get(const Url& url, const Conditions& conditions, const std::stop_token& stop) {
    return get(url, conditions, stop, [](const ApiAnswer& answer) { return answer; });
  }
  /// What `read` makes of the answer. Where it throws Error(corrupt) the answer may be to blame, and is
  /// looked at twice as a refusal is.
  template <typename Read>
  ReadBy<Read> get(const Url& url, const Conditions& conditions, const std::stop_token& stop, Read&& read) {
    return result_of([&](const Reader& reader) { do_get(url, conditions, stop, reader); }, read);
  }

  /// Partial data and the errors beside it are an answer, and so is data that GitHub's limits for a single
  /// query cut short. An answer without data is transient. Throws as get() does; invalid where no GraphQL API
  /// belongs to the REST API.
  ApiAnswer graphql(const GraphQuery& query, const std::stop_token& stop) {
    return graphql(query, stop, [](const ApiAnswer& answer) { return answer; });
  }
  template <typename Read>
  ReadBy<Read> graphql(const GraphQuery& query, const std::stop_token& stop, Read&& read) {
    return result_of([&](const Reader& reader) { do_graphql(query, stop, reader); }, read);
  }

  /// Streams what the address redirects to into `body`, one attempt but for the waits of limits and a second
  /// look at a refusal, which come before the first byte. The token goes to the host that the request is for,
  /// never on to where that sends us, which is another as a rule. Throws Error as get() does, corrupt where
  /// another piece comes than was asked for, and whatever `body` throws.
  void download(const DownloadRequest& request, ByteSink& body, const std::stop_token& stop) {
    do_download(request, body, stop);
  }
  void download(const Url& url, ByteSink& body, const std::stop_token& stop) {
    do_download({.url = url}, body, stop);
  }
  /// What may carry the token, and what belongs to what: see token_scope.h.
  virtual GitHubPlaces places() const = 0;

  virtual ApiBudget& budget() = 0;

 protected:
  template <typename Ask, typename Read>
  static ReadBy<Read> result_of(const Ask& ask, Read& read) {
    std::optional<ReadBy<Read>> result;
    ask([&](const ApiAnswer& answer) { result.emplace(read(answer)); });
    return std::move(result).value();
  }

 private:
  virtual void do_get(const Url& url, const Conditions& conditions, const std::stop_token& stop,
                      const Reader& read) = 0;
  virtual void do_graphql(const GraphQuery& query, const std::stop_token& stop, const Reader& read) = 0;
  virtual void do_download(const DownloadRequest& request, ByteSink& body, const std::stop_token& stop) = 0;
};

}  // namespace hubkeep
