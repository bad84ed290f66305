// Reading an object out of a bucket: a stream that goes on where a broken connection left it.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/byte_sink.h"
#include "store/s3/s3_client.h"

namespace hubkeep {

struct S3Range {
  ByteCount offset = 0;
  std::optional<ByteCount> length;  // to the end when not given
};

/// Throws Error as ObjectStore::read() does. Returns the version that was read.
std::string read_object(S3Client& client, const std::string& key, const S3Range& range, ByteSink& sink,
                        const std::stop_token& stop);

}  // namespace hubkeep
