// Indexes a pack as it streams by: every object is inflated, its deltas applied, its name computed, and what
// commits, trees and tags name is collected. No clone does more, and none is needed.
//
// A delta comes after its base, but for REF_DELTAs, so most objects are made while they pass, from a bounded
// cache. What could not be made (its base had left the cache, comes later, or is in another pack) is made in
// resolve(), when the pack can be read again.
//
// Plain SHA-1, without the search for collisions that git does: GitHub refuses colliding objects, and bundles
// of a vault are checked against the SHA-256 in their manifest.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "git/fetch.h"
#include "git/pack_scanner.h"
#include "pack/byte_source.h"
#include "pack/indexed_pack.h"
#include "pack/object_source.h"

namespace hubkeep {

class PackIndexer final : public ByteSink {
 public:
  /// `asked`, where there is one, must outlive it.
  PackIndexer(ObjectFormat format, const FetchRequest* asked, const IndexingOptions& options);
  ~PackIndexer() override;

  /// Throws Error(corrupt), naming object and offset.
  void write(std::string_view bytes) override;
  /// After the last byte. Throws as PackScanner::finish() does. Of tips asked for, `impossible` and
  /// `not_proved` say what is known so far.
  PackSummary finish();

  /// Why it gave up indexing, while it went on looking at the pack's form: too large for the memory. Empty:
  /// it did not.
  const std::string& gave_up() const;
  IndexingCounts counts() const;

  /// After finish(), once: makes what is left. `pack` is what was written, `elsewhere` has the bases of a
  /// thin pack. Throws Error: corrupt, naming object and offset (and the base that is nowhere); what the
  /// sources throw; cancelled. Nothing where it gave up.
  std::optional<IndexedPack> resolve(ByteSource& pack, ObjectSource& elsewhere, const std::stop_token& stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubkeep
