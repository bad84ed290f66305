// How much of a tree becomes files: a few small trees can name each other so often that no disk holds them.
#pragma once

#include <cstddef>

#include "base/byte_sink.h"

namespace hubkeep {

struct WorkTreeLimits {
  std::size_t entries = 4'000'000;          // files and folders
  ByteCount bytes = ByteCount{512} << 20U;  // of the trees, each time one is read, and of the paths
};

}  // namespace hubkeep
