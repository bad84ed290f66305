// What fits into one part is one PutObject at commit: a single request, and nothing to abort. The upload in
// parts begins only when a second part is needed.
#include "store/s3/s3_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "store/s3/s3_lock.h"
#include "store/s3/s3_object_headers.h"
#include "store/s3/s3_put.h"

namespace hubkeep {
namespace {

bool is_to_lock(const S3Context& context, const ObjectKey& key) {
  const auto& lock = context.options.lock;
  return lock && lock->covers(key);
}

}  // namespace

S3Writer::S3Writer(S3Context& context, const ObjectKey& key, std::string bucket_key,
                   std::optional<ByteCount> expected)
    : context_(context),
      bucket_key_(std::move(bucket_key)),
      // The date of a lock counts from the begin of the writing, for the parts and for lock_upload() alike.
      begun_(is_to_lock(context, key) ? time_to_lock_by(context) : UtcTime{}),
      headers_(object_headers(context.options, key, begun_)),
      buffer_{.bytes = {}, .limit = context.options.parts.first, .leases = {}},
      to_come_(expected.value_or(std::numeric_limits<ByteCount>::max())) {
  if (expected) take_memory(*expected);
}

// Memory is only tried for, since this writer's job holds some. Where there is none now, smaller parts must
// do; where they do not, that is said before the first byte.
void S3Writer::take_memory(ByteCount expected) {
  const ByteCount least = least_part_size(expected);
  grow(buffer_, equal_part_size(context_.options.parts, expected), context_.memory);
  grow(buffer_, least, context_.memory);
  if (buffer_.limit < least)
    throw Error(ErrorKind::transient,
                fmt::format("{} need parts of {}, and other uploads have the memory for them now",
                            human_size(expected), human_size(least)));
}

void S3Writer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (buffer_.full()) {
      if (!upload_) upload_ = std::make_unique<S3Upload>(context_, bucket_key_, headers_);
      buffer_ = upload_->exchange(std::move(buffer_));
    }
    const std::size_t before = bytes.size();
    buffer_.fill(bytes, to_come_);
    to_come_ -= std::min<ByteCount>(to_come_, before - bytes.size());
  }
}

CommitResult S3Writer::commit(const Precondition& precondition) {
  if (!upload_) return put_object(context_, bucket_key_, headers_, buffer_.bytes, precondition);
  const auto result = upload_->complete(std::move(buffer_), precondition);
  if (result == CommitResult::committed) lock_upload();
  return result;
}

// Ceph 16 takes no notice of the lock that is asked for when an upload begins.
// See RealLocks.AreKeptAndExtended.
void S3Writer::lock_upload() {
  const auto& lock = context_.options.lock;
  if (!lock || put_action(headers_) != kPutLocked || is_aws(context_.client.address())) return;
  extend_lock_of(context_, lock->mode, bucket_key_, plan_lock(begun_, lock->retention).until);
}

}  // namespace hubkeep
