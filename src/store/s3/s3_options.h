// How objects are to be kept in a bucket, and what a store in one is made of.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/memory_budget.h"
#include "base/retry.h"
#include "store/object_key.h"
#include "store/object_store.h"
#include "store/s3/s3_client.h"
#include "store/s3/s3_part_plan.h"

namespace hubkeep {

struct ObjectLock {
  std::string mode;  // "GOVERNANCE", "COMPLIANCE"
  std::chrono::days retention{};
  KeyFilter covers;  // what is written again and again is not locked
};

struct S3Options {
  std::string storage_class;  // of content; empty: the bucket's default
  std::string encryption;     // "AES256", "aws:kms"; empty: the bucket's default
  std::string kms_key_id;     // for "aws:kms"; empty: AWS's own key
  /// Which objects are content, read by a restore only. All others are read by every run and must stay
  /// where they are at once at hand.
  KeyFilter is_content;
  /// Which unfinished uploads may be aborted when they are old: other programs may use the same bucket.
  KeyFilter is_ours = [](const ObjectKey&) { return true; };
  std::optional<ObjectLock> lock;
  PartPlan parts;
  RetryPolicy retries{.max_attempts = 8,
                      .first_delay = std::chrono::milliseconds(200),
                      .longest_delay = std::chrono::milliseconds(20'000)};
};

/// Everything here outlives the store.
struct S3Services {
  HttpClient& http;
  CredentialsProvider& credentials;
  Clock& clock;
  MemoryBudget* memory = nullptr;  // for more than one part in flight; nothing: never more
};

}  // namespace hubkeep
