// The clock begins anew with each kibibyte of payload. Single bytes do not count: git's keep-alive packets
// come every five seconds for as long as a server packs, or hangs. See
// StallWatch.ServersThatOnlyKeepAliveStall.
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
