// The token of a GitHub App where it is installed. It holds for an hour; another takes its place before that.
#pragma once

#include <memory>

#include "base/retry.h"
#include "crypto/rs256.h"
#include "github/github.h"
#include "github/token_scope.h"
#include "github/token_source.h"
#include "http/http_client.h"

namespace hubkeep {

struct InstallationTokenOptions {
  Url api_url;
  std::string app;  // client id or number
  Rs256Key key;
  RepositorySelection selection;  // the accounts that it names decide which installation is meant
  GitHubObserver observer;
  RetryPolicy retries;
  ApiAliases aliases = {};
};

/// Asks GitHub with the first token(). Where several threads want a token that must be made first, one makes
/// it and the others wait; while the old one still holds they go on with that. Keeps references to `http` and
/// `clock`.
std::shared_ptr<TokenSource> installation_token(HttpClient& http, Clock& clock,
                                                InstallationTokenOptions options);

}  // namespace hubkeep
