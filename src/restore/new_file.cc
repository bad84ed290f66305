#include "restore/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/text.h"
#include "localgit/durable.h"
#include "restore/fetch_files.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

bool has_content(const fs::path& file, std::string_view content) {
  if (!is_there(file, content.size())) return false;
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str() == content;
}

void write_all(const fs::path& path, std::string_view content, unsigned mode) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid()) throw file_error(errno, "write", path.string());
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw file_error(errno, "write", path.string());
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) throw file_error(errno, "write to disk", path.string());
}

}  // namespace

void write_new_file(const fs::path& file, std::string_view content, const std::string& name, unsigned mode,
                    PartRestored& result) {
  if (has_content(file, content)) return;
  std::error_code error;
  if (fs::exists(fs::symlink_status(file, error))) {
    result.lacks.add(name,
                     fmt::format("another {} is there already and is left alone", printable(file.string())));
    return;
  }
  const ScratchFolderGuard scratch(file.parent_path() / (std::string(kScratchFolder) + random_hex(8)));
  const fs::path whole = scratch.path() / "file";
  write_all(whole, content, mode);
  fs::rename(whole, file, error);
  if (error) throw file_error(error.value(), "write", file.string());
  make_names_durable(file.parent_path());
}

}  // namespace hubkeep
