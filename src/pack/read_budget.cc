#include "pack/read_budget.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {

void ReadBudget::take(ByteCount bytes) {
  if (requests_ + 1 > limits_.requests || bytes > limits_.bytes || bytes_ > limits_.bytes - bytes) {
    exceeded_ = true;
    throw Error(ErrorKind::invalid,
                fmt::format("reading piece by piece takes more than is allowed, after {} and {}",
                            count_of(requests_, "request"), human_size(bytes_)));
  }
  ++requests_;
  bytes_ += bytes;
}

}  // namespace hubkeep
