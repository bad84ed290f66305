// What an answer of GitHub's REST API means: take it, wait and ask again, or give up. Pure; see
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/error.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

constexpr std::chrono::seconds kLongestWait = std::chrono::hours(2);

/// The answer is good.
struct Accepted {
  bool is_cut_short = false;  // GraphQL: by its limits for a single query
};

/// Asked too often: ask again after `duration`. `reason` is for the user.
struct RateLimitWait {
  std::chrono::seconds duration{};
  std::string reason;
  bool is_hourly = false;  // the limit of one API; the secondary ones are for all that is asked
};

/// What is left of an API's requests or points, until when, by GitHub's clock.
struct HourlyLimit {
  std::int64_t remaining = 0;
  UtcTime reset{};
};

using AnswerMeaning = std::variant<Accepted, RateLimitWait, Error>;

/// GraphQL answers with 200 what REST answers with 403 or 502.
enum class ApiKind { rest, graphql };

/// What the meaning depends on beside the answer itself.
struct AnswerContext {
  UtcTime now;               // used when the answer has no Date: GitHub's clock counts, not ours
  int waits = 0;             // how often this request has waited for a limit so far
  std::string token_origin;  // where the token came from; empty: there is none
  TokenKind token_kind = TokenKind::personal;
  ApiKind api = ApiKind::rest;
  bool is_conditional = false;  // it was asked whether there is anything new: 304 says no
};

/// Order: Retry-After, then x-ratelimit-remaining 0 until x-ratelimit-reset, then a minute that doubles. More
/// waits than a few, or one longer than two hours, are Error(rate_limited). Other errors: unauthorized,
/// forbidden, not_found, invalid, transient (5xx), corrupt (an answer that HTTP does not foresee here).
/// forbidden and not_found have the permission that GitHub names: what it wants for this, and the token does
/// not have by all that is known of it.
AnswerMeaning classify_response(const HttpResponse& response, const AnswerContext& context);

/// The same for a refusal of the git server, which is plain text: RateLimitWait or Error(rate_limited),
/// nothing where it asks for no wait. There is no blind wait for a 429: git's are tried again as any
/// overload.
std::optional<AnswerMeaning> classify_git_limit(const HttpResponse& response, const AnswerContext& context);

/// The headers x-ratelimit-remaining and x-ratelimit-reset; nothing where one is missing or no number.
std::optional<HourlyLimit> hourly_limit(const HttpResponse& response);

/// `now`: by GitHub's clock.
RateLimitWait wait_for_reset(const HourlyLimit& limit, UtcTime now);

/// The Date header, or `fallback`.
UtcTime response_time(const HttpResponse& response, UtcTime fallback);

/// "the token from TOKEN_GITHUB", "the token of GitHub App 12", or "a request without a token".
std::string describe_token(const std::string& token_origin, TokenKind kind);

}  // namespace hubkeep
