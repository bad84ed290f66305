// The part of the World that is about releases.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

auto find_asset(auto& release, AssetId id) {
  return std::find_if(release.assets.begin(), release.assets.end(),
                      [id](const ReleaseAsset& asset) { return asset.id == id; });
}

}  // namespace

Release& World::locked_release(ReleaseId id) {
  auto found = releases_.find(id);
  if (found == releases_.end()) throw Error(ErrorKind::not_found, fmt::format("no release {}", id));
  return found->second;
}

Release& World::locked_release_of(AssetId asset) {
  for (auto& [id, release] : releases_) {
    if (find_asset(release, asset) != release.assets.end()) return release;
  }
  throw Error(ErrorKind::not_found, fmt::format("no asset {}", asset));
}

ReleaseId World::add_release(RepositoryId repository, Release release) {
  std::lock_guard lock(mutex_);
  release.id = next_release_id_++;
  release.repository = repository;
  if (release.author.empty()) release.author = locked_repository(repository).owner;
  release.created_at = release.updated_at = locked_now();
  if (!release.draft) release.published_at = release.created_at;
  return releases_.emplace(release.id, std::move(release)).first->first;
}

void World::edit_release(ReleaseId id, const std::function<void(Release&)>& change) {
  std::lock_guard lock(mutex_);
  Release& release = locked_release(id);
  release.updated_at = locked_now();
  change(release);
  if (!release.draft && !release.published_at) release.published_at = locked_now();
}

void World::remove_release(ReleaseId id) {
  std::lock_guard lock(mutex_);
  releases_.erase(id);
}

AssetId World::add_asset(ReleaseId release_id, ReleaseAsset asset) {
  if (!asset.digest) asset.digest = "sha256:" + sha256_of(asset.content);
  std::lock_guard lock(mutex_);
  Release& release = locked_release(release_id);
  asset.id = next_asset_id_++;
  asset.created_at = asset.updated_at = release.updated_at = locked_now();
  release.assets.push_back(std::move(asset));
  return release.assets.back().id;
}

void World::edit_asset(AssetId id, const std::function<void(ReleaseAsset&)>& change) {
  std::lock_guard lock(mutex_);
  change(*find_asset(locked_release_of(id), id));
}

void World::remove_asset(AssetId id) {
  std::lock_guard lock(mutex_);
  Release& release = locked_release_of(id);
  release.assets.erase(find_asset(release, id));
  release.updated_at = locked_now();
}

AssetId World::replace_asset(AssetId id, MediaContent content) {
  const auto release = find_release_of(id);
  if (!release) throw Error(ErrorKind::not_found, fmt::format("no asset {}", id));
  ReleaseAsset asset = *find_asset(*release, id);
  remove_asset(id);
  asset.content = std::move(content);
  asset.digest.reset();
  asset.download_count = 0;
  return add_asset(release->id, std::move(asset));
}

void World::count_download(AssetId id) {
  edit_asset(id, [](ReleaseAsset& asset) { ++asset.download_count; });
}

std::optional<Release> World::find_release(ReleaseId id) const {
  std::lock_guard lock(mutex_);
  auto found = releases_.find(id);
  return found == releases_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Release> World::find_release_of(AssetId asset) const {
  std::lock_guard lock(mutex_);
  for (const auto& [id, release] : releases_) {
    if (find_asset(release, asset) != release.assets.end()) return release;
  }
  return std::nullopt;
}

std::vector<Release> World::releases_of(RepositoryId repository) const {
  std::lock_guard lock(mutex_);
  std::vector<Release> out;
  for (const auto& [id, release] : releases_) {
    if (release.repository == repository) out.push_back(release);
  }
  std::sort(out.begin(), out.end(), [](const Release& a, const Release& b) {
    return std::tie(b.created_at, b.id) < std::tie(a.created_at, a.id);
  });
  return out;
}

}  // namespace hubkeep::sim
