#include "localgit/libgit2_builder.h"

#include "base/error.h"
#include "base/text.h"
#include "localgit/builder_common.h"
#include "localgit/connectivity.h"
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
  return std::make_unique<Libgit2Importer>(git_folder_ / "objects" / "pack", odb_.get(), stop_);
}

bool Libgit2Builder::has_object(const Oid& oid) const {
  git_oid raw;
  check_libgit2(git_oid_fromstr(&raw, oid.hex().c_str()), "read the object name " + oid.hex());
  return git_odb_exists(odb_.get(), &raw) == 1;
}

void Libgit2Builder::write_refs(const RefState& state) {
  for (const auto& ref : state.refs) {
    if (!has_object(ref.oid)) throw missing_object(ref.name, ref.oid);
  }
  if (state.head.oid && !has_object(*state.head.oid)) throw missing_object("HEAD", *state.head.oid);
  write_ref_files(git_folder_, state);
  born_ = is_born(state);
}

void Libgit2Builder::prove_connected(const RefState& state) {
  hubkeep::prove_connected(odb_.get(), state, stop_);
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

void Libgit2Builder::check_out() {
  if (kind_ != RepositoryKind::work_tree || !born_) return;
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped before the check out");
  git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
  options.checkout_strategy = GIT_CHECKOUT_FORCE;
  if (git_checkout_head(repository_.get(), &options) < 0) {
    throw work_tree_error(libgit2_error("check out the files", ErrorKind::corrupt));
  }
}

}  // namespace hubkeep
