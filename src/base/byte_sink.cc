#include "base/byte_sink.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hubkeep {

void StringSink::write(std::string_view bytes) {
  if (bytes_.size() + bytes.size() > limit_) {
    throw Error(ErrorKind::corrupt, fmt::format("more than {} bytes where fewer were expected", limit_));
  }
  bytes_.append(bytes);
}

}  // namespace hubkeep
