#include "sim/bare_repository.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "sim/git_worker.h"

namespace hubkeep::sim {

namespace fs = std::filesystem;

void create_bare_repository(const fs::path& path, const std::string& default_branch, ObjectFormat format) {
  fs::create_directories(path.parent_path());
  run_checked({"git", "init", "--quiet", "--bare", "--template=", "--initial-branch=" + default_branch,
               format == ObjectFormat::sha256 ? "--object-format=sha256" : "--object-format=sha1",
               path.string()});
  configure_bare_repository(path);
}

void configure_bare_repository(const fs::path& path) {
  std::ifstream before(path / "config");
  std::string text((std::istreambuf_iterator<char>(before)), std::istreambuf_iterator<char>());
  if (text.find("hideRefs = refs/pull") != std::string::npos) return;
  std::ofstream config(path / "config", std::ios::app);
  config << "[http]\n\treceivepack = true\n[receive]\n\thideRefs = refs/pull\n[gc]\n\tauto = 0\n";
}

std::int64_t size_on_disk_kb(const fs::path& path) {
  std::uintmax_t bytes = 0;
  std::error_code ignored;  // git may remove a temporary file while we look
  for (const auto& entry : fs::recursive_directory_iterator(path / "objects", ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  return static_cast<std::int64_t>((bytes + 1023) / 1024);
}

}  // namespace hubkeep::sim
