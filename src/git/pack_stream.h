// The entries of a pack as it streams by (gitformat-pack):
//   "PACK" version(4) count(4) *(entry header [base offset | base oid] zlib stream) trailer hash
// Every zlib stream is inflated and its own Adler-32 checked, entries are counted, the trailer compared. What
// the entries mean is told by whoever handles them.
#pragma once

#include <memory>
#include <string_view>

#include "base/byte_sink.h"
#include "git/oid.h"
#include "git/pack_entry.h"

namespace hubkeep {

struct PackEntryEnd {
  std::uint32_t crc32 = 0;  // of the entry as it stands in the pack
  /// Its zlib stream, where that is at hand as a whole, as it is for all but large entries. Else empty.
  std::string_view compressed;
};

class PackEntryHandler {
 public:
  PackEntryHandler() = default;
  PackEntryHandler(const PackEntryHandler&) = delete;
  PackEntryHandler& operator=(const PackEntryHandler&) = delete;
  virtual ~PackEntryHandler() = default;

  /// Once, before the first entry: how many there are, as the header says.
  virtual void count(std::uint32_t /*objects*/) {}
  /// An entry begins.
  virtual void begin(const PackEntryHeader& entry) = 0;
  /// Its inflated bytes, cut anywhere, never more than its header says.
  virtual void write(std::string_view inflated) = 0;
  /// Its end. Returns what is wrong with it; empty when nothing is.
  virtual std::string_view end(const PackEntryEnd& end) = 0;
};

/// Memory: under 6 MiB, whatever the pack holds. One thread.
class PackStream final : public ByteSink {
 public:
  /// Keeps a reference to `handler`.
  PackStream(ObjectFormat format, PackEntryHandler& handler);
  ~PackStream() override;

  /// Throws Error(corrupt), saying at which object and offset, and what the handler throws.
  void write(std::string_view bytes) override;

  struct End {
    ByteCount bytes = 0;
    std::uint32_t objects = 0;
    Oid trailer;
  };
  /// After the last byte. Throws Error(transient) when the pack is cut short, Error(corrupt) when it is not
  /// whole in any other respect.
  End finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How errors name an entry: "pack: object 3 of 9 at offset 512".
std::string entry_place(std::uint64_t number, std::uint64_t objects, ByteCount offset);

}  // namespace hubkeep
