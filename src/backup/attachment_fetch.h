// One attachment, from its address into the vault. It lies there under its hash, which is known only when its
// end has come: a small one waits in memory for that, a large one is fetched twice, first for its hash. There
// is no disk to put it down on; large ones are few, and each is fetched once in its life.
#pragma once

#include "backup/repository_work.h"
#include "backup/whole_download.h"
#include "vault/attachments_part.h"

namespace hubkeep {

/// GitHub takes 100 MB of a video, 25 MB of other files.
constexpr ByteCount kLargestAttachment = ByteCount{256} << 20;

struct FetchedAttachment {
  ObjectRecord record;
  AttachmentAddress address;
  bool is_new = false;  // the vault had no such file
};

/// Throws Error as GitHubApi::download() does: invalid for an address on no host of this GitHub, and for a
/// file that is too large; VaultFailure for what the vault throws.
FetchedAttachment fetch_attachment(const RepositoryWork& work, const std::string& url, DownloadTally& tally);

}  // namespace hubkeep
