#include "sim/releases_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hubkeep::sim {

using nlohmann::json;

namespace {

json text_or_null(const std::optional<std::string>& text) {
  return text ? json(*text) : json(nullptr);
}

json author_json(const Release& release, const ApiCall& call) {
  return simple_user_json(call.world.find_account(release.author).value_or(Account{}), call.addresses);
}

json asset_json(const ReleaseAsset& asset, const Release& release, const Repository& repository,
                const ApiCall& call) {
  const std::string name = repository.full_name();
  return {{"url", fmt::format("{}/repos/{}/releases/assets/{}", call.addresses.api, name, asset.id)},
          {"browser_download_url", fmt::format("{}/{}/releases/download/{}/{}", call.addresses.origin, name,
                                               release.tag, asset.name)},
          {"id", asset.id},
          {"node_id", fmt::format("RA_kwDO{:08x}", asset.id)},
          {"name", asset.name},
          {"label", text_or_null(asset.label)},
          {"state", asset.uploaded ? "uploaded" : "open"},
          {"content_type", asset.content_type},
          {"size", asset.content.size},
          {"digest", text_or_null(asset.digest)},
          {"download_count", asset.download_count},
          {"created_at", format_time(asset.created_at)},
          {"updated_at", format_time(asset.updated_at)},
          {"uploader", author_json(release, call)}};
}

bool is_visible(const Release& release, const Repository& repository, const ApiCall& call) {
  return !release.draft || call.world.can_write(call.caller.token, repository);
}

HttpResponse list_of_releases(const ApiCall& call, const Repository& repository) {
  std::vector<Release> all = call.world.releases_of(repository.id);
  std::erase_if(all, [&](const Release& release) { return !is_visible(release, repository, call); });
  return list_response(call, all.size(),
                       fmt::format("{}/repositories/{}/releases", call.addresses.api, repository.id),
                       [&](std::size_t i) { return release_json(all[i], repository, call); });
}

HttpResponse one_release(const ApiCall& call, const Repository& repository, ReleaseId id) {
  const auto release = call.world.find_release(id);
  if (!release || release->repository != repository.id || !is_visible(*release, repository, call))
    return api_error(404, "Not Found");
  return json_response(200, release_json(*release, repository, call));
}

HttpResponse one_asset(const ApiCall& call, const Repository& repository, AssetId id) {
  const auto release = call.world.find_release_of(id);
  if (!release || release->repository != repository.id || !is_visible(*release, repository, call))
    return api_error(404, "Not Found");
  const auto asset = std::find_if(release->assets.begin(), release->assets.end(),
                                  [id](const ReleaseAsset& each) { return each.id == id; });
  return json_response(200, asset_json(*asset, *release, repository, call));
}

}  // namespace

json release_json(const Release& release, const Repository& repository, const ApiCall& call) {
  const std::string api = fmt::format("{}/repos/{}", call.addresses.api, repository.full_name());
  const std::string url = fmt::format("{}/releases/{}", api, release.id);
  json assets = json::array();
  for (const ReleaseAsset& asset : release.assets)
    assets.push_back(asset_json(asset, release, repository, call));
  return {{"url", url},
          {"html_url",
           fmt::format("{}/{}/releases/tag/{}", call.addresses.origin, repository.full_name(), release.tag)},
          {"assets_url", url + "/assets"},
          {"upload_url", url + "/assets{?name,label}"},
          {"tarball_url", fmt::format("{}/tarball/{}", api, release.tag)},
          {"zipball_url", fmt::format("{}/zipball/{}", api, release.tag)},
          {"id", release.id},
          {"node_id", fmt::format("RE_kwDO{:08x}", release.id)},
          {"tag_name", release.tag},
          {"target_commitish", repository.default_branch},
          {"name", text_or_null(release.name)},
          {"body", text_or_null(release.body)},
          {"draft", release.draft},
          {"prerelease", release.prerelease},
          {"immutable", false},
          {"created_at", format_time(release.created_at)},
          {"published_at", release.published_at ? json(format_time(*release.published_at)) : json(nullptr)},
          {"updated_at", format_time(release.updated_at)},
          {"author", author_json(release, call)},
          {"assets", std::move(assets)}};
}

std::optional<HttpResponse> answer_releases(const ApiCall& call, const Segments& path) {
  const Segments below = below_repository(path);
  if (below.empty() || below[0] != "releases" || below.size() > 3) return std::nullopt;
  if (below.size() == 3 && below[1] != "assets") return std::nullopt;
  const auto reached = reach_repository(call, path);
  if (const auto* instead = std::get_if<HttpResponse>(&reached)) return *instead;
  const auto& repository = std::get<Repository>(reached);
  if (below.size() == 1) return list_of_releases(call, repository);
  if (below.size() == 2) return one_release(call, repository, number_or_zero(below[1]));
  return one_asset(call, repository, number_or_zero(below[2]));
}

}  // namespace hubkeep::sim
