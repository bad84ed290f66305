// Where bytes go that are read only for what the reading tells.
#pragma once

#include "base/byte_sink.h"

namespace hubkeep {

class NullSink final : public ByteSink {
 public:
  void write(std::string_view) override {}
};

}  // namespace hubkeep
