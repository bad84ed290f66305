// One signed GetSecretValue. The region is the ARN's own where the secret is named by one: the bucket's or
// the function's region may be another.
#include "aws/secrets_manager.h"

#include <fmt/format.h>

#include "aws/credentials_chain.h"
#include "aws/endpoint.h"
#include "aws/region.h"
#include "aws/service_call.h"
#include "aws/sigv4.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

// arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-abcdef
std::optional<std::string> region_of_arn(std::string_view id) {
  constexpr int kRegionField = 3;
  if (!id.starts_with("arn:")) return std::nullopt;
  for (int field = 0; field < kRegionField; ++field) {
    const auto colon = id.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    id.remove_prefix(colon + 1);
  }
  return std::string(id.substr(0, id.find(':')));
}

std::string region_of(const AwsContext& context, const IniSettings& profile, const std::string& id) {
  if (auto region = region_of_arn(id); region && !region->empty()) return *region;
  if (auto region = configured_region(context.environment, profile)) return *region;
  throw Error(ErrorKind::invalid, "its region is not known: set AWS_REGION, or name the secret by its ARN");
}

Secret text_of(const std::string& body, const std::string& origin) {
  const auto json = parse_json_or_discard(body);
  if (json.is_object() && json.contains("SecretString") && json.at("SecretString").is_string())
    return {json.at("SecretString").get<std::string>(), origin};
  throw Error(ErrorKind::invalid, "it holds no text (SecretString): hubkeep reads a JSON object of settings");
}

Secret fetch(const AwsContext& context, const std::string& id, const std::string& origin,
             const std::stop_token& stop) {
  const SharedConfig config = load_shared_config(context.environment);
  const IniSettings profile = current_profile(context.environment, config);
  const std::string region = region_of(context, profile, id);
  const Url url =
      service_endpoint(context.environment, config, profile, "secrets_manager", "secretsmanager", region);
  const Credentials credentials = find_credentials(context, stop);
  const auto make_request = [&] {
    HttpRequest request{.method = "POST",
                        .url = url,
                        .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                                    {"X-Amz-Target", "secretsmanager.GetSecretValue"}},
                        .body = nlohmann::json({{"SecretId", id}}).dump()};
    sign(request, credentials, {.region = region, .service = "secretsmanager"}, context.clock.now(),
         sha256_hex(request.body));
    return request;
  };
  return text_of(call_service(context, context.http, "GetSecretValue", make_request, stop), origin);
}

}  // namespace

Secret get_secret_value(const AwsContext& context, const std::string& id, const std::stop_token& stop) {
  const std::string origin = "the secret " + printable(id);
  return with_context(origin, [&] { return fetch(context, id, origin, stop); });
}

}  // namespace hubkeep
