// A batch is fetched as the packs of a history are, pieces of several objects side by side. Where one of it
// is lost or damaged, each of the rest is fetched by itself. What is whole is written to the disk before it
// gets its name: then its size alone tells that it is there, also after a power cut.
#include "restore/fetch_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <system_error>

#include "base/error.h"
#include "base/file_error.h"
#include "base/parallel.h"
#include "base/text.h"
#include "localgit/durable.h"
#include "restore/at_hand.h"
#include "restore/fetch_objects.h"
#include "restore/workshop.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 256;
constexpr std::size_t kSyncedAtOnce = 8;

bool is_of_one_object(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found ||
         error.kind() == ErrorKind::cold;
}

bool has_name(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// What a run that was killed has left is not known to be what it should be.
void empty(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) fs::remove_all(entry.path(), error);
  if (error) throw file_error(error.value(), "empty", folder.string());
}

// Its owner can open it to others at any time, and a link leads wherever who made it wants.
bool is_own_folder(const fs::path& folder) {
  struct stat status{};
  return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid();
}

}  // namespace

bool is_there(const fs::path& file, ByteCount size) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(file, error)) && fs::file_size(file, error) == size && !error;
}

void make_folder(const fs::path& folder, bool is_public) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  const bool is_new = !error && fs::create_directory(folder, error);
  if (error)
    throw Error(ErrorKind::forbidden,
                fmt::format("cannot make the folder {}: {}", printable(folder.string()), error.message()));
  if (is_public) return;
  if (!is_new && !is_own_folder(folder))
    throw Error(
        ErrorKind::forbidden,
        fmt::format("{} is there already, and is a link or belongs to another user; the repository is "
                    "private: move it away, or name another folder",
                    printable(folder.string())));
  keep_others_out(folder);
}

FileFetcher::FileFetcher(const PartRestoreWork& work, const fs::path& staging, FileInTheWay in_the_way,
                         PartRestored& result)
    : work_(work), staging_(staging, staging, "files"), in_the_way_(in_the_way), result_(result) {
  empty(staging_.path());
}

void FileFetcher::add(FileToRestore file) {
  if (is_there(file.file, file.record.size)) {
    ++result_.files;
    return;
  }
  if (in_the_way_ == FileInTheWay::left_alone && has_name(file.file)) {
    result_.lacks.add(file.name, fmt::format("another {} is there already and is left alone",
                                             printable(file.file.string())));
    return;
  }
  const fs::path staged = staging_.path() / std::to_string(batch_.size());
  batch_.push_back({.wanted = std::move(file), .staged = staged});
  if (batch_.size() == kBatch) fetch_batch();
}

void FileFetcher::finish() {
  fetch_batch();
  for (const fs::path& folder : folders_) make_names_durable(folder);
}

void FileFetcher::fetch_batch() {
  std::vector<FileOrder> orders;
  for (const Waiting& waiting : batch_)
    orders.push_back({.record = waiting.wanted.record, .file = waiting.staged, .mode = kUsualMode});
  try {
    fetch_objects({.objects = work_.vault.objects(), .folder = work_.folder}, orders, work_.received,
                  work_.stop);
  } catch (const Error& error) {
    if (is_of_one_object(error)) {
      fetch_each();
    } else {
      settle();
      throw;
    }
  }
  settle();
}

void FileFetcher::fetch_each() {
  for (const Waiting& waiting : batch_) {
    if (has_name(waiting.staged)) continue;
    try {
      fetch_objects({.objects = work_.vault.objects(), .folder = work_.folder},
                    {{.record = waiting.wanted.record, .file = waiting.staged, .mode = kUsualMode}},
                    work_.received, work_.stop);
    } catch (const Error& error) {
      if (!is_of_one_object(error)) throw;
      result_.lacks.add(waiting.wanted.name, error.kind() == ErrorKind::cold
                                                 ? error.message() + ": " + kThawAdvice
                                                 : error.message());
    }
  }
}

// Those that are whole.
void FileFetcher::settle() {
  std::erase_if(batch_, [](const Waiting& waiting) { return !has_name(waiting.staged); });
  work_in_parallel_or_throw(batch_.size(), kSyncedAtOnce,
                            [&](std::size_t i) { make_file_durable(batch_[i].staged); });
  for (const Waiting& waiting : batch_) {
    const fs::path& file = waiting.wanted.file;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (!error) fs::rename(waiting.staged, file, error);
    if (error) throw file_error(error.value(), "write", file.string());
    folders_.insert(file.parent_path());
    ++result_.files;
    ++result_.fetched;
  }
  batch_.clear();
}

}  // namespace hubkeep
