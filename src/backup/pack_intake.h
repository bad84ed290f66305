// What a pack passes through on its way into the vault: the indexer, which makes every object, or the scanner
// alone where nothing is to be proved. Memory for it is asked for when the pack's header has said how many
// objects come, and never waited for: the job's own share is the least, and a pack that is too large for what
// there is is scanned and stored all the same.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "backup/proof_options.h"
#include "base/byte_sink.h"
#include "git/fetch.h"
#include "git/pack_scanner.h"
#include "pack/pack_indexer.h"

namespace hubkeep {

/// One thread at a time.
class PackIntake final : public ByteSink {
 public:
  /// `asked`, where there is one, must outlive it.
  PackIntake(ObjectFormat format, const FetchRequest* asked, const ProofOptions& options);

  /// Throws as PackScanner::write() does.
  void write(std::string_view bytes) override;
  /// After the last byte. Throws as PackScanner::finish() does.
  PackSummary finish();

  /// After finish(), once. Throws as PackIndexer::resolve() does, and Error(gave_up), for people, where it
  /// was too large for the memory.
  IndexedPack resolve(ByteSource& pack, ObjectSource& elsewhere, const std::stop_token& stop);

 private:
  void open();
  IndexingOptions reserve(std::uint64_t objects);

  const ObjectFormat format_;
  const FetchRequest* const asked_;
  const ProofOptions options_;
  std::string header_;
  std::vector<MemoryBudget::Lease> leases_;
  std::unique_ptr<PackScanner> scanner_;
  std::unique_ptr<PackIndexer> indexer_;
  std::string too_large_;
};

/// What an index of so many objects takes while it is made.
ByteCount memory_to_index(std::uint64_t objects);

}  // namespace hubkeep
