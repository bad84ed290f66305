// An address from the environment (ECS, EKS Pod Identity) hands out credentials. An http address must be one
// of AWS's own or of this machine: whoever else stood on the way could read them.
#include "aws/container_credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/credentials_json.h"
#include "aws/service_call.h"
#include "aws/shared_config.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr auto kRelative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
constexpr auto kFull = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr auto kTokenFile = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr auto kToken = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

// ECS, and EKS Pod Identity over IPv4 and IPv6.
constexpr std::array<std::string_view, 3> kOwnHosts = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};

Url full_url(const std::string& text) {
  auto url = with_context(kFull, [&] { return Url::parse(text); });
  const bool own = std::find(kOwnHosts.begin(), kOwnHosts.end(), url.host) != kOwnHosts.end();
  if (url.scheme != "https" && !own && !url.is_loopback()) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("{}: credentials are not fetched over http from {}, which is neither this machine "
                    "nor one of {}",
                    kFull, url.host, fmt::join(kOwnHosts, ", ")));
  }
  return url;
}

std::optional<Url> endpoint(const AwsEnvironment& environment) {
  if (const auto path = environment.get(kRelative)) {
    return with_context(kRelative, [&] { return Url::parse("http://169.254.170.2" + *path); });
  }
  if (const auto text = environment.get(kFull)) return full_url(*text);
  return std::nullopt;
}

std::optional<std::string> authorization(const AwsEnvironment& environment) {
  const auto file = environment.get(kTokenFile);
  if (!file) return environment.get(kToken);
  const auto text = with_context(kTokenFile, [&] { return read_small_file(*file); });
  if (!text) {
    throw Error(ErrorKind::invalid,
                fmt::format("{} names {}, which does not exist", kTokenFile, printable(*file)));
  }
  return std::string(trim(*text));
}

}  // namespace

SourceResult container_credentials(const AwsContext& context, const std::stop_token& stop) {
  const auto url = endpoint(context.environment);
  if (!url) return NotConfigured{fmt::format("neither {} nor {} is set", kRelative, kFull)};
  const auto origin = "container credentials from " + url->host_and_port();
  const auto request = [&] {
    HttpRequest made{.url = *url, .headers = {{"Accept", "application/json"}}};
    // Read anew each time: Pod Identity replaces the file's content.
    if (const auto token = authorization(context.environment)) {
      made.secret_headers.emplace_back("Authorization", *token);
    }
    return made;
  };
  auto& http = url->scheme == "https" ? context.http : context.link_local;
  return parse_credentials_json(call_service(context, http, origin, request, stop), origin);
}

}  // namespace hubkeep
