// Settings and a location become a Vault. What the user demands (an id, that there be a vault) comes before
// what this machine remembers of the place; with neither, a vault is made where there is none. VaultHome
// keeps alive what the vault refers to: HTTP clients, credentials, clocks.
//
// A file found in the current folder may choose region and profile, but not lead what is the user's to
// another host: place_of_bucket() works out the server twice, with the folder's word and without, and both
// must be the same. See TrustOfAwsVariables.LetsNoFolderMoveTheUsersBucket.
#include "app/open_vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "app/advice.h"
#include "app/authorities.h"
#include "aws/credentials_chain.h"
#include "aws/endpoint.h"
#include "aws/region.h"
#include "base/text.h"
#include "http/curl_client.h"
#include "store/folder/folder_place.h"
#include "store/folder/folder_store.h"
#include "store/memory_store.h"
#include "store/s3/s3_place.h"
#include "store/s3/s3_store.h"
#include "store/store_location.h"
#include "vault/identity.h"
#include "vault/key_kind.h"

namespace hubkeep {
namespace {

constexpr const char* kUserAgent = "hubkeep/" HUBKEEP_VERSION;
// Where no region is set anywhere: the server says where the bucket is, and others than AWS hardly care.
constexpr const char* kUsualRegion = "us-east-1";

// What an object is goes by its key; one that is none of these stays at hand, and locked.
bool may_be_archived(const ObjectKey& key) {
  const auto kind = kind_of(key);
  return kind && is_content(*kind);
}

// Also what this version would not write, in a folder that is the vault's: a later one may have.
bool is_ours(const ObjectKey& key) {
  const auto names = root_names();
  return kind_of(key) || std::any_of(names.begin(), names.end(), [&](std::string_view name) {
           return name.ends_with('/') && key.starts_with(name);
         });
}

bool is_lockable(const ObjectKey& key) {
  const auto kind = kind_of(key);
  return !kind || !is_mutable(*kind);
}

VaultDemand demand_of(const KnownVaults& known) {
  const KnownVault& last = known.all().front();
  VaultDemand demand{
      .ids = {},
      .if_missing = fmt::format(", which held the vault {} until {}: is the disk mounted? To begin a new one "
                                "there, remove {}",
                                last.id, format_time(last.seen_at), known.file()),
      .if_other = fmt::format(", and held {} until {}: is it the right disk? If it is, name it once with "
                              "--vault-id",
                              last.id, format_time(last.seen_at))};
  for (const KnownVault& vault : known.all()) demand.ids.push_back(vault.id);
  return demand;
}

// Else it would be gone together with the vault.
bool is_inside(const std::filesystem::path& inner, const std::filesystem::path& outer) {
  std::error_code ignored;
  const std::string in = std::filesystem::weakly_canonical(inner, ignored).string() + "/";
  const std::string out = std::filesystem::weakly_canonical(outer, ignored).string() + "/";
  return in.starts_with(out);
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

// A file found in the current folder must not make another vault welcome.
// Such a file may name a vault that this machine knows already, but no other.
bool is_guess(const Settings& settings, const KnownVaults& known) {
  const auto origin = settings.origins.find("vault-id");
  const bool is_users = origin != settings.origins.end() && origin->second.trust == Trust::user;
  return !is_users && !known.find(settings.vault_id);
}

// What the user says goes before what is known.
VaultDemand demand_of(const Settings& settings, const VaultRequest& request) {
  // A first use of a place has nothing to be compared with.
  const bool is_known = request.known != nullptr && !request.known->all().empty();
  if (!settings.vault_id.empty() && !(is_known && is_guess(settings, *request.known))) {
    const std::string origin = origin_of(settings, "vault-id");
    return {.ids = {settings.vault_id},
            .if_missing =
                fmt::format(", and {} names the vault {}: is the disk mounted?", origin, settings.vault_id),
            .if_other = fmt::format(", not {}, which {} names", settings.vault_id, origin)};
  }
  if (is_known) return demand_of(*request.known);
  const bool only_reads = request.mode == OpenMode::read && !request.may_be_missing;
  if (settings.must_exist && !only_reads)
    return {.ids = {},
            .if_missing = fmt::format(": is the disk mounted? {} forbids to make a new one",
                                      origin_of(settings, "must-exist")),
            .if_other = {}};
  if (request.mode == OpenMode::write)
    return {.ids = {}, .if_missing = ", though the run that goes on here was planned in one", .if_other = {}};
  return {};
}

/// A vault, or its place to be examined, and what must live as long as it does.
class VaultHome {
 public:
  VaultHome(const Settings& settings, const std::string& location, const std::string& name,
            RunObserver& observer) {
    const StoreLocation place = parse_store_location(location);
    if (const auto* folder = std::get_if<FolderLocation>(&place))
      place_ = std::make_unique<FolderPlace>(folder->path, name);
    else
      place_ = examine_s3(settings, std::get<S3Location>(place), name, observer);
  }

  VaultHome(const Settings& settings, const VaultRequest& request, const VaultObserver& observer,
            const std::stop_token& stop) {
    const VaultDemand demand = demand_of(settings, request);
    const bool may_make = demand.if_missing.empty();
    const OpenMode mode = request.mode == OpenMode::create && !may_make ? OpenMode::write : request.mode;
    const auto open = [&]() -> std::unique_ptr<ObjectStore> {
      auto store = open_store(settings, request, mode, observer);
      if (!request.traffic) return store;
      return std::make_unique<CountedStore>(std::move(store), request.traffic);
    };
    const VaultOpening opening{
        .notice = notice_of(observer.run),
        .flags = flag_words(Command::verify, reading_flags(settings, request.location)),
        .demand = demand};
    try {
      vault_ =
          std::make_unique<Vault>(open_existing(request.location, open, demand), mode, clock_, stop, opening);
    } catch (const Error& error) {
      const bool stands_for_none = request.may_be_missing && may_make && error.kind() == ErrorKind::not_found;
      if (!stands_for_none) throw;
      require_bucket(request.location, open);
      vault_ = std::make_unique<Vault>(std::make_unique<MemoryStore>(clock_), OpenMode::create, clock_, stop);
    }
  }

  Vault& vault() { return *vault_; }
  ExaminedPlace& place() { return *place_; }

 private:
  // A folder that is not there is no vault either.
  static std::unique_ptr<ObjectStore> open_existing(const std::string& location,
                                                    const std::function<std::unique_ptr<ObjectStore>()>& open,
                                                    const VaultDemand& demand) {
    try {
      return open();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found || demand.if_missing.empty()) throw;
      throw no_vault(location, demand);
    }
  }

  // A folder is made where there is none. A bucket is not: to list one that is not there throws the Error
  // that a run would meet.
  static void require_bucket(const std::string& location,
                             const std::function<std::unique_ptr<ObjectStore>()>& open) {
    const StoreLocation place = parse_store_location(location);
    if (std::holds_alternative<S3Location>(place))
      open()->list(std::string(kStateFolder), "", [](const ObjectInfo&) { return false; });
  }

  // The one place that knows which kinds of store there are.
  std::unique_ptr<ObjectStore> open_store(const Settings& settings, const VaultRequest& request,
                                          OpenMode mode, const VaultObserver& observer) {
    const StoreLocation location = parse_store_location(request.location);
    if (const auto* folder = std::get_if<FolderLocation>(&location))
      return std::make_unique<FolderStore>(folder->path, mode, notice_of(observer.run));
    return open_s3(settings, std::get<S3Location>(location), request.memory, observer);
  }

  std::unique_ptr<ObjectStore> open_s3(const Settings& settings, const S3Location& bucket,
                                       MemoryBudget* memory, const VaultObserver& observer) {
    const Place place = connect(settings, observer.run);
    if (place.endpoint && place.endpoint->scheme == "http" && !place.endpoint->is_loopback())
      observer.run.notice(
          fmt::format("the vault's content travels unencrypted to {}", place.endpoint->origin()));
    S3Options options = options_of(settings);
    options.is_ours = is_ours;
    options.lock = object_lock(settings);
    options.parts = plan_parts(settings.memory, static_cast<int>(settings.jobs));
    return std::make_unique<S3Store>(services(memory), bucket, place.region, place.endpoint,
                                     std::move(options),
                                     S3Observer{.notice = notice_of(observer.run),
                                                .on_retry = retries_of(observer.run),
                                                .on_time = watch_of(observer, bucket, !place.endpoint)});
  }

  // What the store would note, the findings say.
  std::unique_ptr<ExaminedPlace> examine_s3(const Settings& settings, const S3Location& bucket,
                                            const std::string& name, RunObserver& observer) {
    const Place place = connect(settings, observer);
    return std::make_unique<S3Place>(services(nullptr), S3Bucket{bucket, place.region, place.endpoint},
                                     name + "/", options_of(settings),
                                     S3Observer{.notice = {}, .on_retry = retries_of(observer)},
                                     S3Wishes{.object_lock = !settings.object_lock.empty()});
  }

  static S3Options options_of(const Settings& settings) {
    return {.storage_class = settings.storage_class,
            .encryption = settings.sse,
            .kms_key_id = settings.sse_kms_key_id,
            .is_content = may_be_archived,
            .retries = store_retries(settings)};
  }

  S3Services services(MemoryBudget* memory) {
    return {.http = *http_, .credentials = *credentials_, .clock = clock_, .memory = memory};
  }

  static std::function<void(const Error&, std::chrono::milliseconds)> retries_of(RunObserver& observer) {
    return [&observer](const Error& error, std::chrono::milliseconds wait) {
      observer.retrying({.kind = RetrySubject::Kind::vault}, error, wait);
    };
  }

  Place connect(const Settings& settings, RunObserver& observer) {
    http_ = make_curl_client({.user_agent = kUserAgent,
                              .authorities = store_authorities(settings),
                              .stall_timeout = settings.stall_timeout});
    for_keys_ = make_curl_client({.user_agent = kUserAgent,
                                  .authorities = credentials_authorities(settings),
                                  .stall_timeout = settings.stall_timeout});
    link_local_ = make_curl_client(link_local_options(kUserAgent));
    credentials_ = make_credentials_provider({.environment = settings.aws_environment,
                                              .http = *for_keys_,
                                              .link_local = *link_local_,
                                              .clock = clock_,
                                              .retries = aws_retries(settings),
                                              .on_retry = retries_of(observer)});
    return place_of_bucket(settings);
  }

  std::function<void(std::chrono::seconds)> watch_of(const VaultObserver& observer, const S3Location& bucket,
                                                     bool is_aws) {
    if (!observer.clocks) own_clocks_ = std::make_unique<RunClocks>(false, notice_of(observer.run));
    RunClocks& clocks = observer.clocks ? *observer.clocks : *own_clocks_;
    const std::string store = is_aws ? "S3" : "the server of the bucket " + bucket.bucket;
    return [&clocks, store, is_aws](std::chrono::seconds ahead) { clocks.hear_store(ahead, store, is_aws); };
  }

  SystemClock clock_;
  std::unique_ptr<RunClocks> own_clocks_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<HttpClient> for_keys_;
  std::unique_ptr<HttpClient> link_local_;
  std::unique_ptr<CredentialsProvider> credentials_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<ExaminedPlace> place_;
};

}  // namespace

std::shared_ptr<Vault> open_vault(const Settings& settings, const VaultRequest& request,
                                  const VaultObserver& observer, const std::stop_token& stop) {
  const auto home = std::make_shared<VaultHome>(settings, request, observer, stop);
  return {home, &home->vault()};
}

std::shared_ptr<ExaminedPlace> open_place(const Settings& settings, const std::string& location,
                                          const std::string& name, RunObserver& observer) {
  const auto home = std::make_shared<VaultHome>(settings, location, name, observer);
  return {home, &home->place()};
}

KnownVaults known_vaults(const Settings& settings, const std::string& location, const Notice& notice) {
  std::filesystem::path folder = settings.state_folder;
  if (folder.empty()) return {{}, {}, notice};
  const StoreLocation place = parse_store_location(location);
  if (const auto* vault = std::get_if<FolderLocation>(&place)) {
    if (is_inside(folder, vault->path)) {
      notice(
          fmt::format("nothing outside of the vault knows it, and so nobody would notice when it is "
                      "exchanged, emptied or set back: {} is inside of it; XDG_STATE_HOME names another "
                      "place",
                      printable(folder.string())));
      folder.clear();
    }
    return {folder, place_of_folder(vault->path), notice};
  }
  const auto& bucket = std::get<S3Location>(place);
  const auto endpoint = place_of_bucket(settings).endpoint;
  return {
      folder,
      fmt::format("s3://{}/{}{}", bucket.bucket, bucket.prefix, endpoint ? " at " + endpoint->origin() : ""),
      notice};
}

}  // namespace hubkeep
