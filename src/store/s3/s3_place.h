// A bucket, looked at before a vault depends on it: what its server can do, what the credentials may do, and
// how the bucket is set up.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/examined_place.h"
#include "store/s3/s3_store.h"

namespace hubkeep {

/// What is asked for, besides what S3Options say.
struct S3Wishes {
  bool object_lock = false;
};

/// Where the bucket is, and which part of it is the vault's.
struct S3Bucket {
  S3Location location;
  std::string region;
  std::optional<Url> endpoint;
};

class S3Place final : public ExaminedPlace {
 public:
  /// `name`, which ends with '/', comes after the bucket's prefix in all that is written. What is written is
  /// never locked: it could not be removed.
  S3Place(const S3Services& services, const S3Bucket& bucket, std::string name, S3Options options,
          S3Observer observer, S3Wishes wishes);

  std::string description() const override;
  FirstLook look(const std::stop_token& stop) override;
  ObjectStore& aside() override { return store_; }
  ObjectKey key_of_class() const override;
  std::vector<PlaceFinding> learnt() override;
  std::vector<std::string> clean_up(std::span<const ObjectKey> written) override;

 private:
  bool reach(std::vector<PlaceFinding>& findings);
  PlaceFinding address() const;
  PlaceFinding clock();
  PlaceFinding versioning(const std::stop_token& stop);
  PlaceFinding object_lock(const std::stop_token& stop, FirstLook& look);
  std::string ask(const std::string& what, std::string_view action, const std::stop_token& stop);
  void remove_objects_aside(std::span<const ObjectKey> written, std::vector<std::string>& stay);
  void remove_uploads(std::vector<std::string>& stay);
  void remove_versions(std::vector<std::string>& stay);

  const S3Location location_;
  const std::string name_;
  const std::string region_;  // as it was given
  const S3Wishes wishes_;
  S3Store store_;
  S3Client& client_;
  bool may_keep_versions_ = true;
};

}  // namespace hubkeep
