#include "verify/scratch_file.h"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkostemp()
#include <unistd.h>

#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/file_error.h"

namespace hubkeep {

ScratchFile::ScratchFile(const std::filesystem::path& folder) : folder_(folder.string()) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw file_error(error.value(), "make the folder", folder_);
  std::string name = (folder / "hubkeep-verify-XXXXXX").string();
  file_ = FileDescriptor(::mkostemp(name.data(), O_CLOEXEC));
  if (!file_.valid()) throw file_error(errno, "make a file in", folder_);
  // Not every share lets go of the name of a file that is open.
  if (::unlink(name.c_str()) != 0) name_ = std::move(name);
}

ScratchFile::~ScratchFile() {
  if (name_.empty()) return;
  file_ = FileDescriptor();
  ::unlink(name_.c_str());
}

void ScratchFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      throw file_error(errno, "write a temporary file in", folder_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<ByteCount>(written);
  }
}

std::string ScratchFile::read(ByteCount offset, ByteCount length, const std::stop_token& /*stop*/) {
  if (offset > size_ || length > size_ - offset)
    throw Error(ErrorKind::corrupt, "more is asked for than there is");
  std::string bytes(static_cast<std::size_t>(length), '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got =
        ::pread(file_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw file_error(got < 0 ? errno : EIO, "read a temporary file in", folder_);
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace hubkeep
