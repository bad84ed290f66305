// A store in a bucket of S3, or of a server that speaks its protocol. A version is the ETag.
#pragma once

#include "store/object_store.h"
#include "store/s3/s3_context.h"
#include "store/s3/s3_url.h"
#include "store/store_location.h"

namespace hubkeep {

/// What is below the prefix and has no valid key is not listed and left alone. Unfinished objects are
/// multipart uploads.
class S3Store final : public ObjectStore {
 public:
  S3Store(const S3Services& services, const S3Location& location, std::string region,
          std::optional<Url> endpoint, S3Options options, S3Observer observer);

  using ObjectStore::create;
  using ObjectStore::read;
  using ObjectStore::remove;
  std::string description() const override;
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) override;
  ByteCount writer_memory() const override { return context_.options.parts.first; }
  void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
            const std::stop_token& stop) override;
  VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) override;
  std::optional<ObjectInfo> find(const ObjectKey& key) override;
  void list(const std::string& prefix, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit) override;
  void list_children(const std::string& prefix, const std::function<bool(std::string_view)>& visit) override;
  /// Obstacles are for folders: whatever stands under a key of a bucket is an object.
  std::string obstacle(const ObjectKey&) override { return {}; }
  void list_obstacles(const std::string&, const ObstacleVisitor&) override {}
  std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                           const std::stop_token& stop) override;
  Access thaw(const ObjectKey& key, const ThawRequest& request) override;
  std::optional<LockPlan> lock_plan(UtcTime now) override;
  void extend_lock(const ObjectKey& key, UtcTime until) override;
  Leftovers remove_stale(std::chrono::seconds age) override;
  /// To list the uploads would cost a request.
  std::optional<Leftovers> leftovers() override { return std::nullopt; }

  /// For who looks at the bucket itself, as S3Place does.
  S3Client& client() { return context_.client; }
  const S3Options& options() const { return context_.options; }
  /// What is known of the server so far.
  const S3Server& server() const { return context_.client.server(); }

 private:
  std::string bucket_key(const ObjectKey& key) const;

  const S3Location location_;
  S3Context context_;
};

}  // namespace hubkeep
