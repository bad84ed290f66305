// A profile is resolved along source_profile until one has credentials of its own; then roles are assumed on
// the way back. The profiles gone through are remembered, and one that comes again is a circle
// (ProfileCredentialsTest.NoticesCircles), but for a role whose source is its own profile's keys
// (TakesItsOwnKeysAsTheSource). A setting that is there but cannot work is an error and no reason to look
// elsewhere.
#include "aws/profile_credentials.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "aws/container_credentials.h"
#include "aws/credential_process.h"
#include "aws/endpoint.h"
#include "aws/instance_metadata.h"
#include "aws/region.h"
#include "aws/sso.h"
#include "aws/sts.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::invalid, why);
}

bool has_keys(const IniSettings& profile) {
  return setting(profile, "aws_access_key_id") || setting(profile, "aws_secret_access_key");
}

Credentials keys_of(const IniSettings& profile, const std::string& origin) {
  const auto id = setting(profile, "aws_access_key_id");
  const auto secret = setting(profile, "aws_secret_access_key");
  if (!id) refuse("aws_secret_access_key without aws_access_key_id");
  if (!secret) refuse("aws_access_key_id without aws_secret_access_key");
  return {.access_key_id = *id,
          .secret_access_key = Secret(*secret, origin),
          .session_token = Secret(setting(profile, "aws_session_token").value_or(""), origin),
          .expires_at = std::nullopt};
}

StsEndpoint sts_endpoint(const AwsContext& context, const SharedConfig& config, const IniSettings& profile) {
  const auto region = configured_region(context.environment, profile);
  if (region) {
    return {service_endpoint(context.environment, config, profile, "sts", "sts", *region), *region};
  }
  constexpr auto kGlobalRegion = "us-east-1";  // that of the endpoint without a region
  const auto configured = configured_endpoint(context.environment, config, profile, "sts");
  return {configured.value_or(Url::parse("https://sts.amazonaws.com/")), kGlobalRegion};
}

std::string session_name(const std::optional<std::string>& configured, Clock& clock) {
  return configured.value_or(fmt::format("hubkeep-{}", clock.now().time_since_epoch().count()));
}

Secret read_identity_token(const AwsEnvironment& environment, const std::string& file) {
  const auto path = expand_home(environment, file);
  const auto text = read_small_file(path);
  if (!text) refuse(fmt::format("the web identity token file {} does not exist", printable(path)));
  return {std::string(trim(*text)), path};
}

class ProfileResolver {
 public:
  ProfileResolver(const AwsContext& context, const SharedConfig& config, const std::stop_token& stop)
      : context_(context), config_(config), stop_(stop) {}

  SourceResult resolve(const std::string& name) {
    return with_context(fmt::format("profile '{}'", printable(name)), [&] { return resolve_named(name); });
  }

 private:
  SourceResult resolve_named(const std::string& name) {
    const auto found = config_.profiles.find(name);
    if (found == config_.profiles.end()) {
      return NotConfigured{fmt::format("there is no profile '{}'", printable(name))};
    }
    const auto& profile = found->second;
    const bool as_source = !way_.empty();
    way_.push_back(name);
    // A role's source may be its own profile: then the keys in it are meant.
    if (as_source && has_keys(profile)) return keys_of(profile, origin(name));
    if (const auto file = setting(profile, "web_identity_token_file")) return web_identity(profile, *file);
    if (setting(profile, "role_arn")) return assumed_role(profile, name);
    if (is_sso_profile(profile)) return sso_credentials(context_, config_, name, stop_);
    if (has_keys(profile)) return keys_of(profile, origin(name));
    if (const auto command = setting(profile, "credential_process")) {
      return process_credentials(*command, stop_);
    }
    return NotConfigured{
        fmt::format("profile '{}' has neither keys nor a role, SSO or credential_process", printable(name))};
  }

  std::string origin(const std::string& name) const {
    return fmt::format("profile '{}' in {}", printable(name), config_.credentials_file);
  }

  Role role_of(const IniSettings& profile) const {
    const auto arn = setting(profile, "role_arn");
    if (!arn) refuse("web_identity_token_file without role_arn");
    return {.arn = *arn,
            .session_name = session_name(setting(profile, "role_session_name"), context_.clock),
            .external_id = setting(profile, "external_id"),
            .duration_seconds = setting(profile, "duration_seconds")};
  }

  Credentials web_identity(const IniSettings& profile, const std::string& token_file) const {
    const auto role = role_of(profile);
    const auto token = read_identity_token(context_.environment, token_file);
    return assume_role_with_web_identity(context_, sts_endpoint(context_, config_, profile), role, token,
                                         stop_);
  }

  Credentials assumed_role(const IniSettings& profile, const std::string& name) {
    // A backup runs unattended.
    if (setting(profile, "mfa_serial")) {
      refuse(
          "mfa_serial asks for a code, which nobody can type in here: use credentials of a session that has "
          "them (aws sso login, aws sts get-session-token)");
    }
    const auto role = role_of(profile);
    const auto source = source_of(profile, name);
    return assume_role(context_, sts_endpoint(context_, config_, profile), role, source, stop_);
  }

  Credentials source_of(const IniSettings& profile, const std::string& name) {
    const auto source_profile = setting(profile, "source_profile");
    const auto source_name = setting(profile, "credential_source");
    if (source_profile && source_name) refuse("both source_profile and credential_source are set");
    if (!source_profile && !source_name) refuse("role_arn without source_profile or credential_source");
    if (source_name) {
      return taken(named_source(*source_name), "credential_source = " + printable(*source_name));
    }
    const auto next = config_.profiles.find(*source_profile);
    const bool own_keys = *source_profile == name && next != config_.profiles.end() && has_keys(next->second);
    if (!own_keys && std::find(way_.begin(), way_.end(), *source_profile) != way_.end()) {
      refuse(fmt::format("source_profile goes round in a circle: {} -> {}",
                         printable(fmt::format("{}", fmt::join(way_, " -> "))), printable(*source_profile)));
    }
    return taken(resolve(*source_profile), "source_profile");
  }

  static Credentials taken(SourceResult result, const std::string& setting_name) {
    if (auto* missing = std::get_if<NotConfigured>(&result)) {
      throw Error(ErrorKind::unauthorized, fmt::format("{}: {}", setting_name, missing->reason));
    }
    return std::get<Credentials>(std::move(result));
  }

  SourceResult named_source(const std::string& name) const {
    if (equals_ignoring_case(name, "Environment")) return environment_credentials(context_.environment);
    if (equals_ignoring_case(name, "Ec2InstanceMetadata")) return instance_credentials(context_, stop_);
    if (equals_ignoring_case(name, "EcsContainer")) return container_credentials(context_, stop_);
    refuse(fmt::format("credential_source is '{}', not Environment, Ec2InstanceMetadata or EcsContainer",
                       printable(name)));
  }

  const AwsContext& context_;
  const SharedConfig& config_;
  const std::stop_token& stop_;
  std::vector<std::string> way_;  // the profiles gone through
};

}  // namespace

SourceResult profile_credentials(const AwsContext& context, const SharedConfig& config,
                                 const std::string& profile, const std::stop_token& stop) {
  return ProfileResolver(context, config, stop).resolve(profile);
}

SourceResult web_identity_credentials(const AwsContext& context, const SharedConfig& config,
                                      const std::stop_token& stop) {
  const auto file = context.environment.get("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!file) return NotConfigured{"AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  const auto arn = context.environment.get("AWS_ROLE_ARN");
  if (!arn) refuse("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  const Role role{
      .arn = *arn,
      .session_name = session_name(context.environment.get("AWS_ROLE_SESSION_NAME"), context.clock),
      .external_id = std::nullopt,
      .duration_seconds = std::nullopt};
  const auto endpoint = sts_endpoint(context, config, current_profile(context.environment, config));
  return assume_role_with_web_identity(context, endpoint, role,
                                       read_identity_token(context.environment, *file), stop);
}

SourceResult environment_credentials(const AwsEnvironment& environment) {
  constexpr auto kId = "AWS_ACCESS_KEY_ID";
  constexpr auto kSecret = "AWS_SECRET_ACCESS_KEY";
  const auto id = environment.get(kId);
  const auto secret = environment.get(kSecret);
  if (!id && !secret) return NotConfigured{fmt::format("{} is not set", kId)};
  if (!id) refuse(fmt::format("{} is set, but {} is not", kSecret, kId));
  if (!secret) refuse(fmt::format("{} is set, but {} is not", kId, kSecret));
  return Credentials{
      .access_key_id = *id,
      .secret_access_key = Secret(*secret, kSecret),
      .session_token = Secret(environment.get("AWS_SESSION_TOKEN").value_or(""), "AWS_SESSION_TOKEN"),
      .expires_at = std::nullopt};
}

}  // namespace hubkeep
