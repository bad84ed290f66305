// What GitHub lists of a repository's releases, written down as it comes: what stays in memory is a hash of
// each release and what its assets are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backup/repository_work.h"
#include "github/release_list.h"
#include "vault/releases_part.h"

namespace hubkeep {

struct ReleasesListing {
  ReleaseListEnd end;
  std::map<ReleaseId, std::string> hashes;  // see hash_of_release()
  std::vector<ReleaseAsset> assets;
  /// The document, whole but not committed: without a commit nothing stays of it. None where there are no
  /// releases.
  std::unique_ptr<RecordedWriter> document;
};

/// `on_body` is told the text of each release. Throws Error as GitHubApi::get() does, and what the vault
/// throws.
ReleasesListing read_releases(RepositoryWork& work, const ReleaseQuestion& question,
                              const std::string& document_key,
                              const std::function<void(const std::string&)>& on_body);

/// What a release says of its assets, and its text.
struct ReadRelease {
  ReleaseId id = 0;
  std::vector<ReleaseAsset> assets;
  std::string body;
};
/// Throws Error(corrupt) for what is no release.
ReadRelease read_release(std::string_view json);

}  // namespace hubkeep
