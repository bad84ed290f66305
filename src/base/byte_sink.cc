#include "base/byte_sink.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

void StringSink::write(std::string_view bytes) {
  if (bytes.size() > limit_ || bytes_.size() > limit_ - bytes.size()) {
    throw Error(ErrorKind::corrupt, fmt::format("{} has more than {}, which is the most that is read of it",
                                                what_, human_size(limit_)));
  }
  bytes_.append(bytes);
}

}  // namespace hubkeep
