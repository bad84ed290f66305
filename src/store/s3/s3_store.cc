// Keys of the vault become keys of the bucket by the prefix before them, and back. What is under the prefix
// and is no valid key belongs to somebody else, and is not listed (S3Faults.KeysOfOthersAreLeftOut).
#include "store/s3/s3_store.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "store/object_key.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_list.h"
#include "store/s3/s3_lock.h"
#include "store/s3/s3_reader.h"
#include "store/s3/s3_remove.h"
#include "store/s3/s3_thaw.h"
#include "store/s3/s3_writer.h"

namespace hubkeep {
S3Store::S3Store(const S3Services& services, const S3Location& location, std::string region,
                 std::optional<Url> endpoint, S3Options options, S3Observer observer)
    : location_(location),
      context_{.client = S3Client(
                   services.http, services.credentials, services.clock,
                   {.endpoint = std::move(endpoint), .region = std::move(region), .bucket = location.bucket},
                   std::move(observer), options.retries),
               .options = std::move(options),
               .memory = services.memory} {}

std::string S3Store::description() const {
  std::string text = "s3://" + location_.bucket + "/" + location_.prefix;
  text.pop_back();
  return text;
}

std::string S3Store::bucket_key(const ObjectKey& key) const {
  check_key(key);
  std::string whole = location_.prefix + key;
  if (whole.size() > kMaxKeySize)
    throw Error(ErrorKind::invalid, "too long for S3 with its prefix: " + printable(key));
  return whole;
}

std::unique_ptr<ObjectWriter> S3Store::create(const ObjectKey& key, std::optional<ByteCount> expected) {
  return std::make_unique<S3Writer>(context_, key, bucket_key(key), expected);
}

void S3Store::read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
                   const std::stop_token& stop) {
  read_object(context_.client, bucket_key(key), {.offset = offset, .length = length}, sink, stop);
}

VersionedBytes S3Store::read_versioned(const ObjectKey& key, const std::stop_token& stop) {
  StringSink content(kMaxReadWhole, printable(key));
  VersionedBytes result;
  result.version = read_object(context_.client, bucket_key(key), {}, content, stop);
  result.bytes = content.take();
  return result;
}

std::optional<ObjectInfo> S3Store::find(const ObjectKey& key) {
  const auto head = head_object(context_.client, bucket_key(key));
  if (!head) return std::nullopt;
  return ObjectInfo{.key = key,
                    .size = head->size,
                    .modified = head->modified,
                    .access = head->access,
                    .crc32 = head->crc32};
}

void S3Store::list(const std::string& prefix, const std::string& start_after,
                   const std::function<bool(const ObjectInfo&)>& visit) {
  check_prefix(prefix);
  const auto& root = location_.prefix;
  list_objects(
      context_.client,
      {.prefix = root + prefix, .start_after = start_after.empty() ? std::string() : root + start_after},
      [&](const S3ListPage& page) {
        for (ObjectInfo object : page.objects) {
          object.key = object.key.substr(root.size());
          if (is_valid_key(object.key) && !visit(object)) return false;
        }
        return true;
      });
}

void S3Store::list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) {
  check_prefix(prefix);
  const std::string root = location_.prefix + prefix;
  list_objects(context_.client, {.prefix = root, .delimiter = "/"}, [&](const S3ListPage& page) {
    std::vector<std::string> names;
    names.reserve(page.objects.size() + page.common_prefixes.size());
    for (const auto& object : page.objects) names.push_back(object.key.substr(root.size()));
    for (const auto& below : page.common_prefixes) names.push_back(below.substr(root.size()));
    // Objects and common prefixes come as two lists, each sorted by itself.
    std::sort(names.begin(), names.end());
    return std::all_of(names.begin(), names.end(), [&](std::string_view name) {
      const auto component = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
      return !is_valid_key(prefix + std::string(component)) || visit(name);
    });
  });
}

std::vector<std::optional<Error>> S3Store::remove(std::span<const ObjectKey> keys,
                                                  const std::stop_token& stop) {
  std::vector<std::string> whole;
  whole.reserve(keys.size());
  for (const ObjectKey& key : keys) whole.push_back(bucket_key(key));
  return remove_objects(context_, whole, stop);
}

Access S3Store::thaw(const ObjectKey& key, const ThawRequest& request) {
  return thaw_object(context_.client, bucket_key(key), request);
}

// Not by the caller's clock, as long as the server tells the time.
std::optional<LockPlan> S3Store::lock_plan(UtcTime) {
  const auto& lock = context_.options.lock;
  if (!lock) return std::nullopt;
  return plan_lock(time_to_lock_by(context_), lock->retention);
}

void S3Store::extend_lock(const ObjectKey& key, UtcTime until) {
  const auto& lock = context_.options.lock;
  if (!lock) throw has_no_locks(key);
  extend_lock_of(context_, lock->mode, bucket_key(key), until);
}

Leftovers S3Store::remove_stale(std::chrono::seconds age) {
  return abort_stale_uploads(context_.client, location_.prefix, context_.options.is_ours, age);
}

}  // namespace hubkeep
