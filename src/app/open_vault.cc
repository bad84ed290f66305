#include "app/open_vault.h"

#include <fmt/format.h>

#include <optional>

#include "aws/credentials_chain.h"
#include "aws/endpoint.h"
#include "aws/region.h"
#include "http/curl_client.h"
#include "store/s3_store.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

constexpr const char* kUserAgent = "hubkeep/" HUBKEEP_VERSION;
// Where no region is set anywhere: the server says where the bucket is, and others than AWS hardly care.
constexpr const char* kUsualRegion = "us-east-1";

// Only a restore reads packs; what every run reads must not be sent to an archive.
bool is_content(const ObjectKey& key) {
  return key.ends_with(".bundle") || key.ends_with(".zip");
}

bool is_ours(const ObjectKey& key) {
  return key.starts_with("repos/") || key.starts_with("runs/") || key.starts_with("zip/");
}

// These alone are written again and again.
bool is_lockable(const ObjectKey& key) {
  return key != kCatalogKey && !key.starts_with(kStateFolder) && !(key.starts_with("zip/") && key.ends_with(kZipMetadataName));
}

std::optional<ObjectLock> object_lock(const Settings& settings) {
  if (settings.object_lock.empty()) return std::nullopt;
  return ObjectLock{.mode = settings.object_lock == "compliance" ? "COMPLIANCE" : "GOVERNANCE",
                    .retention = std::chrono::days(settings.retain_days),
                    .covers = is_lockable};
}

RetryPolicy store_retries(const Settings& settings) {
  RetryPolicy policy = S3Options().retries;
  policy.max_attempts = static_cast<int>(settings.retries) + 1;
  return policy;
}

struct Place {
  std::optional<Url> endpoint;
  std::string region;
};

Place place_of_bucket(const Settings& settings) {
  const SharedConfig config = load_shared_config(settings.aws_environment);
  const IniSettings profile = current_profile(settings.aws_environment, config);
  Place place;
  place.endpoint = settings.endpoint_url.empty()
                       ? configured_endpoint(settings.aws_environment, config, profile, "s3")
                       : std::optional(with_context(origin_of(settings, "endpoint-url"),
                                                    [&] { return Url::parse(settings.endpoint_url); }));
  place.region = settings.region.empty()
                     ? configured_region(settings.aws_environment, profile).value_or(kUsualRegion)
                     : settings.region;
  return place;
}

/// A vault, and what must live as long as it does.
class VaultHome {
 public:
  VaultHome(const Settings& settings, const std::string& location, OpenMode mode, MemoryBudget* memory,
            const VaultObserver& observer, const std::stop_token& stop) {
    const auto opener = [&](const S3Location& bucket) { return open_s3(settings, bucket, memory, observer); };
    vault_ = std::make_unique<Vault>(open_store(location, mode, opener), mode, clock_, stop);
  }

  Vault& vault() { return *vault_; }

 private:
  std::unique_ptr<ObjectStore> open_s3(const Settings& settings, const S3Location& bucket,
                                       MemoryBudget* memory, const VaultObserver& observer) {
    http_ = make_curl_client({.user_agent = kUserAgent, .ca_file = settings.ca_file.string()});
    link_local_ = make_curl_client(link_local_options(kUserAgent));
    credentials_ = make_credentials_provider({.environment = settings.aws_environment,
                                              .http = *http_,
                                              .link_local = *link_local_,
                                              .clock = clock_});
    const Place place = place_of_bucket(settings);
    if (place.endpoint && place.endpoint->scheme == "http" && !place.endpoint->is_loopback())
      observer.notice(fmt::format("the vault's content travels unencrypted to {}", place.endpoint->origin()));
    return std::make_unique<S3Store>(
        S3Services{.http = *http_, .credentials = *credentials_, .clock = clock_, .memory = memory}, bucket,
        place.region, place.endpoint,
        S3Options{.storage_class = settings.storage_class,
                  .encryption = settings.sse,
                  .kms_key_id = settings.sse_kms_key_id,
                  .is_content = is_content,
                  .is_ours = is_ours,
                  .lock = object_lock(settings),
                  .parts = plan_parts(settings.memory, static_cast<int>(settings.jobs)),
                  .retries = store_retries(settings)},
        S3Observer{.notice = observer.notice, .on_retry = observer.on_retry});
  }

  SystemClock clock_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<HttpClient> link_local_;
  std::unique_ptr<CredentialsProvider> credentials_;
  std::unique_ptr<Vault> vault_;
};

}  // namespace

std::shared_ptr<Vault> open_vault(const Settings& settings, const std::string& location, OpenMode mode,
                                  MemoryBudget* memory, const VaultObserver& observer,
                                  const std::stop_token& stop) {
  const auto home = std::make_shared<VaultHome>(settings, location, mode, memory, observer, stop);
  return {home, &home->vault()};
}

}  // namespace hubkeep
