// The pack of a bundle in a vault, read in pieces. Its first byte is at offset 0.
#pragma once

#include <string>

#include "pack/byte_source.h"
#include "pack/read_budget.h"
#include "vault/git_part.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// Thread-safe. Keeps references to `objects` and `budget`.
class BundleSource final : public ByteSource {
 public:
  /// Throws Error(corrupt) for a bundle whose pack begins behind its end.
  BundleSource(VaultObjects& objects, std::string folder, const Bundle& bundle, ReadBudget& budget);

  ByteCount size() const override { return record_.size - pack_offset_; }
  /// A request of the store. Throws Error: that of the budget; not_found, cold and the others of the store.
  std::string read(ByteCount offset, ByteCount length, const std::stop_token& stop) override;

 private:
  VaultObjects& objects_;
  const std::string folder_;
  const ObjectRecord record_;
  const ByteCount pack_offset_;
  ReadBudget& budget_;
};

}  // namespace hubkeep
