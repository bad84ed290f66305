#include "app/settings.h"

#include <fmt/format.h>

namespace hubkeep {
namespace {

constexpr std::string_view kDefaultVault = "./hubkeep-vault";

}  // namespace

ContentKinds kinds_to_keep(const Settings& settings) {
  return choose_kinds(default_kinds(), settings.with, settings.without);
}

std::string origin_of(const Settings& settings, std::string_view name) {
  const auto origin = settings.origins.find(name);
  return origin == settings.origins.end() ? "default" : origin->second.text;
}

std::string resolved_vault_location(const Settings& settings) {
  if (!settings.to.empty()) return settings.to;
  if (settings.s3_bucket.empty()) return std::string(kDefaultVault);
  std::string_view prefix = settings.s3_prefix;
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return fmt::format("s3://{}{}{}", settings.s3_bucket, prefix.empty() ? "" : "/", prefix);
}

std::string vault_to_read(const Settings& settings) {
  return settings.from.empty() ? resolved_vault_location(settings) : settings.from;
}

}  // namespace hubkeep
