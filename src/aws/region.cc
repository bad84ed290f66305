#include "aws/region.h"

#include "aws/instance_metadata.h"

namespace hubkeep {

std::optional<std::string> configured_region(const AwsEnvironment& environment, const IniSettings& profile) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = environment.get(name)) return region;
  }
  return setting(profile, "region");
}

std::optional<std::string> find_region(const AwsContext& context, const std::stop_token& stop) {
  const auto config = load_shared_config(context.environment);
  const auto profile = current_profile(context.environment, config);
  if (auto region = configured_region(context.environment, profile)) return region;
  return instance_region(context, stop);
}

}  // namespace hubkeep
