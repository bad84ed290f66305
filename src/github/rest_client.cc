#include "github/rest_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/json_depth.h"
#include "base/text.h"
#include "github/link_header.h"
#include "github/rate_limit.h"
#include "github/token_scope.h"

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

std::string context_of(const Url& url) {
  return "GET " + url.without_query();
}

}  // namespace

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

HttpRequest RestClient::api_request(const Url& url) const {
  HttpRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/vnd.github+json"}, {"X-GitHub-Api-Version", kApiVersion}};
  if (has_token()) request.secret_headers = {{"Authorization", "Bearer " + options_.token.reveal()}};
  return request;
}

HttpResponse RestClient::send_once(const Url& url, const std::stop_token& stop) {
  ++requests_;
  HttpResponse response = http_.send(api_request(url), nullptr, stop);
  // What another server says there is no listing of GitHub's, and a refusal says nothing about our token.
  if (response.url.origin() != url.origin()) refuse_elsewhere(response.url);
  if (is_web_page(response)) {
    throw Error(
        ErrorKind::invalid,
        "a web page answered instead of GitHub's API: for GitHub Enterprise Server, --api-url must end in "
        "/api/v3");
  }
  return response;
}

HttpResponse RestClient::send(const Url& url, int& waits, const std::stop_token& stop) {
  for (;;) {
    HttpResponse response = send_once(url, stop);
    const Verdict verdict = classify_response(
        response, {.now = clock_.now(), .waits = waits, .token_origin = has_token() ? token_origin() : ""});
    if (std::holds_alternative<Accepted>(verdict)) return response;
    if (const auto* error = std::get_if<Error>(&verdict)) throw *error;
    const auto& wait = std::get<RateLimitWait>(verdict);
    if (options_.observer.on_wait) options_.observer.on_wait(wait.reason, wait.duration);
    clock_.sleep(wait.duration, stop);
    ++waits;
  }
}

void RestClient::get_json(const Url& url, const std::stop_token& stop, const Reader& read) {
  if (!may_send_token(url, options_.api_url)) refuse_elsewhere(url);
  with_context(context_of(url), [&] {
    int waits = 0;
    nlohmann::json body;
    const HttpResponse response =
        with_retries(options_.retries, clock_, stop, options_.observer.on_retry, [&] {
          HttpResponse answer = send(url, waits, stop);
          check_json_depth(answer.body);
          body = nlohmann::json::parse(answer.body, nullptr, false);
          if (body.is_discarded()) {
            throw Error(ErrorKind::transient,
                        fmt::format("the answer of {} bytes is not whole JSON", answer.body.size()));
          }
          return answer;
        });
    read({.body = body, .response = response, .date = response_time(response, clock_.now())});
  });
}

void RestClient::get_pages(const Url& first, const std::stop_token& stop, const Reader& read) {
  std::set<std::string> visited;
  std::optional<Url> next = first;
  while (next) {
    const Url page = *next;
    if (!visited.insert(page.str()).second) {
      throw Error(ErrorKind::corrupt, context_of(page) + ": the pages of the list go round in a circle");
    }
    get_json(page, stop, [&](const RestAnswer& answer) {
      if (!answer.body.is_array()) {
        throw Error(ErrorKind::corrupt,
                    fmt::format("GitHub sent an {} where a list was expected", answer.body.type_name()));
      }
      read(answer);
      const auto link = next_link(answer.response.header("Link").value_or(""));
      next = link ? std::optional(answer.response.url.resolve(*link)) : std::nullopt;
    });
  }
}

}  // namespace hubkeep
