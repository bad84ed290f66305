// One LFS object on its way into the vault. What has come stays when a connection breaks, and the next one
// goes on from there; the object is committed once its bytes are those of its name.
#pragma once

#include "git/lfs_pointers.h"
#include "remote/lfs_remote.h"
#include "vault/lfs_part.h"

namespace hubkeep {

class RepositoryWork;

/// One thread. Keeps references.
class LfsIncoming final : private ByteSink {
 public:
  /// Throws as VaultObjects does.
  LfsIncoming(LfsPointer object, const RepositoryWork& work);

  /// What has not come yet. Throws as LfsRemote::download() does, and as VaultObjects does; see
  /// is_of_store(). After Error(corrupt), other bytes have come than the object's: it has to begin anew.
  void go_on(LfsRemote& remote, const LfsAddress& address);
  /// When all of it has come: it is in the vault from now on. In place of what is there, if that is damaged.
  KeptLfs commit(bool replaces_damaged);

  /// That it has to have.
  ByteCount size() const { return object_.size; }
  /// Whether more or fewer bytes have come.
  bool has_other_size() const { return has_other_size_; }
  /// Bytes of it that are here.
  ByteCount arrived() const { return arrived_; }
  /// Whether it was the vault that threw last, not the server: it has to begin anew.
  bool is_of_store() const { return is_of_store_; }

 private:
  void write(std::string_view bytes) override;

  const LfsPointer object_;
  const RepositoryWork& work_;
  RecordedWriter writer_;
  ByteCount arrived_ = 0;
  bool is_of_store_ = false;
  bool has_other_size_ = false;
};

}  // namespace hubkeep
