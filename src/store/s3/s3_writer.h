// One object on its way into a bucket: by one put when it is small, else in parts as it comes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/object_store.h"
#include "store/s3/s3_upload.h"

namespace hubkeep {

class S3Writer final : public ObjectWriter {
 public:
  /// `bucket_key` is the whole key in the bucket; `expected` as ObjectStore::create() has it.
  S3Writer(S3Context& context, const ObjectKey& key, std::string bucket_key,
           std::optional<ByteCount> expected);

  void write(std::string_view bytes) override;
  CommitResult commit(const Precondition& precondition) override;

 private:
  void take_memory(ByteCount expected);
  void lock_upload();

  S3Context& context_;
  const std::string bucket_key_;
  const UtcTime begun_;  // of what is to be locked: by the server's clock
  const Headers headers_;
  PartBuffer buffer_;
  ByteCount to_come_;                 // as far as anybody knows
  std::unique_ptr<S3Upload> upload_;  // once the object is larger than a part
};

}  // namespace hubkeep
