// Which paths of a tree may become files: what git itself puts into a work tree by default (read-cache.c,
// verify_path() with core.protectNTFS).
#pragma once

#include <string_view>

#include "git/object_links.h"

namespace hubkeep {

/// Whether `path`, with '/' between its names, may stand in a work tree and its index: nothing that leads out
/// of it or into .git, under none of the names that this has on Windows either, and no symbolic link in
/// place of .gitmodules.
bool may_be_checked_out(std::string_view path, EntryMode mode);

}  // namespace hubkeep
