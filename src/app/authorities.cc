#include "app/authorities.h"

#include <fmt/format.h>

#include "aws/shared_config.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr const char* kForGitHub = "with --ca-file (--s3-ca-file is for the store)";
constexpr const char* kForStore = "with --s3-ca-file (--ca-file is for GitHub)";
constexpr const char* kForAws = "with AWS_CA_BUNDLE";

Authorities the_systems(const char* remedy) {
  return {.file = {}, .use = AuthoritiesUse::instead, .name = {}, .remedy = remedy};
}

Authorities named(const Settings& settings, std::string_view setting, const std::filesystem::path& file,
                  const char* remedy) {
  if (file.empty()) return the_systems(remedy);
  const std::string origin = origin_of(settings, setting);
  const std::string path = printable(file.string());
  return {.file = file.string(),
          .use = AuthoritiesUse::instead,
          .name = origin.starts_with("--") ? fmt::format("{} {}", origin, path)
                                           : fmt::format("{} ({})", path, origin),
          .remedy = remedy};
}

Authorities besides(Authorities authorities) {
  if (!authorities.file.empty()) authorities.use = AuthoritiesUse::besides;
  return authorities;
}

// The first that names a file.
Authorities first_of(Authorities first, Authorities otherwise, const char* remedy) {
  Authorities& chosen = first.file.empty() ? otherwise : first;
  chosen.remedy = remedy;
  return chosen;
}

}  // namespace

Authorities github_authorities(const Settings& settings) {
  return named(settings, "ca-file", settings.ca_file, kForGitHub);
}

Authorities store_authorities(const Settings& settings) {
  Authorities own = named(settings, "s3-ca-file", settings.s3_ca_file, kForStore);
  if (!own.file.empty()) return own;
  return first_of(aws_authorities(settings.aws_environment),
                  besides(named(settings, "ca-file", settings.ca_file, kForStore)), kForStore);
}

Authorities credentials_authorities(const Settings& settings) {
  return first_of(aws_authorities(settings.aws_environment), besides(store_authorities(settings)), kForAws);
}

Authorities aws_authorities(const AwsEnvironment& environment) {
  const auto of_file = [](const std::string& file, const std::string& origin) -> Authorities {
    return {.file = file,
            .use = AuthoritiesUse::instead,
            .name = fmt::format("{} ({})", printable(file), printable(origin)),
            .remedy = kForAws};
  };
  if (const auto file = environment.get("AWS_CA_BUNDLE")) return of_file(*file, "AWS_CA_BUNDLE");
  const SharedConfig config = load_shared_config(environment);
  if (const auto file = setting(current_profile(environment, config), "ca_bundle"))
    return of_file(expand_home(environment, *file),
                   fmt::format("ca_bundle of the profile {}", profile_name(environment)));
  return the_systems(kForAws);
}

}  // namespace hubkeep
