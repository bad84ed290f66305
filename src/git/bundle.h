// Bundle headers (gitformat-bundle):
//   "# v2 git bundle" LF *("-" oid SP comment LF) *(oid SP refname LF) LF pack
//   "# v3 git bundle" LF *("@" key ["=" value] LF), then as v2; used for SHA-256 only
#pragma once

#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "git/ref.h"

namespace hubkeep {

struct BundleHeader {
  ObjectFormat format = ObjectFormat::sha1;
  std::vector<Oid> prerequisites;  // commits that the reader must have
  RefList refs;                    // HEAD may be one of them

  friend bool operator==(const BundleHeader&, const BundleHeader&) = default;
};

/// Returns how many bytes it takes.
ByteCount write_bundle_header(const BundleHeader& header, ByteSink& to);

/// Reads a bundle's header and hands what follows, the pack, to `pack`. Throws Error(corrupt) for what is no
/// header, or one of another object format half-way; `finish()` also for one that is cut.
class BundleReader final : public ByteSink {
 public:
  explicit BundleReader(ByteSink& pack) : pack_(pack) {}
  void write(std::string_view bytes) override;
  void finish() const;
  const BundleHeader& header() const { return header_; }
  /// How many bytes the header took: where the pack begins.
  ByteCount header_size() const { return header_size_; }

 private:
  void line(std::string_view text);

  ByteSink& pack_;
  BundleHeader header_;
  ByteCount header_size_ = 0;
  std::string pending_;    // a line whose end has not come yet
  std::string signature_;  // the first line, once it has come
  bool in_pack_ = false;
};

}  // namespace hubkeep
