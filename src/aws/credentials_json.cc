// The metadata services, containers and credential_process say much the same in JSON, but for the name of the
// session token. Messages say what is missing and never repeat the text, which holds the secret.
#include "aws/credentials_json.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/json.h"

namespace hubkeep {
namespace {

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "+01:00", "-0730", "Z", "UTC": how far it is ahead of UTC.
std::optional<std::chrono::minutes> parse_zone(std::string_view zone) {
  if (zone == "Z" || zone == "UTC") return std::chrono::minutes(0);
  if (zone.size() == 6 && zone[3] == ':') {
    return parse_zone(std::string(zone.substr(0, 3)) + std::string(zone.substr(4)));
  }
  if (zone.size() != 5 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  int digits = 0;
  const auto [end, error] = std::from_chars(zone.data() + 1, zone.data() + zone.size(), digits);
  if (error != std::errc() || end != zone.data() + zone.size() || digits < 0) return std::nullopt;
  const auto ahead = std::chrono::hours(digits / 100) + std::chrono::minutes(digits % 100);
  return zone[0] == '+' ? ahead : -ahead;
}

}  // namespace

std::optional<UtcTime> parse_aws_time(std::string_view text) {
  constexpr std::size_t kSeconds = std::string_view("2026-11-23T18:45:01").size();
  if (text.size() <= kSeconds) return std::nullopt;
  const auto time = parse_time(std::string(text.substr(0, kSeconds)) + "Z");
  auto zone = text.substr(kSeconds);
  if (zone.starts_with('.')) {
    zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  }
  const auto ahead = parse_zone(zone);
  if (!time || !ahead) return std::nullopt;
  return *time - *ahead;
}

Credentials parse_credentials_json(std::string_view text, const std::string& origin) {
  const auto refuse = [&](std::string_view why) {
    throw Error(ErrorKind::corrupt, fmt::format("{} gave {}", origin, why));
  };
  const auto json = parse_json_or_discard(text);
  if (!json.is_object()) refuse("no JSON object");
  Credentials credentials{.access_key_id = text_of(json, "AccessKeyId"),
                          .secret_access_key = Secret(text_of(json, "SecretAccessKey"), origin),
                          .session_token = {},
                          .expires_at = std::nullopt};
  const auto token = text_of(json, json.contains("SessionToken") ? "SessionToken" : "Token");
  credentials.session_token = Secret(token, origin);
  if (credentials.access_key_id.empty()) refuse("no AccessKeyId");
  if (credentials.secret_access_key.empty()) refuse("no SecretAccessKey");
  const auto expiration = text_of(json, "Expiration");
  if (!expiration.empty()) {
    credentials.expires_at = parse_aws_time(expiration);
    if (!credentials.expires_at) refuse("an Expiration that is not a time");
  }
  return credentials;
}

}  // namespace hubkeep
