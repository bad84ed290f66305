// One zip into the vault: from GitHub, or what already lies there under its key and was never named.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "backup/backup_context.h"
#include "github/github.h"

namespace hubkeep {

/// What a zip is of.
struct ZipSource {
  std::int64_t id = 0;    // of the repository: its name may be another's by the time it is asked for
  std::string full_name;  // "owner/name", as it was called when it was listed
  std::string commit;
};

/// Thread-safe; keeps references.
class ZipStore {
 public:
  explicit ZipStore(const BackupContext& context) : context_(context) {}

  /// That of a run which was killed before it could name it, or of one that is under way: what it has written
  /// is whole, and never changes. Nothing where there is none. Throws Error: corrupt, transient (not whole)
  /// or cold for one of no use.
  std::optional<ObjectRecord> stored(const ObjectKey& key, const std::string& commit,
                                     const std::stop_token& stop) const;

  /// Throws Error, as GitHub::download_zip() and the store do.
  ObjectRecord fetch(const ZipSource& source, const ObjectKey& key, Outcome& outcome,
                     const std::stop_token& stop) const;

 private:
  void read_at_once(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop) const;

  const BackupContext& context_;
};

}  // namespace hubkeep
