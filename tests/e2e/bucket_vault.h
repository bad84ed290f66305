// The whole program with its vault in a bucket, of whichever server.
#pragma once

#include <string>
#include <vector>

#include "base/text.h"
#include "e2e/end_to_end.h"
#include "s3/radosgw.h"
#include "s3/s3_fixture.h"

namespace hubkeep {

class BucketVault : public EndToEnd {
 protected:
  std::string location() const { return "s3://" + bucket_ + "/vault"; }

  sim::Environment environment(const std::string& endpoint) const {
    return {{"TOKEN_GITHUB", token_},
            {"AWS_ACCESS_KEY_ID", Radosgw::kAccessKey},
            {"AWS_SECRET_ACCESS_KEY", Radosgw::kSecretKey},
            {"AWS_ENDPOINT_URL_S3", endpoint},
            {"AWS_EC2_METADATA_DISABLED", "true"},
            {"HOME", ""}};
  }

  sim::RunResult backup_to(const std::string& endpoint, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"backup", "--api-url", github_.api_url(), "--to", location()});
    return hubkeep(std::move(arguments), environment(endpoint));
  }

  /// Into restored_folder().
  sim::RunResult restore_from(const std::string& endpoint, const std::string& name,
                              std::vector<std::string> arguments = {}) {
    ++restored_;
    arguments.insert(arguments.begin(),
                     {"restore", name, restored_folder().string(), "--bare", "--from", location()});
    return hubkeep(std::move(arguments), environment(endpoint));
  }
  /// Of the last restore.
  std::filesystem::path restored_folder() const {
    return scratch_ / ("restored-" + std::to_string(restored_));
  }

  const std::string bucket_ = "e2e-" + random_hex(12);
  S3Parts parts_;
};

}  // namespace hubkeep
