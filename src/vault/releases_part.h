// The releases of a repository: a document that has each as GitHub sent it, the files that hang on them, and
// a cursor with what the next run compares with. docs/storage-format.md, "parts.releases".
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "vault/lines.h"
#include "vault/part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

constexpr std::string_view kReleasesPart = "releases";

/// Of a release with all of its assets, a thousand at most; GitHub's answers have 8 MiB. 10,000 are listed.
constexpr LineLimits kReleaseLimits{.line = ByteCount{8} << 20, .total = ByteCount{8} << 30};

using ReleaseId = std::int64_t;
using AssetId = std::int64_t;

/// As a record has it: "releases/assets/<id>".
std::string asset_key(AssetId id);

struct ReleaseAsset {
  AssetId id = 0;
  ReleaseId release = 0;
  std::string name;
  ByteCount size = 0;
  std::string sha256;  // as GitHub gives it; empty: it gives none
  bool is_uploaded = true;

  friend bool operator==(const ReleaseAsset&, const ReleaseAsset&) = default;
};

enum class AssetLack {
  pending,       // nobody has asked for it yet, or it broke off
  not_uploaded,  // whoever uploads it has not come to the end
  missing,       // GitHub lists it, and does not have it
  refused,       // it is forbidden, or other bytes come than GitHub says
};

std::string_view to_string(AssetLack why);

/// One that is listed, and that the vault lacks.
struct LackingAsset {
  ReleaseAsset asset;
  AssetLack why = AssetLack::pending;
  std::string message;
  UtcTime since;  // when that was met first

  friend bool operator==(const LackingAsset&, const LackingAsset&) = default;
};

/// State, so that no run has to read its own content.
struct ReleasesCursor {
  std::map<ReleaseId, std::string> hashes;  // see hash_of_release()
  std::map<AssetId, LackingAsset> lacking;

  friend bool operator==(const ReleasesCursor&, const ReleasesCursor&) = default;
};

struct ReleasesPart {
  PartStatus status = PartStatus::ok;
  std::uint64_t releases = 0;
  std::vector<ObjectRecord> documents;  // one, of all releases; none where there are none
  std::vector<ObjectRecord> objects;    // list objects: of all assets that are kept, then perhaps changes
  std::optional<ObjectRecord> cursor;   // nothing where there are no releases
  std::string etag;                     // of the list, where it has one page; empty: none
  int per_page = 0;                     // of which no page was too large; 0: as many as GitHub gives
  bool is_cut_by_limit = false;         // GitHub lists no more of them
  std::uint64_t pending = 0;            // assets that the next run may get, see is_settled()

  friend bool operator==(const ReleasesPart&, const ReleasesPart&) = default;
};

/// The typed view of a part. Throws Error(corrupt) for one that is not of this kind.
ReleasesPart releases_part(const Part& part);
Part to_part(const ReleasesPart& releases);

/// Of all that a release says but what is no news of it: how often an asset was downloaded, and of people all
/// but who they are. Throws Error(corrupt) for what is no JSON object.
std::string hash_of_release(std::string_view release);

/// Throws Error: corrupt, not_found, cold, and what the store throws.
ReleasesCursor read_releases_cursor(VaultObjects& objects, const std::string& folder,
                                    const ObjectRecord& cursor, const std::stop_token& stop);
ObjectRecord write_releases_cursor(VaultObjects& objects, const std::string& folder,
                                   const std::string& record_key, const ReleasesCursor& cursor);

/// The line of an asset in a list object.
std::string asset_line(const ReleaseAsset& asset, const ObjectRecord& record);

}  // namespace hubkeep
