// The files of releases, each fetched once in its life: they are immutable, and one that is replaced has a
// new id. What lies in the vault already under its key, of a run that was killed, is taken as it is.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "backup/repository_work.h"
#include "backup/whole_download.h"
#include "vault/releases_part.h"

namespace hubkeep {

struct FetchedAssets {
  std::map<AssetId, ObjectRecord> kept;
  std::vector<AssetId> found;  // of these, what the vault had already
  std::map<AssetId, LackingAsset> lacking;
  /// What ended the work before its end; what it had not come to is lacking as `pending`.
  std::optional<Error> error;
  std::optional<Error> wrong;  // other bytes came than GitHub says, which may be a proxy's doing
  DownloadTally tally;
  ByteCount stored = 0;
};

struct StoredAssets {
  std::map<AssetId, ObjectRecord> whole;
  std::set<AssetId> damaged;  // other bytes lie there, or such as nobody can vouch for
};

/// What lies in the vault of `assets`. What was found lost once is read: its size says nothing of it.
StoredAssets find_assets(RepositoryWork& work, const std::vector<ReleaseAsset>& assets);

/// Fetches all of them, some at a time while there is memory for that. What lies there of the `damaged` ones
/// is removed when the new bytes have come and are what they must be, and not before.
FetchedAssets fetch_assets(RepositoryWork& work, std::span<const ReleaseAsset> assets,
                           const std::set<AssetId>& damaged);

}  // namespace hubkeep
