#include "store/folder/folder_clock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "base/file_descriptor.h"
#include "base/text.h"

namespace hubkeep {

std::optional<std::time_t> time_in(int folder) {
  const std::string name = random_hex(8) + "-clock";
  const FileDescriptor probe(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!probe.valid()) return std::nullopt;
  struct stat status{};
  const bool is_known = ::fstat(probe.get(), &status) == 0;
  ::unlinkat(folder, name.c_str(), 0);
  return is_known ? std::optional(status.st_mtim.tv_sec) : std::nullopt;
}

}  // namespace hubkeep
