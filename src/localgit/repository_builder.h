// Puts a git repository together on this machine: an empty one, packs into it, refs, HEAD.
// Files come later: check_out.h.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "git/ref.h"

namespace hubkeep {

enum class RepositoryKind {
  work_tree,  // DIR/.git and files
  bare,
  mirror,  // bare, with a remote "origin" that mirrors every ref, as `git clone --mirror` leaves it
};

/// A pack on its way into the repository; thin packs are completed from what is there already.
class PackImporter : public ByteSink {
 public:
  /// After the pack's last byte: resolves deltas, writes the index. Throws Error(corrupt) for a pack that is
  /// not whole or whose bases are missing.
  virtual void finish() = 0;
};

/// One repository being built in a folder that only the caller uses. One thread. On failure the caller
/// removes the folder. Throws Error: corrupt (packs), internal (disk full, no git), forbidden, cancelled.
class RepositoryBuilder {
 public:
  RepositoryBuilder() = default;
  RepositoryBuilder(const RepositoryBuilder&) = delete;
  RepositoryBuilder& operator=(const RepositoryBuilder&) = delete;
  virtual ~RepositoryBuilder() = default;

  virtual std::unique_ptr<PackImporter> import_pack() = 0;
  /// Another way to import the pack that the last importer refused, from its first byte on; nothing where
  /// there is none, or where nothing was refused. Throws Error(internal): git would take it, and there is no
  /// git.
  virtual std::unique_ptr<PackImporter> import_refused_pack() { return nullptr; }

  /// Writes all refs (as packed-refs, whatever their number) and HEAD. Throws Error(corrupt) naming the first
  /// ref whose object is not in the repository.
  virtual void write_refs(const RefState& state) = 0;

  /// Proves that every object which the refs and HEAD lead to is in the repository: a pack can be well-formed
  /// and lack what it builds on. May be called again when more packs have come: what was proved is not walked
  /// again. Throws Error(corrupt) naming the first ref that lacks an object, and the object.
  virtual void prove_connected(const RefState& state) = 0;

  /// For kind mirror: where the repository came from, kept as remote "origin".
  virtual void set_origin(const std::string& url) = 0;
};

}  // namespace hubkeep
