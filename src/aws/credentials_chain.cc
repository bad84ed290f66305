// AWS's own order. A source that is not set up hands over to the next; one that is set up and fails ends the
// search, because going on could sign in as somebody else. See
// CredentialsChainTest.DoesNotTakeAnothersCredentialsForAProfileThatDoesNotExist.
#include "aws/credentials_chain.h"

#include <fmt/format.h>

#include <functional>
#include <vector>

#include "aws/container_credentials.h"
#include "aws/instance_metadata.h"
#include "aws/profile_credentials.h"
#include "aws/renewing_credentials.h"
#include "aws/shared_config.h"
#include "base/error.h"

namespace hubkeep {
namespace {

struct Source {
  const char* name;
  std::function<SourceResult()> ask;
};

SourceResult of_current_profile(const AwsContext& context, const SharedConfig& config,
                                const std::stop_token& stop) {
  const auto name = profile_name(context.environment);
  if (!current_profile(context.environment, config).empty()) {
    return profile_credentials(context, config, name, stop);
  }
  return NotConfigured{
      fmt::format("no profile '{}' in {} or {}", name, config.config_file, config.credentials_file)};
}

}  // namespace

Credentials find_credentials(const AwsContext& context, const std::stop_token& stop) {
  std::optional<SharedConfig> loaded;
  const auto config = [&]() -> const SharedConfig& {
    if (!loaded) loaded = load_shared_config(context.environment);
    return *loaded;
  };
  const std::vector<Source> sources = {
      {"environment", [&] { return environment_credentials(context.environment); }},
      {"web identity", [&] { return web_identity_credentials(context, config(), stop); }},
      {"profile", [&] { return of_current_profile(context, config(), stop); }},
      {"container", [&] { return container_credentials(context, stop); }},
      {"EC2 instance", [&] { return instance_credentials(context, stop); }},
  };
  std::string reasons;
  for (const auto& source : sources) {
    auto result = source.ask();
    if (auto* credentials = std::get_if<Credentials>(&result)) return std::move(*credentials);
    reasons += fmt::format("; {}: {}", source.name, std::get<NotConfigured>(result).reason);
  }
  throw Error(ErrorKind::unauthorized, "no AWS credentials found" + reasons);
}

std::unique_ptr<CredentialsProvider> make_credentials_provider(AwsContext context) {
  auto& clock = context.clock;
  return std::make_unique<RenewingCredentials>(
      [context = std::move(context)](const std::stop_token& stop) { return find_credentials(context, stop); },
      clock);
}

}  // namespace hubkeep
