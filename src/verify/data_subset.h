// Which of a vault's objects a verification reads from the first byte to the last.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "vault/object_record.h"

namespace hubkeep {

/// "5%": each object with that chance, others each time. "1/7": the first of seven fixed shares of about the
/// same size, so that seven runs read everything. "10G": others each time, until so many bytes are read.
struct DataSubset {
  enum class Kind { none, all, chance, share, bytes };
  Kind kind = Kind::none;
  double chance = 0;  // 0 to 1
  unsigned share = 0;
  unsigned shares = 0;
  ByteCount bytes = 0;

  /// Throws Error(invalid) that says what can be written.
  static DataSubset parse(std::string_view text);
};

/// Chooses objects as they come. Thread-safe.
class DataChooser {
 public:
  /// `total` is about how many bytes the whole vault has: from it follows the chance for Kind::bytes.
  DataChooser(const DataSubset& subset, ByteCount total);

  bool choose(const ObjectRecord& record);

 private:
  DataSubset subset_;
  std::atomic<ByteCount> left_;
};

}  // namespace hubkeep
