// AWS's order: the variable of the service, that of all services, the profile's [services] section, the
// profile. Only then the address is made of service, region and the domain of the region's partition. A
// region becomes part of a host name, so it must be a plain label.
#include "aws/endpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

bool is_true(const std::optional<std::string>& value) {
  return value && equals_ignoring_case(*value, "true");
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

std::optional<std::string> of_services_section(const SharedConfig& config, const IniSettings& profile,
                                               std::string_view service) {
  const auto section = setting(profile, "services");
  const auto found = section ? config.services.find(*section) : config.services.end();
  if (found == config.services.end()) return std::nullopt;
  return setting(found->second, fmt::format("{}.endpoint_url", service));
}

}  // namespace

std::optional<Url> configured_endpoint(const AwsEnvironment& environment, const SharedConfig& config,
                                       const IniSettings& profile, std::string_view service) {
  if (is_true(environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) ||
      is_true(setting(profile, "ignore_configured_endpoint_urls"))) {
    return std::nullopt;
  }
  const auto variable = "AWS_ENDPOINT_URL_" + to_upper(service);
  const auto parse = [](const std::string& where, const std::string& text) {
    return with_context(where, [&] { return Url::parse(text); });
  };
  if (const auto text = environment.get(variable)) return parse(variable, *text);
  if (const auto text = environment.get("AWS_ENDPOINT_URL")) return parse("AWS_ENDPOINT_URL", *text);
  if (const auto text = of_services_section(config, profile, service)) {
    return parse(config.config_file + ": endpoint_url", *text);
  }
  if (const auto text = setting(profile, "endpoint_url")) {
    return parse(config.config_file + ": endpoint_url", *text);
  }
  return std::nullopt;
}

std::string domain_of(std::string_view region) {
  const bool is_label = !region.empty() && std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!is_label) {
    throw Error(ErrorKind::invalid, fmt::format("'{}' is no AWS region", printable(region)));
  }
  if (region.starts_with("cn-")) return "amazonaws.com.cn";
  if (region.starts_with("us-iso-")) return "c2s.ic.gov";
  if (region.starts_with("us-isob-")) return "sc2s.sgov.gov";
  if (region.starts_with("eusc-")) return "amazonaws.eu";
  return "amazonaws.com";
}

Url service_endpoint(const AwsEnvironment& environment, const SharedConfig& config,
                     const IniSettings& profile, std::string_view service, std::string_view host,
                     std::string_view region) {
  if (auto url = configured_endpoint(environment, config, profile, service)) return *url;
  return Url::parse(fmt::format("https://{}.{}.{}/", host, region, domain_of(region)));
}

}  // namespace hubkeep
