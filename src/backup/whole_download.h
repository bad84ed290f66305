// A file from GitHub, streamed once. A connection that breaks goes on where it was: what has come is not
// fetched again, and as long as each few attempts bring something the next ones follow.
#pragma once

#include <cstdint>

#include "base/byte_sink.h"
#include "github/api.h"

namespace hubkeep {

class RepositoryWork;

struct DownloadTally {
  std::uint64_t requests = 0;
  ByteCount bytes = 0;
};

/// Streams all of it into `sink`, which sees each byte once. Throws Error as GitHubApi::download() does, and
/// what `sink` throws, at once. `tally` counts in any case. Thread-safe.
void download_whole(const RepositoryWork& work, DownloadRequest request, ByteSink& sink,
                    DownloadTally& tally);

}  // namespace hubkeep
