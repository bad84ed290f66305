// A folder that lives as long as this object.
#pragma once

#include <filesystem>

namespace hubkeep::sim {

class TemporaryFolder {
 public:
  /// Below the system's folder for temporary files.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace hubkeep::sim
