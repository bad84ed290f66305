#include "restore/restore_repository.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "git/bundle.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// A folder that vanishes unless it is kept.
class ScratchFolderGuard {
 public:
  explicit ScratchFolderGuard(fs::path path) : path_(std::move(path)) {
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    if (error || !fs::create_directory(path_, error)) {
      throw Error(ErrorKind::forbidden,
                  fmt::format("cannot make the folder {}: {}", printable(path_.string()),
                              error ? error.message() : "it exists"));
    }
  }
  ScratchFolderGuard(const ScratchFolderGuard&) = delete;
  ScratchFolderGuard& operator=(const ScratchFolderGuard&) = delete;
  ~ScratchFolderGuard() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class CountedSink final : public ByteSink {
 public:
  CountedSink(ByteSink& next, const std::function<void(ByteCount)>& count) : next_(next), count_(count) {}
  void write(std::string_view bytes) override {
    next_.write(bytes);
    if (count_) count_(bytes.size());
  }

 private:
  ByteSink& next_;
  const std::function<void(ByteCount)>& count_;
};

fs::path nearest_existing(fs::path path) {
  path = fs::absolute(path);
  while (!fs::exists(path) && path.has_parent_path() && path != path.parent_path()) path = path.parent_path();
  return path;
}

void check_disk(const fs::path& place, ByteCount needed) {
  std::error_code error;
  const auto space = fs::space(nearest_existing(place), error);
  if (error || space.available >= needed) return;
  throw Error(
      ErrorKind::invalid,
      fmt::format("restoring needs about {} and {} has {} free: free some, or restore elsewhere (--temp-dir "
                  "names the folder where the repository is put together)",
                  human_size(needed), printable(place.string()), human_size(space.available)));
}

bool is_full(const fs::path& place) {
  std::error_code error;
  return fs::space(place, error).available == 0;
}

void refuse_existing(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return;
  throw Error(ErrorKind::invalid, fmt::format("{} exists already and is left alone: name another folder",
                                              printable(folder.string())));
}

void import_bundle(Vault& vault, const std::string& folder, const Bundle& bundle, RepositoryBuilder& builder,
                   const std::function<void(ByteCount)>& received, const std::stop_token& stop) {
  const auto importer = builder.import_pack();
  BundleReader reader(*importer);
  CountedSink counted(reader, received);
  read_checked(vault.store(), folder, bundle.record, counted, stop);
  reader.finish();
  // Beyond this point the bytes are those that were written; the importer looks at what they mean.
  importer->finish();
}

ByteCount largest_delta(const GitPart& git) {
  ByteCount largest = 0;
  for (const Bundle& bundle : git.bundles) largest = std::max(largest, bundle.largest_delta);
  return largest;
}

// Into place in one step; across file systems by a copy beside the target first.
void move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  if (error != std::errc::cross_device_link) {
    throw Error(ErrorKind::forbidden,
                fmt::format("cannot move the repository to {}: {}", printable(to.string()), error.message()));
  }
  const ScratchFolderGuard copy(to.parent_path() / fmt::format(".hubkeep-restore-{}", random_hex(8)));
  fs::copy(from, copy.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (!error) fs::rename(copy.path(), to, error);
  if (error) {
    // libstdc++ says no more than "input/output error" when a copy ends early.
    if (error == std::errc::io_error && is_full(copy.path()))
      error = std::make_error_code(std::errc::no_space_on_device);
    throw Error(ErrorKind::internal,
                fmt::format("cannot copy the repository to {}: {}", printable(to.string()), error.message()));
  }
}

}  // namespace

ByteCount disk_needed(const GitPart& git, RepositoryKind kind) {
  constexpr ByteCount kIndexEntry =
      40;  // an .idx has 20 + 4 + 4 bytes an object, 44 with SHA-256, fanout aside
  constexpr ByteCount kSmallFiles = 1 << 20;
  ByteCount packs = 0;
  for (const Bundle& bundle : git.bundles) packs += bundle.record.size + kIndexEntry * bundle.objects;
  return packs + kSmallFiles + (kind == RepositoryKind::work_tree ? packs : 0);
}

void restore_repository(Vault& vault, const std::string& folder, const Manifest& manifest,
                        const RestoreTarget& target, const std::function<void(ByteCount)>& received,
                        const std::stop_token& stop) {
  const fs::path destination = fs::absolute(target.folder / "").lexically_normal().parent_path();
  const fs::path workshop = target.temp_dir.empty() ? destination.parent_path() : target.temp_dir;
  refuse_existing(destination);
  const ByteCount needed = disk_needed(manifest.git, target.kind);
  for (const auto& place : {workshop, destination.parent_path()}) check_disk(place, needed);

  const ScratchFolderGuard scratch(workshop / fmt::format(".hubkeep-restore-{}", random_hex(8)));
  const RepositoryTraits traits{manifest.git.format, target.kind, largest_delta(manifest.git)};
  const auto builder = create_repository(scratch.path(), traits, stop);
  for (const Bundle& bundle : manifest.git.bundles) {
    with_context(bundle.record.key, [&] { import_bundle(vault, folder, bundle, *builder, received, stop); });
  }
  builder->write_refs(vault.read_ref_state(folder, manifest.git, stop));
  if (target.kind == RepositoryKind::mirror) builder->set_origin(manifest.listing.clone_url);
  if (target.kind == RepositoryKind::work_tree) builder->check_out();
  // Beyond this point the repository is whole; what is left is its name.
  std::error_code error;
  fs::create_directories(destination.parent_path(), error);
  refuse_existing(destination);
  move_into_place(scratch.path(), destination);
}

}  // namespace hubkeep
