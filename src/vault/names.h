// How things are called in the vault; docs/storage-format.md, "Names".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace hubkeep {

/// A name from outside as one component of a key: percent-encoded outside A-Za-z0-9._-, never "." or "..", at
/// most 200 bytes (longer ones end in a hash). Throws Error(corrupt) for an empty name.
std::string encode_name(std::string_view raw);

/// "repos/<host>/<owner>/<name>.<id>/"
std::string repository_folder(std::string_view host, std::string_view owner, std::string_view name,
                              std::int64_t id);
/// "gists/<host>/<owner>/<gist>/"
std::string gist_folder(std::string_view host, std::string_view owner, std::string_view gist);

/// The id of a snapshot or a run: "20261123T184501Z-3f9a1c".
class SnapshotId {
 public:
  SnapshotId() = default;
  static SnapshotId make(UtcTime time);
  /// Nothing for any other text.
  static std::optional<SnapshotId> parse(std::string_view text);

  const std::string& str() const { return text_; }
  UtcTime time() const;
  bool empty() const { return text_.empty(); }

  friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;

 private:
  explicit SnapshotId(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

constexpr std::string_view kSnapshotsFolder = "snapshots/";
constexpr std::string_view kSnapshotSuffix = ".json.zst";

/// "snapshots/<snapshot>.json.zst", below the repository's folder; and back, nothing for any other key.
std::string manifest_key(const SnapshotId& snapshot);
std::optional<SnapshotId> snapshot_of(std::string_view manifest_key);

}  // namespace hubkeep
