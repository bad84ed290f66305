// What a store in a bucket and its writers share.
#pragma once

#include <string>

#include "store/s3/s3_checksums.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_options.h"

namespace hubkeep {

struct S3Context {
  S3Client client;
  const S3Options options;
  MemoryBudget* memory;

  S3Server& server() { return client.server(); }
};

/// Tells the user something of the server, the first time only.
void tell_once(S3Context& context, S3Notice notice, const std::string& text);

}  // namespace hubkeep
