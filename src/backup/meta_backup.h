// What GitHub knows of a repository or an account beside its contents: documents, which collectors ask for.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "backup/meta_collector.h"
#include "backup/part_backup.h"
#include "vault/content_kinds.h"

namespace hubkeep {

/// What tells whether there is anything to ask for.
struct MetaSigns {
  std::set<std::string> probes = {};  // answers of the probe, by name
  bool follows_updates = false;       // that GitHub says that the repository was updated
};

/// Pure.
Freshness judge_meta(const CatalogEntry& known, const Listing& listed, const Recheck& recheck,
                     const MetaSigns& signs);

/// The part `meta` of subjects of that kind, by those of the collectors that are for it and whose groups are
/// wanted; none: nothing of it is saved.
std::shared_ptr<const PartBackup> meta_backup(SubjectKind subject, const MetaCollectors& collectors,
                                              const ContentKinds& wanted);

}  // namespace hubkeep
