#include "restore/workshop.h"

#include <fmt/format.h>

#include <system_error>

#include "base/error.h"
#include "base/file_error.h"
#include "base/file_mode.h"
#include "base/text.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

fs::path nearest_existing(fs::path path) {
  std::error_code error;
  path = fs::absolute(path, error);
  // What cannot be looked at (a name that is too long, a folder that is closed) is told when it is made.
  while (!fs::exists(path, error) && path.has_parent_path() && path != path.parent_path())
    path = path.parent_path();
  return path;
}

}  // namespace

ScratchFolderGuard::ScratchFolderGuard(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);
  // One that is there already is somebody else's, and would be removed at the end.
  if (!error && !fs::create_directory(path_, error) && !error)
    error = std::make_error_code(std::errc::file_exists);
  if (!error) usual_ = fs::status(path_, error).permissions();
  if (!error) set_mode(path_, fs::perms::owner_all, fs::perm_options::replace, error);
  if (!error) return;
  throw Error(ErrorKind::forbidden,
              fmt::format("cannot make the folder {}: {}", printable(path_.string()), error.message()));
}

void ScratchFolderGuard::open_as_usual() const {
  std::error_code error;
  set_mode(path_, usual_, fs::perm_options::replace, error);
  if (error) throw file_error(error.value(), "open to others", path_.string());
}

ScratchFolderGuard::~ScratchFolderGuard() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void keep_others_out(const fs::path& folder) {
  std::error_code error;
  set_mode(folder, fs::perms::group_all | fs::perms::others_all, fs::perm_options::remove, error);
  if (!error) return;
  throw Error(ErrorKind::forbidden,
              fmt::format("cannot keep others out of {}, and the repository is private: {}",
                          printable(folder.string()), error.message()));
}

void check_disk(const std::string& task, const fs::path& place, ByteCount needed) {
  std::error_code error;
  const auto space = fs::space(nearest_existing(place), error);
  if (error || space.available >= needed) return;
  throw Error(ErrorKind::invalid,
              fmt::format("{} needs about {} and {} has {} free: free some, or do it elsewhere (--temp-dir "
                          "names the folder where the repository is put together)",
                          task, human_size(needed), printable(place.string()), human_size(space.available)));
}

}  // namespace hubkeep
