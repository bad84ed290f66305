// Git's smart HTTP, protocol version 2 (gitprotocol-http, gitprotocol-v2).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "git/ls_refs.h"
#include "github/github.h"
#include "github/token_scope.h"
#include "github/token_source.h"
#include "http/http_client.h"
#include "remote/git_remote.h"

namespace hubkeep {

struct HttpGitOptions {
  Url api_url;                         // the token goes to this API's own git host, and its aliases
  std::shared_ptr<TokenSource> token;  // never null
  std::string agent;
  GitHubObserver observer;
  ByteCount largest_listing = kMaxListingSize;  // of refs: they are kept in memory
  ApiAliases aliases = {};
};

/// Keeps references to `http` and `clock`.
GitRemoteOpener http_git_opener(HttpClient& http, Clock& clock, HttpGitOptions options);

}  // namespace hubkeep
