// An answer has one of three meanings. A 403 or 429 is a limit if a header says how long to wait, if the hour
// is used up, or if the message speaks of limits: GitHub's secondary limits come as any of these. The wait
// goes by GitHub's own Date, so that a wrong clock here does not stretch it. All else is an Error that says
// what the token lacks.
#include "github/rate_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using std::chrono::seconds;

constexpr seconds kFirstBlindWait =
    std::chrono::minutes(1);  // GitHub: "wait for at least one minute", then longer
constexpr int kMaxWaits = 5;
constexpr std::size_t kLongestQuote = 300;

std::optional<std::int64_t> header_number(const HttpResponse& response, std::string_view name) {
  const auto text = response.header(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool usable = error == std::errc() && end == text->data() + text->size() && number >= 0;
  return usable ? std::optional(number) : std::nullopt;
}

nlohmann::json parse_body(const HttpResponse& response) {
  auto json = parse_json_or_discard(response.body);
  return json.is_object() ? json : nlohmann::json::object();
}

// GitHub's own words, safe to show and of bounded length; empty when there are none.
std::string message_of(const nlohmann::json& body) {
  const auto found = body.is_object() ? body.find("message") : body.end();
  if (found == body.end() || !found->is_string()) return "";
  return printable(found->get_ref<const std::string&>().substr(0, kLongestQuote));
}

std::string quoted(const std::string& message) {
  return message.empty() ? "" : fmt::format(" (GitHub says: {})", message);
}

bool speaks_of_limits(const std::string& message) {
  const std::string lower = to_lower(message);
  return lower.find("rate limit") != std::string::npos || lower.find("abuse") != std::string::npos;
}

// RFC 9110 section 10.2.3: a number of seconds, or a date.
std::optional<seconds> retry_after(const HttpResponse& response, UtcTime now) {
  if (const auto number = header_number(response, "Retry-After")) {
    return seconds(std::min(*number, seconds(std::chrono::years(1)).count()));
  }
  const auto text = response.header("Retry-After");
  const auto date = text ? parse_http_date(*text) : std::nullopt;
  return date ? std::optional(*date - now) : std::nullopt;
}

RateLimitWait blind_wait(int waits) {
  return {.duration = kFirstBlindWait * (1 << std::clamp(waits, 0, kMaxWaits)),
          .reason = "GitHub's secondary rate limit"};
}

// By a header, or in words.
std::optional<RateLimitWait> asked_to_wait(const HttpResponse& response, const std::string& message,
                                           UtcTime now, int waits) {
  if (const auto wait = retry_after(response, now)) {
    return RateLimitWait{.duration = std::max(*wait, seconds(1)),
                         .reason = "GitHub asks to be left alone for a while"};
  }
  const auto limit = hourly_limit(response);
  if (limit && limit->remaining == 0) return wait_for_reset(*limit, now);
  return speaks_of_limits(message) ? std::optional(blind_wait(waits)) : std::nullopt;
}

std::optional<RateLimitWait> rate_limit(const HttpResponse& response, const std::string& message, UtcTime now,
                                        int waits) {
  const auto wait = asked_to_wait(response, message, now, waits);
  return wait || response.status != 429 ? wait : blind_wait(waits);
}

// A token that an App signs says from when to when it holds, and GitHub names the claim that its clock
// contradicts.
bool speaks_of_time(const std::string& message) {
  return message.find("('exp')") != std::string::npos || message.find("('iat')") != std::string::npos;
}

std::string difference_of_clocks(const HttpResponse& response, UtcTime now) {
  const auto ahead = now - response_time(response, now);
  return fmt::format("the clock of this machine is wrong: it is {} s {} GitHub's; set it",
                     std::abs(ahead.count()), ahead.count() < 0 ? "behind" : "ahead of");
}

std::string remedy(TokenKind kind) {
  switch (kind) {
    case TokenKind::installation:
      return "was the App uninstalled or suspended meanwhile?";
    case TokenKind::app:
      return "the key is not one of this App's, or it was deleted there; make a new one in the App's "
             "settings";
    case TokenKind::personal:
      break;
  }
  return "it is wrong, expired or revoked; make a new one (classic, with the scope repo, or fine-grained, "
         "reading contents and metadata) and set it there";
}

Error unauthorized(const HttpResponse& response, const std::string& message, const AnswerContext& context) {
  if (context.token_origin.empty()) {
    return Error(ErrorKind::unauthorized, "GitHub wants a token for this" + quoted(message) +
                                              ": set TOKEN_GITHUB or use --token-file, or --app-id "
                                              "for a GitHub App");
  }
  const bool clocks = context.token_kind == TokenKind::app && speaks_of_time(message);
  return Error(
      ErrorKind::unauthorized,
      fmt::format("GitHub refuses {}{}: {}", describe_token(context.token_origin, context.token_kind),
                  quoted(message),
                  clocks ? difference_of_clocks(response, context.now) : remedy(context.token_kind)));
}

std::string header_text(const HttpResponse& response, std::string_view name) {
  return printable(response.header(name).value_or("").substr(0, kLongestQuote));
}

// "X-Accepted-OAuth-Scopes: repo, public_repo" names those of which one would do, X-OAuth-Scopes what the
// token has.
bool has_accepted_scope(const HttpResponse& response) {
  const std::string held = response.header("X-OAuth-Scopes").value_or("");
  const std::string accepted = response.header("X-Accepted-OAuth-Scopes").value_or("");
  const auto scopes = split(held, ',');
  const auto wanted = split(accepted, ',');
  return std::any_of(wanted.begin(), wanted.end(), [&](std::string_view each) {
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](std::string_view scope) { return trim(scope) == trim(each); });
  });
}

// Of fine-grained tokens and Apps "contents=read; issues=read,pull_requests=read", of classic ones scopes.
std::string missing_permission(const HttpResponse& response) {
  const auto permissions = header_text(response, "X-Accepted-GitHub-Permissions");
  if (!permissions.empty() || has_accepted_scope(response)) return permissions;
  return header_text(response, "X-Accepted-OAuth-Scopes");
}

std::string what_is_missing(const HttpResponse& response) {
  if (const auto sso = header_text(response, "X-GitHub-SSO"); !sso.empty()) {
    return fmt::format("; the organisation wants single sign-on, authorise the token for it: {}", sso);
  }
  if (const auto permissions = header_text(response, "X-Accepted-GitHub-Permissions"); !permissions.empty()) {
    return fmt::format("; it needs one of these permissions: {}", permissions);
  }
  if (!response.header("X-OAuth-Scopes")) return "";
  const auto scopes = header_text(response, "X-OAuth-Scopes");
  const auto accepted = header_text(response, "X-Accepted-OAuth-Scopes");
  return fmt::format("; it has {}{}", scopes.empty() ? "no scopes" : "the scopes " + scopes,
                     accepted.empty() ? "" : ", one of these is needed: " + accepted);
}

// DMCA (451) and terms of service (403): {"message": …, "block": {"reason": …, "html_url": …}}
std::string block_of(const nlohmann::json& body) {
  const auto block = body.find("block");
  if (block == body.end() || !block->is_object()) return "";
  const auto url = block->find("html_url");
  if (url != block->end() && url->is_string())
    return ", see " + printable(url->get_ref<const std::string&>());
  return ", blocked";
}

Error forbidden(const HttpResponse& response, const nlohmann::json& body, const std::string& token) {
  const std::string message = quoted(message_of(body));
  if (const auto block = block_of(body); !block.empty()) {
    return Error(ErrorKind::forbidden, "GitHub has disabled access" + message + block);
  }
  return Error(ErrorKind::forbidden,
               fmt::format("{} is not allowed to do this{}{}", token, message, what_is_missing(response)))
      .with_permission(missing_permission(response));
}

Error failure(const HttpResponse& response, const nlohmann::json& body, const AnswerContext& context) {
  const std::string message = quoted(message_of(body));
  const std::string token = describe_token(context.token_origin, context.token_kind);
  const int status = response.status;
  if (status == 401) return unauthorized(response, message_of(body), context);
  if (status == 403) return forbidden(response, body, token);
  if (status == 404 || status == 410) {
    return Error(ErrorKind::not_found, fmt::format("it does not exist, or {} cannot see it", token))
        .with_permission(missing_permission(response));
  }
  if (status == 451) {
    return Error(ErrorKind::forbidden, "not available for legal reasons (451)" + message + block_of(body));
  }
  if (status >= 500 || status == 408) {
    return Error(ErrorKind::transient, fmt::format("GitHub answered with status {}{}", status, message));
  }
  if (status >= 400) {
    return Error(ErrorKind::invalid,
                 fmt::format("GitHub refuses the request with status {}{}", status, message));
  }
  return Error(ErrorKind::corrupt, fmt::format("unexpected answer with status {}", status));
}

// Nobody waits for ever: neither again and again nor for hours at once.
AnswerMeaning bounded(const RateLimitWait& wait, const std::string& message, const AnswerContext& context) {
  if (context.waits >= kMaxWaits) {
    return Error(ErrorKind::rate_limited,
                 fmt::format("{}, still after {} waits{}", wait.reason, context.waits, quoted(message)));
  }
  if (wait.duration > kLongestWait) {
    return Error(
        ErrorKind::rate_limited,
        fmt::format("{}: {} minutes to wait, which is too long{}", wait.reason,
                    std::chrono::ceil<std::chrono::minutes>(wait.duration).count(), quoted(message)));
  }
  return wait;
}

const nlohmann::json& at(const nlohmann::json& value, const char* name) {
  static const nlohmann::json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

// Types of errors that say that a smaller query would be answered.
bool is_about_size(const nlohmann::json& error) {
  const auto& type = at(error, "type");
  return type == "RESOURCE_LIMITS_EXCEEDED" || type == "MAX_NODE_LIMIT_EXCEEDED";
}

bool is_about_limit(const nlohmann::json& error) {
  return at(error, "type") == "RATE_LIMITED";
}

// {"data": {…} or null or absent, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded
// …"}]}: https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
AnswerMeaning graphql_meaning(const HttpResponse& response, const AnswerContext& context) {
  const auto body = parse_body(response);
  const auto& told = at(body, "errors");
  const nlohmann::json errors = told.is_array() ? told : nlohmann::json::array();
  const bool has_data = at(body, "data").is_object();
  const bool is_limited = std::any_of(errors.begin(), errors.end(), is_about_limit);
  const std::string message = errors.empty() ? "" : message_of(errors.front());
  if (is_limited || (!has_data && speaks_of_limits(message))) {
    const UtcTime now = response_time(response, context.now);
    const auto wait = asked_to_wait(response, message, now, context.waits);
    return bounded(wait.value_or(blind_wait(context.waits)), message, context);
  }
  const bool is_cut_short = std::any_of(errors.begin(), errors.end(), is_about_size);
  // GraphQL answers 200 whatever happens. Errors beside data are the reader's business.
  if (has_data || is_cut_short) return Accepted{.is_cut_short = is_cut_short};
  return Error(ErrorKind::transient, "GitHub's answer to a GraphQL query has no data" + quoted(message));
}

}  // namespace

std::string describe_token(const std::string& token_origin, TokenKind kind) {
  if (token_origin.empty()) return "a request without a token";
  return (kind == TokenKind::personal ? "the token from " : "the token of ") + token_origin;
}

std::optional<HourlyLimit> hourly_limit(const HttpResponse& response) {
  constexpr std::int64_t kEndOfYear9999 = 253'402'300'799;
  const auto remaining = header_number(response, "x-ratelimit-remaining");
  const auto reset = header_number(response, "x-ratelimit-reset");
  if (!remaining || !reset) return std::nullopt;
  return HourlyLimit{.remaining = *remaining, .reset = UtcTime(seconds(std::min(*reset, kEndOfYear9999)))};
}

RateLimitWait wait_for_reset(const HourlyLimit& limit, UtcTime now) {
  return {.duration = std::max(limit.reset - now, seconds(0)) + seconds(1),
          .reason = fmt::format("the hourly limit of requests is used up until {}", format_time(limit.reset)),
          .is_hourly = true};
}

UtcTime response_time(const HttpResponse& response, UtcTime fallback) {
  const auto date = response.header("Date");
  return date ? parse_http_date(*date).value_or(fallback) : fallback;
}

AnswerMeaning classify_response(const HttpResponse& response, const AnswerContext& context) {
  if (response.status >= 200 && response.status < 300)
    return context.api == ApiKind::graphql ? graphql_meaning(response, context) : Accepted{};
  if (response.status == 304 && context.is_conditional) return Accepted{};
  const auto body = parse_body(response);
  const std::string message = message_of(body);
  const UtcTime now = response_time(response, context.now);
  const bool may_be_limit = response.status == 403 || response.status == 429;
  const auto wait = may_be_limit ? rate_limit(response, message, now, context.waits) : std::nullopt;
  return wait ? bounded(*wait, message, context) : failure(response, body, context);
}

// Unlike the API, a bare 429 has no blind wait here: nobody has said how long.
std::optional<AnswerMeaning> classify_git_limit(const HttpResponse& response, const AnswerContext& context) {
  const bool may_be_limit = response.status == 403 || response.status == 429 || response.status == 503;
  const std::string message = printable(trim(response.body).substr(0, kLongestQuote));
  const auto wait =
      may_be_limit ? asked_to_wait(response, message, response_time(response, context.now), context.waits)
                   : std::nullopt;
  return wait ? std::optional(bounded(*wait, message, context)) : std::nullopt;
}

}  // namespace hubkeep
