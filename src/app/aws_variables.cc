// AWS's variables come from the environment and from .env, each of which is obeyed as far as it may be. Keys
// are taken from one place as a whole (TrustOfAwsVariables.TakesKeysFromOnePlace).
#include "app/aws_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::string_view kKeyId = "AWS_ACCESS_KEY_ID";
constexpr std::string_view kSecretKey = "AWS_SECRET_ACCESS_KEY";
constexpr std::array<std::string_view, 3> kKeys = {kKeyId, kSecretKey, "AWS_SESSION_TOKEN"};
// A profile is one of the user's own ~/.aws: what it runs and whom it trusts, the user wrote there.
constexpr std::array<std::string_view, 4> kHarmless = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
                                                       "AWS_DEFAULT_PROFILE"};
// Of the services that hubkeep asks; check_trust() says whether they may count.
constexpr std::array<std::string_view, 6> kEndpoints = {
    "AWS_ENDPOINT_URL",     "AWS_ENDPOINT_URL_S3",       "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC", "AWS_ENDPOINT_URL_SECRETS_MANAGER"};

template <std::size_t N>
bool has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_set(const Environment& variables, std::string_view name) {
  const auto found = variables.find(std::string(name));
  return found != variables.end() && !found->second.empty();
}

bool is_obeyed(const SettingSources& sources, std::string_view name) {
  return sources.folder_trust == Trust::user || has(kKeys, name) || has(kHarmless, name) ||
         has(kEndpoints, name);
}

// Half of the user's keys with half of another's would be nobody's.
bool has_users_keys(const SettingSources& sources) {
  return is_set(sources.environment, kKeyId) || is_set(sources.environment, kSecretKey);
}

}  // namespace

AwsEnvironment users_aws_environment(const SettingSources& sources) {
  AwsEnvironment aws;
  for (const auto& [name, value] : sources.environment)
    if (name.starts_with("AWS_") && !value.empty()) aws.variables.emplace(name, value);
  const auto home = sources.environment.find("HOME");
  if (home != sources.environment.end()) aws.home = home->second;
  return aws;
}

AwsEnvironment aws_environment(const SettingSources& sources) {
  AwsEnvironment aws = users_aws_environment(sources);
  for (const auto& [name, value] : sources.env_file) {
    if (!name.starts_with("AWS_") || !is_obeyed(sources, name)) continue;
    if (has(kKeys, name) && has_users_keys(sources)) continue;
    aws.variables.emplace(name, value);
  }
  return aws;
}

bool has_folders_aws_keys(const SettingSources& sources) {
  return sources.folder_trust == Trust::folder && !has_users_keys(sources) &&
         is_set(sources.env_file, kKeyId) && is_set(sources.env_file, kSecretKey);
}

std::vector<std::string> folders_aws_endpoints(const SettingSources& sources) {
  std::vector<std::string> names;
  if (sources.folder_trust == Trust::user) return names;
  for (const std::string_view name : kEndpoints)
    if (is_set(sources.env_file, name) && !is_set(sources.environment, name)) names.emplace_back(name);
  return names;
}

std::vector<std::string> disobeyed_aws_variables(const SettingSources& sources) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : sources.env_file) {
    if (!name.starts_with("AWS_") || is_obeyed(sources, name)) continue;
    lines.push_back(
        fmt::format("{} in .env is not obeyed: of AWS's variables a file found in the current folder may set "
                    "keys, region, profile and endpoint; set it in the environment, or give --trust-folder",
                    printable(name)));
  }
  return lines;
}

}  // namespace hubkeep
