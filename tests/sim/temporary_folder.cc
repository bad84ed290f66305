#include "sim/temporary_folder.h"

#include "base/text.h"

namespace hubkeep::sim {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() : path_(fs::temp_directory_path() / ("hubkeep-test-" + random_hex(12))) {
  fs::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a folder that cannot be removed is no test's failure
  fs::remove_all(path_, ignored);
}

}  // namespace hubkeep::sim
