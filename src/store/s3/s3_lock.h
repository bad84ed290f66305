// Object lock: what is written cannot be deleted or replaced by anybody before its date. One date for all
// that is written in the same tenth of the retention, so that extending it for what a newer snapshot still
// needs is asked for seldom.
#pragma once

#include "store/s3/s3_context.h"

namespace hubkeep {

constexpr const char* kLockModeHeader = "x-amz-object-lock-mode";

/// `until` is the first multiple of a period since the epoch that is a whole retention away; the period is a
/// tenth of the retention, a day at least.
LockPlan plan_lock(UtcTime now, std::chrono::days retention);

/// The time by which objects are locked: the server's, as its answers told it; this machine's before the
/// first that does (a vault is read before anything is written). Throws Error(invalid) where the two are more
/// than kClockTolerance apart: one of them is wrong, and nobody can take a lock back.
UtcTime time_to_lock_by(S3Context& context);

/// For PutObject and CreateMultipartUpload.
Headers lock_headers(const ObjectLock& lock, UtcTime now);

/// PutObjectRetention, as ObjectStore::extend_lock() has it. What is locked in governance mode stays so, and
/// the user is told, once; what is locked in compliance mode is not locked longer when governance is asked
/// for.
void extend_lock_of(S3Context& context, const std::string& mode, const std::string& key, UtcTime until);

}  // namespace hubkeep
