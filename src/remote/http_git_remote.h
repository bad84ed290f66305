// Git's smart HTTP, protocol version 2 (gitprotocol-http, gitprotocol-v2).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "git/ls_refs.h"
#include "http/http_client.h"
#include "remote/git_remote.h"
#include "remote/host_requests.h"

namespace hubkeep {

struct HttpGitOptions {
  HostAccess host;
  std::string agent;
  ByteCount largest_listing = kMaxListingSize;  // of refs: they are kept in memory
};

/// Keeps references to `http` and `clock`.
GitRemoteOpener http_git_opener(HttpClient& http, Clock& clock, HttpGitOptions options);

}  // namespace hubkeep
