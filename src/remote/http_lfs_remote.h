// Git LFS over HTTP: the batch API, and downloads by the transfer "basic" (git-lfs: docs/api/batch.md,
// docs/api/basic-transfers.md). The token goes to the git host alone, never to where the objects lie.
#pragma once

#include <string>

#include "base/clock.h"
#include "http/http_client.h"
#include "remote/host_requests.h"
#include "remote/lfs_remote.h"

namespace hubkeep {

/// Keeps references to `http` and `clock`.
LfsOpener http_lfs_opener(HttpClient& http, Clock& clock, HostAccess access);

}  // namespace hubkeep
