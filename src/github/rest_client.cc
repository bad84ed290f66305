#include "github/rest_client.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/json_depth.h"
#include "base/text.h"
#include "github/rate_limit.h"
#include "github/token_scope.h"
#include "http/asked_wait.h"

namespace hubkeep {
namespace {

constexpr const char* kApiVersion = "2022-11-28";

// "https://ghe.example.com/" without "/api/v3" leads to the web pages of the same server.
bool is_web_page(const HttpResponse& response) {
  if (response.status != 404 && response.status / 100 != 2)
    return false;  // GitHub's own 502 is a web page, too
  const std::string type = to_lower(response.header("Content-Type").value_or(""));
  return type.starts_with("text/html") || trim(response.body).starts_with('<');
}

HttpRequest post_of(const Url& url, const nlohmann::json& body) {
  return {
      .method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

std::string context_of(const std::string& method, const Url& url) {
  return method + " " + url.without_query();
}

}  // namespace

struct RestClient::Question {
  HttpRequest request;
  SecondLook second_look = SecondLook::always;
  ApiKind api = ApiKind::rest;
};

RestClient::RestClient(HttpClient& http, Clock& clock, RestGitHubOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {}

Url RestClient::url(std::string_view path) const {
  std::string root = options_.api_url.without_query();
  while (root.ends_with('/')) root.pop_back();
  return Url::parse(root + std::string(path));
}

void RestClient::refuse_elsewhere(const Url& url) const {
  throw Error(
      ErrorKind::invalid,
      fmt::format("GitHub's answer leads to {}, which is not the API's host {}: refused; if the API is "
                  "there, name it with --api-url",
                  url.origin(), options_.api_url.origin()));
}

void RestClient::add_api_headers(HttpRequest& request) {
  request.headers.emplace_back("Accept", "application/vnd.github+json");
  request.headers.emplace_back("X-GitHub-Api-Version", kApiVersion);
}

HttpResponse RestClient::with_token(HttpRequest& request, const std::stop_token& stop,
                                    const std::function<HttpResponse()>& send) {
  const auto send_now = [&](const Secret& token) {
    request.secret_headers.clear();
    if (!token.empty()) request.secret_headers = {{"Authorization", "Bearer " + token.reveal()}};
    return send();
  };
  const Secret token = options_.token->token(stop);
  HttpResponse response = send_now(token);
  if (response.status != 401 || !options_.token->replaces(token)) return response;
  return send_now(options_.token->token(stop));
}

HttpResponse RestClient::send_once(const HttpRequest& request, const std::stop_token& stop) {
  ++requests_;
  HttpResponse response = http_.send(request, nullptr, stop);
  // What another server says there is no listing of GitHub's, and a refusal says nothing about our token.
  if (response.url.origin() != request.url.origin()) refuse_elsewhere(response.url);
  if (is_web_page(response)) {
    throw Error(
        ErrorKind::invalid,
        "a web page answered instead of GitHub's API: for GitHub Enterprise Server, --api-url must end in "
        "/api/v3");
  }
  return response;
}

HttpResponse RestClient::send(Question& question, int& waits, const std::stop_token& stop) {
  for (;;) {
    HttpResponse response =
        with_token(question.request, stop, [&] { return send_once(question.request, stop); });
    const AnswerMeaning meaning =
        classify_response(response, {.now = clock_.now(),
                                     .waits = waits,
                                     .token_origin = has_token() ? token_origin() : "",
                                     .token_kind = options_.token->kind(),
                                     .api = question.api});
    if (std::holds_alternative<Accepted>(meaning)) return response;
    if (const auto* error = std::get_if<Error>(&meaning)) throw *error;
    const auto& wait = std::get<RateLimitWait>(meaning);
    if (options_.observer.on_wait) options_.observer.on_wait(wait.reason, wait.duration);
    wait_as_asked(clock_, wait.duration, stop, wait.reason);
    ++waits;
  }
}

void RestClient::look(Question& question, const std::stop_token& stop, const Reader& read) {
  int waits = 0;
  nlohmann::json body;
  const HttpResponse response = with_retries(options_.retries, clock_, stop, options_.observer.on_retry, [&] {
    HttpResponse answer = send(question, waits, stop);
    check_json_depth(answer.body);
    body = parse_json_or_discard(answer.body);
    if (body.is_discarded()) {
      throw Error(ErrorKind::transient,
                  fmt::format("the answer of {} bytes is not whole JSON", answer.body.size()));
    }
    return answer;
  });
  read({.body = body, .response = response, .date = response_time(response, clock_.now())});
}

void RestClient::ask(Question&& question, const std::stop_token& stop, const Reader& read) {
  if (!may_send_token(question.request.url, options_.api_url)) refuse_elsewhere(question.request.url);
  add_api_headers(question.request);
  with_context(context_of(question.request.method, question.request.url), [&] {
    try {
      return look(question, stop, read);
    } catch (const Error& error) {
      const bool is_for_the_caller =
          question.second_look == SecondLook::unless_not_found && error.kind() == ErrorKind::not_found;
      if (is_for_the_caller || !is_worth_a_second_look(error.kind())) throw;
    }
    clock_.sleep(kSecondLook, stop);
    look(question, stop, read);
  });
}

void RestClient::get_json(const Url& url, const std::stop_token& stop, const Reader& read,
                          SecondLook second_look) {
  ask({.request = {.url = url}, .second_look = second_look}, stop, read);
}

void RestClient::post_json(const Url& url, const nlohmann::json& body, const std::stop_token& stop,
                           const Reader& read) {
  ask({.request = post_of(url, body)}, stop, read);
}

void RestClient::post_graphql(const Url& url, const nlohmann::json& query, const std::stop_token& stop,
                              const Reader& read) {
  ask({.request = post_of(url, query), .api = ApiKind::graphql}, stop, read);
}

}  // namespace hubkeep
