#include "e2e/small_disk.h"

#include <sys/mount.h>

#include <fstream>
#include <string>

namespace hubkeep {
namespace {

std::string size_option(std::size_t bytes) {
  return "size=" + std::to_string(bytes);
}

}  // namespace

SmallDisk::SmallDisk(std::filesystem::path folder, std::size_t bytes) : folder_(std::move(folder)) {
  std::filesystem::create_directory(folder_);
  mounted_ = ::mount("hubkeep-test", folder_.c_str(), "tmpfs", 0, size_option(bytes).c_str()) == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::resize(std::size_t bytes) {
  ::mount("hubkeep-test", folder_.c_str(), "tmpfs", MS_REMOUNT, size_option(bytes).c_str());
}

void SmallDisk::make_read_only() {
  ::mount("hubkeep-test", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "");
}

void SmallDisk::fill() {
  std::ofstream file(folder_ / "filler", std::ios::binary);
  file.rdbuf()->pubsetbuf(nullptr, 0);
  while (file.put('x')) {
  }
}

}  // namespace hubkeep
