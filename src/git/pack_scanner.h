// Looks at every object of a pack as it streams by (git/pack_stream.h), in little memory. Deltas are not
// resolved: a pack that passes is whole as the server made it. Whether it is what was asked for is said as
// far as it can be seen while it passes.
#pragma once

#include <memory>
#include <string>

#include "base/byte_sink.h"
#include "git/fetch.h"
#include "git/lfs_pointers.h"
#include "git/oid.h"
#include "git/pack_stream.h"

namespace hubkeep {

class PackWatch;

struct PackSummary {
  ByteCount bytes = 0;
  std::uint32_t objects = 0;
  std::uint32_t deltas = 0;
  std::uint64_t largest_delta = 0;  // bytes of the largest object that a delta makes, as the delta says
  std::string impossible;           // why it cannot be what was asked for; empty when it can
  std::uint64_t not_proved = 0;     // tips asked for, and in a base bases of deltas, that were not seen in it
  LfsPointers lfs_pointers;         // in blobs that are stored whole
};

/// What a whole pack's entries were seen to be. Once.
PackSummary summarize(const PackStream::End& end, PackWatch& watch);

/// Memory: under 8 MiB, whatever the pack holds, 5 bytes for each object asked for, and what LfsPointers has.
/// One thread.
class PackScanner final : public ByteSink {
 public:
  explicit PackScanner(ObjectFormat format);
  /// Of a pack that answers `asked`, which must outlive it.
  explicit PackScanner(const FetchRequest& asked);
  ~PackScanner() override;

  /// Throws Error(corrupt), saying at which object and offset.
  void write(std::string_view bytes) override;
  /// After the last byte. Throws Error(transient) when the pack is cut short, Error(corrupt) when it is not
  /// whole in any other respect.
  PackSummary finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubkeep
