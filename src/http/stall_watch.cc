#include "http/stall_watch.h"

namespace hubkeep {

bool StallWatch::is_stalled(ByteCount payload, Time now) {
  if (payload >= payload_ + kLeastPayload) {
    payload_ = payload;
    since_ = now;
  }
  return timeout_ > Duration::zero() && now - since_ >= timeout_;
}

}  // namespace hubkeep
