#include "app/github_access.h"

#include <fmt/format.h>

#include "base/error.h"
#include "crypto/rs256.h"
#include "github/installation_token.h"

namespace hubkeep {
namespace {

Rs256Key app_key(const Settings& settings) {
  return with_context(settings.app_key.origin(), [&] { return Rs256Key::parse(settings.app_key.reveal()); });
}

}  // namespace

bool is_set_by_other_programs(std::string_view origin) {
  return origin.starts_with("GITHUB_TOKEN") || origin.starts_with("GH_TOKEN");
}

std::shared_ptr<TokenSource> token_source_of(const Settings& settings, HttpClient& http, Clock& clock,
                                             const GitHubObserver& observer, const RetryPolicy& retries) {
  if (settings.app_id.empty()) return fixed_token(settings.token);
  return installation_token(http, clock,
                            {.api_url = Url::parse(settings.api_url),
                             .app = settings.app_id,
                             .key = app_key(settings),
                             .selection = settings.selection,
                             .observer = observer,
                             .retries = retries,
                             .aliases = api_aliases(settings)});
}

ApiAliases api_aliases(const Settings& settings) {
  const std::string scheme = Url::parse(settings.api_url).scheme;
  ApiAliases aliases;
  for (const std::string& alias : settings.api_aliases) {
    const std::string origin = origin_of(settings, "api-alias");
    // Not shown: a URL may hold a password.
    if (alias.find_first_of("/?#@") != std::string::npos)
      throw Error(ErrorKind::invalid, origin + " is neither HOST nor HOST:PORT");
    const Url url = with_context(origin, [&] { return Url::parse(fmt::format("{}://{}", scheme, alias)); });
    aliases.push_back(url.host_and_port());
  }
  return aliases;
}

// A token and an App contradict each other, except that Actions and other programs set GITHUB_TOKEN and
// GH_TOKEN for their own ends: beside an App these do not count
// (GitHubAccess.ATokenThatOtherProgramsSetIsLeftAside).
void settle_github_access(Settings& settings) {
  if (settings.app_id.empty() && settings.app_key.empty()) return;
  if (settings.app_key.empty())
    throw Error(ErrorKind::invalid,
                fmt::format("{} needs the App's private key: --app-key-file FILE, or HUBKEEP_APP_KEY",
                            origin_of(settings, "app-id")));
  if (settings.app_id.empty())
    throw Error(ErrorKind::invalid, fmt::format("{} needs the App that it belongs to: --app-id ID",
                                                origin_of(settings, "app-key")));
  app_key(settings);
  if (settings.token.empty()) return;
  const std::string token = origin_of(settings, "token");
  if (!is_set_by_other_programs(token))
    throw Error(ErrorKind::invalid, fmt::format("{} and {} are two ways to sign in: leave one out",
                                                origin_of(settings, "app-id"), token));
  settings.token = {};
  settings.origins.erase("token");
}

}  // namespace hubkeep
