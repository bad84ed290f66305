// Putting an object into a bucket under a condition, also where the server's idea of conditions is its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/s3/s3_context.h"

namespace hubkeep {

/// What may be an answer to a write under `condition`, which may be empty: that it does not hold, or that the
/// server knows none. That there is no object is one to who names its version, and to nobody else.
std::vector<int> expected_under(const S3Server& server, const Headers& condition);

/// A way to publish an object's content under the condition that `headers` state: PutObject or
/// CompleteMultipartUpload. Expected statuses of the answer are those of expected_under(), and 404 of an
/// upload.
using S3Publish = std::function<S3Answer(const Headers& headers)>;

struct S3Publication {
  std::string key;  // the whole key in the bucket
  S3Publish publish;
  /// Whether what is under the key now is what was to be published: then an answer was lost on its way.
  std::function<bool()> is_there;
  bool by_put = false;  // PutObject: Ceph honours If-None-Match there, and not at CompleteMultipartUpload
  bool small = false;   // may be published once more, to see what the server makes of a condition
};

/// Throws Error; then nothing is published, as far as the server lets us know.
CommitResult publish(S3Context& context, const S3Publication& publication, const Precondition& precondition);

/// PutObject.
CommitResult put_object(S3Context& context, const std::string& key, const Headers& headers, std::string& body,
                        const Precondition& precondition);

}  // namespace hubkeep
