// Puts a git repository together on this machine: an empty one, packs into it, refs, HEAD.
// Files come later: check_out.h.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include "git/ref.h"
#include "localgit/pack_folder.h"
#include "localgit/pack_importer.h"

namespace hubkeep {

enum class RepositoryKind {
  work_tree,  // DIR/.git and files
  bare,
  mirror,  // bare, with a remote "origin" that mirrors every ref, as `git clone --mirror` leaves it
};

/// One repository being built in a folder that only the caller uses. One thread. On failure the caller
/// removes the folder. Throws Error: corrupt (packs), internal (disk full, no git), forbidden, cancelled.
class RepositoryBuilder {
 public:
  RepositoryBuilder(const RepositoryBuilder&) = delete;
  RepositoryBuilder& operator=(const RepositoryBuilder&) = delete;
  virtual ~RepositoryBuilder() = default;

  const std::filesystem::path& git_folder() const { return git_folder_; }
  PackFolder& packs() { return packs_; }
  /// A pack that is indexed as its bytes come, before which those that it builds on have come.
  std::unique_ptr<PackImporter> import_pack();

  /// Writes all refs (as packed-refs, whatever their number) and HEAD. Throws Error(corrupt) naming the first
  /// ref whose object is not in the repository.
  void write_refs(const RefState& state);

  /// Proves that every object which the refs and HEAD lead to is in the repository: a pack can be well-formed
  /// and lack what it builds on. May be called again when more packs have come: what was proved is not walked
  /// again. Throws Error(corrupt) naming the first ref that lacks an object, and the object.
  virtual void prove_connected(const RefState& state) = 0;

  /// For kind mirror: where the repository came from, kept as remote "origin".
  void set_origin(const std::string& url);

 protected:
  /// `git_folder` is made by who derives from this.
  RepositoryBuilder(std::filesystem::path git_folder, ObjectFormat format, RepositoryKind kind,
                    std::stop_token stop);
  const std::stop_token& stop() const { return stop_; }

 private:
  const std::filesystem::path git_folder_;
  const RepositoryKind kind_;
  const std::stop_token stop_;
  PackFolder packs_;
};

/// Where a repository of that kind in `folder` has what git knows.
std::filesystem::path git_folder_in(const std::filesystem::path& folder, RepositoryKind kind);

}  // namespace hubkeep
