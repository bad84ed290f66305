#include "app/secret_reader.h"

#include "app/authorities.h"
#include "aws/secrets_manager.h"
#include "http/curl_client.h"

namespace hubkeep {

Secret read_aws_secret(const AwsEnvironment& environment, const std::string& id) {
  constexpr const char* kUserAgent = "hubkeep/" HUBKEEP_VERSION;
  // As often as --retries says where it is not set: what it is set to may stand in the secret.
  constexpr RetryPolicy kRetries{.max_attempts = 9};
  SystemClock clock;
  const auto http = make_curl_client({.user_agent = kUserAgent, .authorities = aws_authorities(environment)});
  const auto link_local = make_curl_client(link_local_options(kUserAgent));
  return get_secret_value({.environment = environment,
                           .http = *http,
                           .link_local = *link_local,
                           .clock = clock,
                           .retries = kRetries},
                          id, {});
}

}  // namespace hubkeep
