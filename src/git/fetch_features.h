// What of the command fetch a server announces (gitprotocol-v2). What it does not announce must not be sent.
#pragma once

namespace hubkeep {

struct FetchFeatures {
  bool shallow = false;
  bool filter = false;
};

}  // namespace hubkeep
