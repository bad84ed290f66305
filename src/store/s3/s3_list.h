// Going through what is in a bucket, page by page.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "store/s3/s3_client.h"
#include "store/s3/s3_xml.h"

namespace hubkeep {

struct S3Listing {
  std::string prefix;  // of whole keys in the bucket, as is start_after
  std::string start_after;
  std::string delimiter;
};

/// Visits all pages, in order, until `visit` says false. All keys of a page begin with the prefix.
void list_objects(S3Client& client, const S3Listing& listing,
                  const std::function<bool(const S3ListPage&)>& visit);

/// Aborts the multipart uploads below `prefix` that began, and got their newest part, `age` ago or earlier by
/// the server's clock; at age 0 all of them. Those of invalid keys, and
/// of keys that are not ours, are left alone. One that cannot be aborted is a problem of the result; the
/// bytes are those of uploads that are old. So is, once, that the server lists no uploads; else Error where
/// there is no telling what there is.
Leftovers abort_stale_uploads(S3Client& client, const std::string& prefix, const KeyFilter& is_ours,
                              std::chrono::seconds age);

}  // namespace hubkeep
