// Releases of repositories on the simulated GitHub, and the files that hang on them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/apps.h"
#include "sim/media_content.h"

namespace hubkeep::sim {

using ReleaseId = std::int64_t;
using AssetId = std::int64_t;

struct ReleaseAsset {
  AssetId id = 0;
  std::string name;
  std::optional<std::string> label;
  std::string content_type = "application/octet-stream";
  MediaContent content = content_of("");
  std::optional<std::string> digest;  // "sha256:…"; assets that are older than digests have none
  bool uploaded = true;               // else its state is "open": an upload that did not end
  std::int64_t download_count = 0;
  UtcTime created_at{};
  UtcTime updated_at{};
};

struct Release {
  ReleaseId id = 0;
  RepositoryId repository = 0;
  std::string tag;
  std::optional<std::string> name;
  std::optional<std::string> body;
  bool draft = false;
  bool prerelease = false;
  std::string author;  // a login
  std::vector<ReleaseAsset> assets;
  UtcTime created_at{};
  std::optional<UtcTime> published_at;  // a draft has none
  UtcTime updated_at{};
};

}  // namespace hubkeep::sim
