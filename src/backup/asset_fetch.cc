// An asset streams from GitHub's storage into the vault, and is committed only when its size and its digest,
// where GitHub gives one, are those of the list. What one asset lacks is a line, and where other bytes came
// twice a failure besides; what would befall all others too (no network, a full disk, the run's stop) ends
// the work.
#include "backup/asset_fetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "backup/job.h"
#include "backup/vault_failure.h"
#include "base/caught_error.h"
#include "base/parallel.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostAtOnce = 4;
constexpr std::size_t kLongestMessage = 500;

struct AssetResult {
  std::optional<ObjectRecord> record;
  bool was_there = false;  // with the same bytes
  std::optional<LackingAsset> lacking;
  bool is_wrong = false;       // other bytes came than GitHub says
  std::optional<Error> error;  // that ends the work
  DownloadTally tally;
};

/// Refuses the first byte that is too many.
class SizedSink final : public ByteSink {
 public:
  SizedSink(ByteSink& next, ByteCount size) : next_(next), size_(size) {}
  void write(std::string_view bytes) override {
    count_ += bytes.size();
    if (count_ > size_) throw Error(ErrorKind::corrupt, fmt::format("more bytes come than its {}", size_));
    next_.write(bytes);
  }
  ByteCount count() const { return count_; }

 private:
  ByteSink& next_;
  const ByteCount size_;
  ByteCount count_ = 0;
};

std::optional<AssetLack> lack_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::not_found:
      return AssetLack::missing;
    case ErrorKind::forbidden:
    case ErrorKind::corrupt:
    case ErrorKind::invalid:
      return AssetLack::refused;
    default:
      return std::nullopt;
  }
}

void require_whole(const ReleaseAsset& asset, const ObjectRecord& came) {
  if (came.size != asset.size)
    throw Error(ErrorKind::corrupt,
                fmt::format("{} bytes came where GitHub says that it has {}", came.size, asset.size));
  if (!asset.sha256.empty() && came.sha256 != asset.sha256)
    throw Error(ErrorKind::corrupt, "it is not what GitHub says that it is: its SHA-256 differs");
}

class AssetFetch {
 public:
  AssetFetch(RepositoryWork& work, std::span<const ReleaseAsset> assets, const std::set<AssetId>& damaged)
      : work_(work), assets_(assets), damaged_(damaged), results_(assets.size()) {}

  FetchedAssets run() {
    const auto leases = reserve();
    work_in_parallel(assets_.size(), leases.size() + 1, [&](std::size_t i) {
      if (is_over_) return;
      results_[i] = fetch(assets_[i]);
      if (results_[i].error) is_over_ = true;
    });
    return gather();
  }

 private:
  // The job has memory for one; each further one takes what is free.
  std::vector<MemoryBudget::Lease> reserve() const {
    std::vector<MemoryBudget::Lease> leases;
    const BackupContext& context = work_.context();
    MemoryBudget* const memory = context.proof.memory;
    const ByteCount each = kBackupJobMemory + context.vault.objects().writer_memory();
    while (memory != nullptr && leases.size() + 1 < std::min(kMostAtOnce, assets_.size())) {
      auto lease = memory->try_acquire(each);
      if (!lease) break;
      leases.push_back(std::move(*lease));
    }
    return leases;
  }

  AssetResult fetch(const ReleaseAsset& asset) {
    AssetResult result;
    if (!asset.is_uploaded) {
      result.lacking = lacking(asset, AssetLack::not_uploaded, "");
      return result;
    }
    try {
      auto error = try_to_store(asset, result);
      if (error && error->kind() == ErrorKind::corrupt) error = try_to_store(asset, result);
      if (error) take(*error, asset, result);
    } catch (const VaultFailure& failure) {
      result.error = failure.error;
    }
    return result;
  }

  std::optional<Error> try_to_store(const ReleaseAsset& asset, AssetResult& result) {
    return caught_error([&] { result.record = store(asset, result); });
  }

  void take(const Error& error, const ReleaseAsset& asset, AssetResult& result) const {
    result.is_wrong = error.kind() == ErrorKind::corrupt;
    if (const auto why = lack_of(error))
      result.lacking = lacking(asset, *why, error.message());
    else
      result.error = error;
  }

  ObjectRecord store(const ReleaseAsset& asset, AssetResult& result) {
    VaultObjects& objects = work_.context().vault.objects();
    RecordedWriter writer =
        of_vault([&] { return objects.create_stored(work_.folder(), asset_key(asset.id), asset.size); });
    VaultSink to_vault(writer);
    SizedSink sink(to_vault, asset.size);
    download_whole(work_,
                   {.url = work_.context().github.api().url(
                        fmt::format("/repositories/{}/releases/assets/{}", work_.id().number(), asset.id)),
                    .accept = "application/octet-stream"},
                   sink, result.tally);
    const ObjectRecord record = of_vault([&] { return writer.finish(); });
    require_whole(asset, record);
    result.was_there = !of_vault([&] {
      if (damaged_.contains(asset.id)) remove(asset.id);
      return writer.commit_as(record, work_.stop());
    });
    return record;
  }

  // What is written once is written where nothing is.
  void remove(AssetId id) const {
    const std::array keys = {resolve_key(work_.folder(), asset_key(id))};
    if (const auto error = work_.context().vault.objects().remove(keys, work_.stop()).front())
      throw Error(*error);
  }

  LackingAsset lacking(const ReleaseAsset& asset, AssetLack why, const std::string& message) const {
    return {.asset = asset,
            .why = why,
            .message = printable(message.substr(0, kLongestMessage)),
            .since = work_.context().now_by_github()};
  }

  FetchedAssets gather() {
    FetchedAssets fetched;
    for (std::size_t i = 0; i < assets_.size(); ++i) {
      AssetResult& result = results_[i];
      fetched.tally.requests += result.tally.requests;
      fetched.tally.bytes += result.tally.bytes;
      const AssetId id = assets_[i].id;
      if (result.record) {
        if (result.was_there)
          fetched.found.push_back(id);
        else
          fetched.stored += result.record->size;
        fetched.kept.emplace(id, std::move(*result.record));
      } else {
        if (result.is_wrong && !fetched.wrong) fetched.wrong = failure(assets_[i], result.lacking->message);
        fetched.lacking.emplace(
            id, result.lacking ? std::move(*result.lacking) : lacking(assets_[i], AssetLack::pending, ""));
      }
      if (result.error && !fetched.error) fetched.error = result.error->with_context(name_of(assets_[i]));
    }
    return fetched;
  }

  static std::string name_of(const ReleaseAsset& asset) { return "asset " + printable(asset.name); }

  static Error failure(const ReleaseAsset& asset, const std::string& message) {
    return Error(ErrorKind::transient, message).with_context(name_of(asset));
  }

  RepositoryWork& work_;
  const std::span<const ReleaseAsset> assets_;
  const std::set<AssetId>& damaged_;
  std::vector<AssetResult> results_;  // each written by the thread that fetches it
  std::atomic<bool> is_over_ = false;
};

bool was_found_lost(const RepositoryWork& work, const std::string& key) {
  const auto contains = [&](const std::vector<std::string>& keys) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  return contains(work.options().lost) || contains(work.options().given_up);
}

/// Of what nobody named before: its hash is GitHub's digest, against which it was held before it was
/// committed, else that of its bytes.
class AssetLook {
 public:
  AssetLook(RepositoryWork& work, StoredAssets& stored) : work_(work), stored_(stored) {}

  void look_at(const ReleaseAsset& asset, const ObjectInfo& info) {
    const std::string key = asset_key(asset.id);
    const bool is_suspect = was_found_lost(work_, key);
    if (info.size != asset.size) {
      if (is_suspect) stored_.damaged.insert(asset.id);
    } else if (!is_suspect && !asset.sha256.empty()) {
      stored_.whole.emplace(asset.id, ObjectRecord{.key = key,
                                                   .size = info.size,
                                                   .sha256 = asset.sha256,
                                                   .encoding = "identity",
                                                   .crc32 = info.crc32});
    } else if (is_suspect && asset.sha256.empty()) {
      stored_.damaged.insert(asset.id);
    } else {
      read(asset, info);
    }
  }

 private:
  // What is in an archive class can be read by nobody now.
  void read(const ReleaseAsset& asset, const ObjectInfo& info) {
    RecordingSink sink;
    try {
      work_.context().vault.objects().read_stored(info.key, sink, work_.stop());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cold) throw;
      return;
    }
    ObjectRecord record = sink.finish(asset_key(asset.id), "identity");
    if (asset.sha256.empty() || record.sha256 == asset.sha256)
      stored_.whole.emplace(asset.id, std::move(record));
    else
      stored_.damaged.insert(asset.id);
  }

  RepositoryWork& work_;
  StoredAssets& stored_;
};

}  // namespace

StoredAssets find_assets(RepositoryWork& work, const std::vector<ReleaseAsset>& assets) {
  std::map<ObjectKey, const ReleaseAsset*> wanted;
  std::vector<ObjectKey> keys;
  for (const ReleaseAsset& asset : assets) {
    if (!asset.is_uploaded) continue;
    keys.push_back(resolve_key(work.folder(), asset_key(asset.id)));
    wanted.emplace(keys.back(), &asset);
  }
  std::vector<ObjectInfo> there;
  work.context().vault.objects().find_objects(std::move(keys),
                                              [&](const ObjectInfo& info) { there.push_back(info); });
  StoredAssets stored;
  AssetLook look(work, stored);
  for (const ObjectInfo& info : there) look.look_at(*wanted.at(info.key), info);
  return stored;
}

FetchedAssets fetch_assets(RepositoryWork& work, std::span<const ReleaseAsset> assets,
                           const std::set<AssetId>& damaged) {
  return AssetFetch(work, assets, damaged).run();
}

}  // namespace hubkeep
