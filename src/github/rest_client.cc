// A question goes through these layers:
//   answer_within_limits: waits until the budget allows it, sends it, waits out what GitHub asks for
//   look: tries again what is transient, and whatever is no whole JSON
//   ask: looks a second time, a moment later, at a refusal or at an answer that the reader cannot use
//   with_token, beneath all: a 401 gets another token, where the source has one
// So what is believed was said twice, and no limit counts as a failure. The token goes to the API's own host
// alone, by the names of it that the user has given, and an answer from anywhere else is refused.
#include "github/rest_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/json_depth.h"
#include "base/text.h"
#include "github/rate_limit.h"
#include "http/asked_wait.h"

namespace hubkeep {
namespace {

constexpr const char* kApiVersion = "2022-11-28";
constexpr const char* kApiAccept = "application/vnd.github+json";

// "https://ghe.example.com/" without "/api/v3" leads to the web pages of the same server.
// A sign-in page, a captive portal or the wrong address. See
// RestClientTest.HintsAtTheApiUrlWhenAWebPageAnswers.
bool is_web_page(const HttpResponse& response) {
  if (response.status != 404 && response.status / 100 != 2)
    return false;  // GitHub's own 502 is a web page, too
  const std::string type = to_lower(response.header("Content-Type").value_or(""));
  return type.starts_with("text/html") || trim(response.body).starts_with('<');
}

HttpRequest post_of(const Url& url, std::string body) {
  return {.method = "POST",
          .url = url,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body)};
}

std::string context_of(const std::string& method, const Url& url) {
  return method + " " + url.without_query();
}

}  // namespace

struct RestClient::Question {
  HttpRequest request;
  Conditions conditions = {};
  ApiKind api = ApiKind::rest;
  std::optional<int> most_attempts = {};
};

RestClient::RestClient(HttpClient& http, Clock& clock, RestGitHubOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {}

Url RestClient::url(std::string_view path) const {
  std::string root = options_.api_url.without_query();
  while (root.ends_with('/')) root.pop_back();
  return Url::parse(root + std::string(path));
}

// Of private repositories the web host gives attachments to classic tokens alone: to a fine-grained one, or
// an App's, it says that there is nothing.
GitHubPlaces RestClient::places() const {
  GitHubPlaces places{.api = options_.api_url, .aliases = options_.aliases, .has_token = has_token()};
  const bool is_personal = options_.token->kind() == TokenKind::personal;
  places.lacks_private_attachments =
      places.has_token && (!is_personal || options_.token->token({}).reveal().starts_with("github_pat_"));
  return places;
}

void RestClient::refuse_elsewhere(const Url& url) const {
  throw Error(
      ErrorKind::invalid,
      fmt::format(
          "GitHub's answer leads to {}, which is not the API's host {}: refused; if that is "
          "another name of the same GitHub, give --api-alias {}; if the API is there, name it with --api-url",
          url.origin(), options_.api_url.origin(), url.host_and_port()));
}

bool RestClient::is_alias(const Url& url) const {
  return hubkeep::is_alias(url, options_.api_url, options_.aliases);
}

bool RestClient::may_have_token(const Url& url) const {
  return may_send_token(url, options_.api_url, options_.aliases);
}

void RestClient::add_api_headers(HttpRequest& request, const std::string& accept) {
  request.headers.emplace_back("Accept", accept);
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
  // Once: a second 401 is about the App or the account, not about this token. See
  // InstallationTokenTest.ARequestThatIsRefusedIsRepeatedWithAnother.
  return send_now(options_.token->token(stop));
}

HttpResponse RestClient::send_to_api(const HttpRequest& request, ApiKind api, ByteSink* body,
                                     const std::stop_token& stop) {
  ++requests_;
  HttpResponse response = http_.send(request, body, stop);
  // What another server says is no limit of GitHub's.
  if (response.url.origin() == request.url.origin() || is_alias(response.url))
    budget_.note(response, api, clock_.now());
  return response;
}

HttpResponse RestClient::send_once(const Question& question, const std::stop_token& stop) {
  const HttpRequest& request = question.request;
  HttpResponse response = send_to_api(request, question.api, nullptr, stop);
  // What another server says there is no listing of GitHub's, and a refusal says nothing about our token.
  if (response.url.origin() != request.url.origin() && !is_alias(response.url))
    refuse_elsewhere(response.url);
  if (is_web_page(response)) {
    throw Error(
        ErrorKind::invalid,
        "a web page answered instead of GitHub's API: for GitHub Enterprise Server, --api-url must end in "
        "/api/v3");
  }
  return response;
}

ApiBudget::UnderWay RestClient::begin(ApiKind api, ApiBudget::Patience& patience,
                                      const std::stop_token& stop) {
  while (const auto wait = budget_.begin(api, patience, clock_.now())) {
    if (options_.observer.on_wait) options_.observer.on_wait(wait->reason, wait->duration);
    wait_as_asked(clock_, wait->duration, stop, wait->reason);
  }
  return {budget_, api};
}

AnswerMeaning RestClient::heed(const HttpResponse& response, AnswerContext context,
                               ApiBudget::Patience& patience) {
  context.now = clock_.now();
  context.waits = patience.refusals;
  context.token_kind = options_.token->kind();
  const AnswerMeaning meaning = classify_response(response, context);
  if (const auto* wait = std::get_if<RateLimitWait>(&meaning)) {
    ++patience.refusals;
    budget_.hold(*wait, context.api, clock_.now());
  }
  return meaning;
}

ApiAnswer RestClient::answer_within_limits(Question& question, ApiBudget::Patience& patience,
                                           const std::stop_token& stop) {
  for (;;) {
    const ApiBudget::UnderWay under_way = begin(question.api, patience, stop);
    HttpResponse response = with_token(question.request, stop, [&] { return send_once(question, stop); });
    const AnswerMeaning meaning = heed(response,
                                       {.token_origin = has_token() ? token_origin() : "",
                                        .api = question.api,
                                        .is_conditional = !question.conditions.etag.empty()},
                                       patience);
    if (const auto* error = std::get_if<Error>(&meaning)) throw *error;
    const auto* accepted = std::get_if<Accepted>(&meaning);
    if (!accepted) continue;
    const UtcTime date = response_time(response, clock_.now());
    return {std::move(response), date, accepted->is_cut_short};
  }
}

ApiAnswer RestClient::look(Question& question, const std::stop_token& stop) {
  ApiBudget::Patience patience;
  RetryPolicy retries = options_.retries;
  retries.max_attempts =
      std::min(retries.max_attempts, question.most_attempts.value_or(retries.max_attempts));
  return with_retries(retries, clock_, stop, options_.observer.on_retry, [&] {
    const ApiAnswer answer = answer_within_limits(question, patience, stop);
    // These have no body (RestClientTest.AnAnswerWithoutContentIsOne).
    if (answer.status() == 204 || answer.is_unchanged()) return answer;
    // What is nested too deep is corrupt, and not merely cut: asking again at once would bring the same.
    check_json_depth(answer.body());
    if (is_json(answer.body())) return answer;
    throw Error(ErrorKind::transient,
                fmt::format("the answer of {} bytes is not whole JSON", answer.body().size()));
  });
}

void RestClient::ask(Question&& question, const std::stop_token& stop, const Reader& read) {
  if (!may_have_token(question.request.url)) refuse_elsewhere(question.request.url);
  const std::string& accept = question.conditions.accept;
  add_api_headers(question.request, accept.empty() ? kApiAccept : accept);
  question.request.is_trusted = [this](const Url& target) { return is_alias(target); };
  with_context(context_of(question.request.method, question.request.url), [&] {
    try {
      return read(look(question, stop));
    } catch (const Error& error) {
      // Who asks for many repositories waits once for all of them, not once for each.
      const bool is_for_the_caller = question.conditions.second_look == SecondLook::unless_not_found &&
                                     error.kind() == ErrorKind::not_found;
      if (is_for_the_caller || !is_worth_a_second_look(error.kind())) throw;
    }
    clock_.sleep(kSecondLook, stop);
    read(look(question, stop));
  });
}

void RestClient::do_get(const Url& url, const Conditions& conditions, const std::stop_token& stop,
                        const Reader& read) {
  Question question{.request = {.url = url}, .conditions = conditions};
  if (!conditions.etag.empty()) question.request.headers.emplace_back("If-None-Match", conditions.etag);
  ask(std::move(question), stop, read);
}

void RestClient::do_post(const Url& url, const nlohmann::json& body, const std::stop_token& stop,
                         const Reader& read) {
  ask({.request = post_of(url, body.dump())}, stop, read);
}

void RestClient::do_graphql(const GraphQuery& query, const std::stop_token& stop, const Reader& read) {
  const auto url = graphql_url(options_.api_url);
  if (!url)
    throw Error(ErrorKind::invalid,
                fmt::format("no GraphQL API belongs to {}", options_.api_url.without_query()));
  std::string body =
      fmt::format(R"({{"query":{},"variables":{}}})", nlohmann::json(query.query).dump(), query.variables);
  ask({.request = post_of(*url, std::move(body)),
       .api = ApiKind::graphql,
       .most_attempts = query.most_attempts},
      stop, read);
}

}  // namespace hubkeep
