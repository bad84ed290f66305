// Content that is printed while it comes, for as long as somebody reads it.
#pragma once

#include "base/byte_sink.h"
#include "base/error.h"
#include "cli/output.h"

namespace hubkeep {

/// Throws Error(cancelled): a reader that has gone away needs no more of what may be large.
inline void stop_if_nobody_reads() {
  if (is_output_lost()) throw Error(ErrorKind::cancelled, "nobody reads what is printed");
}

class BytesToOutput final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    print_bytes(bytes);
    stop_if_nobody_reads();
  }
};

}  // namespace hubkeep
