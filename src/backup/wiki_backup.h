// The wiki of a repository: a git repository beside it, with a chain of bundles of its own.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "backup/part_backup.h"
#include "vault/wiki_part.h"

namespace hubkeep {

/// A wiki that never existed is asked for so often.
constexpr std::chrono::hours kMissingWikiInterval{7 * 24};

/// Whether the wiki has to be asked for, and why: once in every `interval` (0: each time) where one is kept,
/// once in kMissingWikiInterval where GitHub has none. Pure.
Freshness judge_wiki(const CatalogEntry& known, const Listing& listed, UtcTime now,
                     std::chrono::seconds interval);

/// Where its wiki is cloned from, beside the clone URL of a repository.
std::string wiki_url(const std::string& clone_url);

std::shared_ptr<const PartBackup> wiki_backup(std::chrono::seconds interval);

}  // namespace hubkeep
