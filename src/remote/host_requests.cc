#include "remote/host_requests.h"

#include <utility>

#include "base/error.h"
#include "base/retry.h"
#include "crypto/base64.h"
#include "github/rate_limit.h"
#include "http/asked_wait.h"

namespace hubkeep {

HostRequests::HostRequests(HttpClient& http, Clock& clock, const HostAccess& access, Url url)
    : http_(http),
      clock_(clock),
      access_(access),
      url_(std::move(url)),
      sends_token_(access.token->has_token() && may_send_token(url_, access.api_url, access.aliases)) {}

HttpRequest HostRequests::request(std::string_view path) const {
  HttpRequest request{.url = url_};
  request.url.path += path;
  request.is_trusted = [this](const Url& target) { return is_alias_of_api(target); };
  return request;
}

// A refusal comes once by mistake, and would end the work on this repository.
HttpResponse HostRequests::send(HttpRequest& request, ByteSink* sink, const std::stop_token& stop) {
  HttpResponse response = send_patiently(request, sink, stop);
  if (response.status != 401 && response.status != 403 && response.status != 404) {
    may_be_absent_ = false;
    return response;
  }
  if (may_be_absent_ && response.status == 401 && !sends_token_) response.status = 404;  // as GitHub says it
  if (response.status == 404 && may_be_absent_) return response;
  clock_.sleep(kSecondLook, stop);
  return send_patiently(request, sink, stop);
}

TokenUse HostRequests::token_use(const HttpResponse& response) const {
  return {.origin = access_.token->origin(),
          .was_sent = has_seen_token(response.url),
          .api_host = access_.api_url.host_and_port(),
          .kind = access_.token->kind()};
}

bool HostRequests::is_alias_of_api(const Url& target) const {
  return is_alias(target, access_.api_url, access_.aliases);
}

// After redirects, which take the token along to those places alone.
bool HostRequests::has_seen_token(const Url& url) const {
  return sends_token_ && (url.origin() == url_.origin() || is_alias_of_api(url));
}

HttpResponse HostRequests::send_with(const Secret& token, HttpRequest& request, ByteSink* sink,
                                     const std::stop_token& stop) {
  request.secret_headers.clear();
  // Any user name does; this one works for all kinds of tokens.
  if (!token.empty())
    request.secret_headers = {{"Authorization", "Basic " + base64("x-access-token:" + token.reveal())}};
  ++requests_;
  return http_.send(request, sink, stop);
}

// A token may end at any request: another one is tried once. Of a refusal nothing has reached the sink.
HttpResponse HostRequests::send_authorized(HttpRequest& request, ByteSink* sink,
                                           const std::stop_token& stop) {
  if (!sends_token_) return send_with({}, request, sink, stop);
  const Secret token = access_.token->token(stop);
  HttpResponse response = send_with(token, request, sink, stop);
  const bool is_about_token = response.status == 401 && has_seen_token(response.url);
  if (!is_about_token || !access_.token->replaces(token)) return response;
  return send_with(access_.token->token(stop), request, sink, stop);
}

// Waits as long and as often as the API's limits are waited for.
HttpResponse HostRequests::send_patiently(HttpRequest& request, ByteSink* sink, const std::stop_token& stop) {
  for (int waits = 0;; ++waits) {
    HttpResponse response = send_authorized(request, sink, stop);
    if (!wait_as_told(response, waits, "the git server asks to slow down", stop)) return response;
  }
}

bool HostRequests::wait_as_told(const HttpResponse& response, int waits, const std::string& reason,
                                const std::stop_token& stop) {
  const auto limit = classify_git_limit(response, {.now = clock_.now(),
                                                   .waits = waits,
                                                   .token_origin = access_.token->origin(),
                                                   .token_kind = access_.token->kind()});
  if (!limit) return false;
  if (const auto* error = std::get_if<Error>(&*limit)) throw Error(*error);
  const auto wait = std::get<RateLimitWait>(*limit).duration;
  if (access_.observer.on_wait) access_.observer.on_wait(reason, wait);
  wait_as_asked(clock_, wait, stop, reason);
  for (auto waited = waited_.load(); !waited_.compare_exchange_weak(waited, waited + wait);) {
  }
  return true;
}

}  // namespace hubkeep
