// The token in the cache serves while it holds. In its last quarter of an hour it is renewed, if the session
// can be, and written back for the AWS command line and later runs. Where that fails and the old one still
// holds, the old one serves (SsoTest.GoesOnWithAValidTokenThatCannotBeRenewed).
#include "aws/sso_token.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "aws/credentials_json.h"
#include "aws/service_call.h"
#include "aws/shared_config.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr auto kRenewBefore = std::chrono::minutes(15);

std::string sha1_hex(std::string_view text) {
  Hasher hasher(HashKind::sha1);
  hasher.write(text);
  return to_hex(hasher.finish());
}

std::string text_of(const nlohmann::json& token, const char* name) {
  const auto found = token.find(name);
  return found != token.end() && found->is_string() ? found->get<std::string>() : std::string();
}

nlohmann::json read_token(const std::string& path, const SsoSession& session) {
  const auto text = read_small_file(path);
  if (!text) {
    throw Error(ErrorKind::unauthorized, fmt::format("not signed in: run {}", session.login_command));
  }
  auto token = parse_json_or_discard(*text);
  if (!token.is_object() || text_of(token, "accessToken").empty() ||
      !parse_aws_time(text_of(token, "expiresAt"))) {
    throw Error(ErrorKind::corrupt, fmt::format("{} holds no token: run {}", path, session.login_command));
  }
  return token;
}

// Only a token of an [sso-session] comes with what renews it. See
// SsoTest.DoesNotRenewWithARegistrationThatIsOver.
bool can_be_renewed(const nlohmann::json& token, const SsoSession& session, UtcTime now) {
  const auto registered_until = parse_aws_time(text_of(token, "registrationExpiresAt"));
  return session.name && registered_until && *registered_until > now &&
         !text_of(token, "refreshToken").empty() && !text_of(token, "clientId").empty() &&
         !text_of(token, "clientSecret").empty();
}

HttpRequest renewal_request(const nlohmann::json& token, const SsoSession& session) {
  HttpRequest request{.method = "POST",
                      .url = session.oidc.resolve("/token"),
                      .headers = {{"Content-Type", "application/json"}}};
  request.body = nlohmann::json{{"clientId", token["clientId"]},
                                {"clientSecret", token["clientSecret"]},
                                {"grantType", "refresh_token"},
                                {"refreshToken", token["refreshToken"]}}
                     .dump();
  return request;
}

nlohmann::json renewed(const AwsContext& context, nlohmann::json token, const SsoSession& session,
                       const std::stop_token& stop) {
  const auto action = "renewing the SSO token at " + session.oidc.host_and_port();
  const auto body =
      call_service(context, context.http, action, [&] { return renewal_request(token, session); }, stop);
  const auto answer = parse_json_or_discard(body);
  if (!answer.is_object() || text_of(answer, "accessToken").empty() || !answer.contains("expiresIn") ||
      !answer["expiresIn"].is_number_integer()) {
    throw Error(ErrorKind::corrupt, action + ": the answer holds no token");
  }
  const auto lifetime = std::chrono::seconds(answer["expiresIn"].get<std::int64_t>());
  token["accessToken"] = answer["accessToken"];
  token["expiresAt"] = format_time(context.clock.now() + lifetime);
  if (!text_of(answer, "refreshToken").empty()) token["refreshToken"] = answer["refreshToken"];
  return token;
}

// Replaced as a whole, readable for its owner only, as the AWS command line keeps it.
void save_token(const std::string& path, const nlohmann::json& token) {
  const auto text = token.dump();
  const auto fresh = fmt::format("{}.{}", path, random_hex(8));
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (written && std::rename(fresh.c_str(), path.c_str()) == 0) return;
  if (file >= 0) ::unlink(fresh.c_str());
  // This run goes on with the new token; the next one may have to sign in again.
  log_info("the renewed SSO token cannot be written to {}", printable(path));
}

}  // namespace

std::string sso_token_file(const AwsEnvironment& environment, const SsoSession& session) {
  return expand_home(environment, fmt::format("~/.aws/sso/cache/{}.json",
                                              sha1_hex(session.name.value_or(session.start_url))));
}

Secret sso_access_token(const AwsContext& context, const SsoSession& session, const std::stop_token& stop) {
  const auto path = sso_token_file(context.environment, session);
  auto token = read_token(path, session);
  const auto now = context.clock.now();
  const auto expires_at = parse_aws_time(text_of(token, "expiresAt")).value_or(now);
  if (expires_at - now < kRenewBefore && can_be_renewed(token, session, now)) {
    try {
      token = renewed(context, std::move(token), session, stop);
      save_token(path, token);
      return {text_of(token, "accessToken"), path};
    } catch (const Error& error) {
      const bool refused = error.kind() == ErrorKind::unauthorized || error.kind() == ErrorKind::invalid;
      if (error.kind() == ErrorKind::cancelled || (!refused && expires_at <= now)) throw;
      token = read_token(path, session);
    }
  }
  if (expires_at <= now) {
    throw Error(ErrorKind::unauthorized, fmt::format("the SSO session ended at {}: run {}",
                                                     format_time(expires_at), session.login_command));
  }
  return {text_of(token, "accessToken"), path};
}

}  // namespace hubkeep
