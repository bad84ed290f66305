// What is in a restored repository, read from its files as git reads them, and not by what restored it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "git/ref.h"

namespace hubkeep {

/// packed-refs and HEAD of a bare repository. Throws Error(corrupt) for what git would not read, and where
/// refs stand elsewhere as well.
RefState read_ref_files(const std::filesystem::path& repository, ObjectFormat format);

/// How many objects its packs have together, as their indexes say; one that is in two packs counts twice.
/// Throws Error(corrupt).
std::uint64_t count_objects(const std::filesystem::path& repository);

}  // namespace hubkeep
