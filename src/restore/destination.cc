// rename() could put a repository in place of an empty folder, but then a shell that stands in it stands
// nowhere, and its owner, its mode and what is mounted there are lost. So what is there stays, and the
// scratch folder, which is made inside, gives up its entries.
#include "restore/destination.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/file_system_lacks.h"
#include "base/text.h"
#include "localgit/durable.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& folder) {
  throw Error(ErrorKind::invalid,
              fmt::format("{} exists already and is left alone: name another folder, or an empty one",
                          printable(folder.string())));
}

// Scratch folders of ours, also those that a killed restore has left, do not count.
bool is_empty_folder(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(kScratchFolder)) return false;
  }
  return !error;
}

bool has_name(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// In the order in which they make a repository.
std::vector<std::string> names_in(const fs::path& folder) {
  const auto rank = [](const std::string& name) { return name == ".git" ? 0 : name == "HEAD" ? 2 : 1; };
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a < b;
  });
  return names;
}

// Over nothing that has come there. Some file systems cannot promise that.
int move_one(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (!is_lacking(FileCall::rename_to_new, errno)) return errno;
  if (has_name(to)) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

// All or, after a failure, nothing. Returns the error's number.
int move_entries(const fs::path& from, const fs::path& to) {
  const auto names = names_in(from);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int failure = move_one(from / names[i], to / names[i]);
    if (failure == 0) continue;
    while (i-- > 0) move_one(to / names[i], from / names[i]);
    return failure;
  }
  return 0;
}

}  // namespace

Destination::Destination(const fs::path& folder)
    : path_(fs::absolute(folder / "").lexically_normal().parent_path()), is_there_(has_name(path_)) {
  if (!is_there_) return;
  if (!is_empty_folder(path_)) refuse(path_);
  path_ = fs::canonical(path_);
}

void Destination::check_still_free() const {
  if (is_there_ ? !is_empty_folder(path_) : has_name(path_)) refuse(path_);
}

bool Destination::take(const ScratchFolderGuard& from, bool is_public) const {
  std::error_code error;
  if (is_there_) {
    if (!is_public) keep_others_out(path_);
    error = std::error_code(move_entries(from.path(), path_), std::generic_category());
  } else {
    if (is_public) from.open_as_usual();
    fs::rename(from.path(), path_, error);
  }
  if (!error) {
    make_names_durable(is_there_ ? path_ : path_.parent_path());
    return true;
  }
  if (error == std::errc::cross_device_link) return false;
  throw Error(ErrorKind::forbidden, fmt::format("cannot move the repository to {}: {}",
                                                printable(path_.string()), error.message()));
}

}  // namespace hubkeep
