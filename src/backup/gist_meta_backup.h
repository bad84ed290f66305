// A gist beside its history: how GitHub describes it, and its comments.
#pragma once

#include <memory>
#include <string_view>

#include "backup/part_backup.h"

namespace hubkeep {

constexpr std::string_view kGistMetaPart = "meta";

/// The part `meta` of gists; docs/storage-format.md.
std::shared_ptr<const PartBackup> gist_meta_backup();

}  // namespace hubkeep
