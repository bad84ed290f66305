// The sign-in is the AWS command line's: it leaves a token in its cache, and this exchanges that for
// credentials of the profile's role. Every way in which it fails for want of a sign-in ends with the command
// that mends it.
#include "aws/sso.h"

#include <fmt/format.h>

#include "aws/aws_error.h"
#include "aws/endpoint.h"
#include "aws/service_call.h"
#include "aws/sso_token.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

// The profile's settings with those of its [sso-session].
IniSettings with_session(const SharedConfig& config, IniSettings profile) {
  const auto name = setting(profile, "sso_session");
  if (!name) return profile;
  const auto found = config.sso_sessions.find(*name);
  if (found == config.sso_sessions.end()) {
    throw Error(ErrorKind::invalid,
                fmt::format("there is no [sso-session {}] in {}", printable(*name), config.config_file));
  }
  for (const auto& [key, value] : found->second) profile[key] = value;
  return profile;
}

std::string required(const IniSettings& settings, const std::string& name) {
  if (auto value = setting(settings, name)) return *value;
  throw Error(ErrorKind::invalid, fmt::format("{} is missing", name));
}

Credentials parse_role_credentials(const std::string& body, const std::string& origin) {
  const auto json = parse_json_or_discard(body);
  const auto role = json.is_object() ? json.value("roleCredentials", nlohmann::json()) : nlohmann::json();
  const auto text = [&](const char* name) {
    const auto found = role.find(name);
    return found != role.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  Credentials credentials{.access_key_id = text("accessKeyId"),
                          .secret_access_key = Secret(text("secretAccessKey"), origin),
                          .session_token = Secret(text("sessionToken"), origin),
                          .expires_at = std::nullopt};
  const bool has_time =
      role.is_object() && role.contains("expiration") && role["expiration"].is_number_integer();
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
      credentials.session_token.empty() || !has_time) {
    throw Error(ErrorKind::corrupt, origin + ": the answer holds no credentials");
  }
  const auto since_epoch = std::chrono::milliseconds(role["expiration"].get<std::int64_t>());
  credentials.expires_at = UtcTime(std::chrono::duration_cast<std::chrono::seconds>(since_epoch));
  return credentials;
}

}  // namespace

bool is_sso_profile(const IniSettings& profile) {
  return profile.contains("sso_role_name") || profile.contains("sso_account_id");
}

Credentials sso_credentials(const AwsContext& context, const SharedConfig& config, const std::string& profile,
                            const std::stop_token& stop) {
  const auto settings = with_session(config, config.profiles.at(profile));
  const auto region = required(settings, "sso_region");
  const auto endpoint = [&](std::string_view service, std::string_view host) {
    return service_endpoint(context.environment, config, settings, service, host, region);
  };
  const SsoSession session{.name = setting(settings, "sso_session"),
                           .start_url = required(settings, "sso_start_url"),
                           .oidc = endpoint("sso_oidc", "oidc"),
                           .login_command = fmt::format("aws sso login --profile {}", printable(profile))};
  HttpRequest request{.url = endpoint("sso", "portal.sso").resolve("/federation/credentials")};
  request.url.query =
      fmt::format("role_name={}&account_id={}", url_encode(required(settings, "sso_role_name")),
                  url_encode(required(settings, "sso_account_id")));
  request.secret_headers = {{"x-amz-sso_bearer_token", sso_access_token(context, session, stop).reveal()}};
  const auto origin = "SSO credentials from " + request.url.host_and_port();
  try {
    return parse_role_credentials(
        call_service(context, context.http, origin, [&] { return request; }, stop), origin);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unauthorized) throw;
    throw Error(error.kind(), fmt::format("{}: run {}", error.message(), session.login_command));
  }
}

}  // namespace hubkeep
