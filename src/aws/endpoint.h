// Where a service of AWS answers.
#pragma once

#include <string>
#include <string_view>

#include "aws/environment.h"
#include "aws/shared_config.h"
#include "http/url.h"

namespace hubkeep {

/// The endpoint that the user has set for `service` ("s3", "sts", "sso", "sso_oidc"), in AWS's order:
/// AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's [services] section, its endpoint_url. Nothing when
/// none is set or AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true. Throws Error(invalid) for what is no URL.
std::optional<Url> configured_endpoint(const AwsEnvironment& environment, const SharedConfig& config,
                                       const IniSettings& profile, std::string_view service);

/// "amazonaws.com", or what the region's partition has in its place. Throws Error(invalid) for a region that
/// cannot stand in a host name.
std::string domain_of(std::string_view region);

/// The configured endpoint, else https://HOST.REGION.DOMAIN.
Url service_endpoint(const AwsEnvironment& environment, const SharedConfig& config,
                     const IniSettings& profile, std::string_view service, std::string_view host,
                     std::string_view region);

}  // namespace hubkeep
