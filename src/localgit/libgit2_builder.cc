// libgit2 makes the repository and indexes the packs, in this process and without git. Where it refuses a
// pack that may be good, git gets a second try (import_refused_pack()); where git is there, it also proves
// that nothing is missing. What comes out is the same either way: Builder.ProvesWithoutGitWhatItProvesWithIt.
#include "localgit/libgit2_builder.h"

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/connectivity.h"
#include "localgit/git_command.h"
#include "localgit/libgit2_importer.h"
#include "localgit/packed_refs.h"

namespace hubkeep {
namespace {

RepositoryHandle initialise(const std::filesystem::path& folder, RepositoryKind kind) {
  start_libgit2();
  git_repository_init_options options = GIT_REPOSITORY_INIT_OPTIONS_INIT;
  options.flags = GIT_REPOSITORY_INIT_NO_REINIT;
  if (kind != RepositoryKind::work_tree) options.flags |= GIT_REPOSITORY_INIT_BARE;
  git_repository* repository = nullptr;
  check_libgit2(git_repository_init_ext(&repository, folder.c_str(), &options),
                "make a repository in " + printable(folder.string()));
  return RepositoryHandle(repository);
}

// What git indexes in the folder of a repository that libgit2 has opened.
class GitImporterIntoOdb final : public PackImporter {
 public:
  GitImporterIntoOdb(const std::filesystem::path& git_folder, git_odb* odb, std::stop_token stop)
      : importer_(import_pack_by_git(git_folder, std::move(stop))), odb_(odb) {}
  void write(std::string_view bytes) override { importer_->write(bytes); }
  void finish() override {
    importer_->finish();
    check_libgit2(git_odb_refresh(odb_), "read the new pack");
  }

 private:
  std::unique_ptr<PackImporter> importer_;
  git_odb* odb_;
};

}  // namespace

Libgit2Builder::Libgit2Builder(const std::filesystem::path& folder, RepositoryKind kind, std::stop_token stop)
    : kind_(kind),
      stop_(std::move(stop)),
      repository_(initialise(folder, kind)),
      git_folder_(git_repository_path(repository_.get())) {
  git_odb* odb = nullptr;
  check_libgit2(git_repository_odb(&odb, repository_.get()), "open the objects");
  odb_.reset(odb);
}

std::unique_ptr<PackImporter> Libgit2Builder::import_pack() {
  refusal_.reset();
  return std::make_unique<Libgit2Importer>(git_folder_ / "objects" / "pack", odb_.get(), refusal_, stop_);
}

std::unique_ptr<PackImporter> Libgit2Builder::import_refused_pack() {
  const auto refusal = std::exchange(refusal_, std::nullopt);
  if (!refusal) return nullptr;
  if (has_git(stop_)) return std::make_unique<GitImporterIntoOdb>(git_folder_, odb_.get(), stop_);
  // git takes a pack that has an object twice, so a server may send one. See
  // Builder.LetsGitTakeAPackWithAnObjectTwice and SaysThatGitIsNeededForAPackWithAnObjectTwice.
  if (refusal->find("duplicate object") == std::string::npos) return nullptr;
  throw Error(
      ErrorKind::internal,
      "the pack has an object twice, as GitHub sent it: nothing is wrong with the vault. git takes such a "
      "pack and libgit2 does not, and there is no git in PATH: install git 2.29 or newer and give the "
      "same command again");
}

bool Libgit2Builder::has_object(const Oid& oid) const {
  git_oid raw;
  check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
  return git_odb_exists(odb_.get(), &raw) == 1;
}

// HEAD and refs are written after all packs, and only if what they name is there.
void Libgit2Builder::write_refs(const RefState& state) {
  for (const auto& ref : state.refs) {
    if (!has_object(ref.oid)) throw missing_object(ref.name, ref.oid);
  }
  if (state.head.oid && !has_object(*state.head.oid)) throw missing_object("HEAD", *state.head.oid);
  write_ref_files(git_folder_, state);
}

void Libgit2Builder::prove_connected(const RefState& state) {
  // git is two to three times as fast. What it misses, and for whom, our own walk says better.
  auto tips = tips_of(state);
  if (has_git(stop_) && !missed_by_git(git_folder_, tips, proved_, stop_)) {
    proved_ = std::move(tips);
    return;
  }
  proof_.prove(odb_.get(), state, stop_);
}

void Libgit2Builder::set_origin(const std::string& url) {
  if (kind_ != RepositoryKind::mirror) return;
  git_config* handle = nullptr;
  check_libgit2(git_repository_config(&handle, repository_.get()), "open the configuration");
  const ConfigHandle config(handle);
  for (const auto& [name, value] : mirror_settings(url)) {
    check_libgit2(git_config_set_string(config.get(), name.c_str(), value.c_str()),
                  "write the configuration");
  }
}

}  // namespace hubkeep
