// A file system of a few bytes, mounted as long as this object lives.
#pragma once

#include <cstddef>
#include <filesystem>

namespace hubkeep {

class SmallDisk {
 public:
  /// Makes the folder. What is there afterwards is no disk of its own when mounting is not permitted.
  SmallDisk(std::filesystem::path folder, std::size_t bytes);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  bool is_mounted() const { return mounted_; }
  void resize(std::size_t bytes);
  void make_read_only();
  /// Leaves not a byte free.
  void fill();

 private:
  const std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace hubkeep
