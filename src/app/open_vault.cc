#include "app/open_vault.h"

#include <fmt/format.h>

#include <optional>

#include "app/advice.h"
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
  return key != kCatalogKey && !key.starts_with(kStateFolder) &&
         !(key.starts_with("zip/") && key.ends_with(kZipMetadataName));
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

RetryPolicy aws_retries(const Settings& settings) {
  return {.max_attempts = static_cast<int>(settings.retries) + 1};
}

struct Place {
  std::optional<Url> endpoint;
  std::string region;
};

/// What is said about S3, by one's word or by that of others.
struct PlaceSaid {
  const AwsEnvironment& aws;
  std::string region;
};

Place place_of(const Settings& settings, const PlaceSaid& said) {
  const SharedConfig config = load_shared_config(said.aws);
  const IniSettings profile = current_profile(said.aws, config);
  Place place;
  place.endpoint = settings.endpoint_url.empty()
                       ? configured_endpoint(said.aws, config, profile, "s3")
                       : std::optional(with_context(origin_of(settings, "endpoint-url"),
                                                    [&] { return Url::parse(settings.endpoint_url); }));
  place.region =
      said.region.empty() ? configured_region(said.aws, profile).value_or(kUsualRegion) : said.region;
  return place;
}

// Whose door it is. A name of a bucket is another's in another partition of AWS, as at another server.
std::string server_of(const Place& place) {
  return place.endpoint ? place.endpoint->origin() : domain_of(place.region);
}

Place place_of_bucket(const Settings& settings) {
  const Place place = place_of(settings, {settings.aws_environment, settings.region});
  const std::string server = server_of(place);  // no region is a way to another host
  if (!settings.guarded_aws_environment) return place;
  const auto region = settings.origins.find("region");
  const bool is_users = region == settings.origins.end() || region->second.trust == Trust::user;
  const Place own = place_of(settings, {*settings.guarded_aws_environment, is_users ? settings.region : ""});
  if (server == server_of(own)) return place;
  throw Error(
      ErrorKind::invalid,
      fmt::format("AWS's region or profile of a file found in the current folder leads to {} in place "
                  "of {}: set it in the environment, or give --trust-folder if nobody else can write "
                  "in this folder",
                  server, server_of(own)));
}

/// A vault, and what must live as long as it does.
class VaultHome {
 public:
  VaultHome(const Settings& settings, const std::string& location, OpenMode mode, MemoryBudget* memory,
            const VaultObserver& observer, const std::stop_token& stop) {
    const auto opener = [&](const S3Location& bucket) { return open_s3(settings, bucket, memory, observer); };
    vault_ = std::make_unique<Vault>(
        open_store(location, mode, opener), mode, clock_, stop,
        VaultOpening{.notice = observer.notice,
                     .flags = flag_words(Command::verify, reading_flags(settings, location))});
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
                                              .clock = clock_,
                                              .retries = aws_retries(settings),
                                              .on_retry = observer.on_retry});
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
