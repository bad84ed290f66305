#include "sim/asset_downloads.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sim/releases_api.h"

namespace hubkeep::sim {

namespace {

constexpr std::string_view kPrefix = "/release-assets/";
constexpr AddressLife kLife{std::chrono::minutes(5), std::nullopt};

}  // namespace

AssetDownloads::AssetDownloads(World& world, MediaHost& media_host) : world_(world), media_host_(media_host) {
  media_host_.serve(std::string(kPrefix), MediaAccess::signed_address,
                    [this](const HttpRequest& request) { return give(request); });
}

std::optional<HttpResponse> AssetDownloads::redirect(const HttpRequest& request, const std::string& path,
                                                     const Caller& caller) {
  if (header_value(request.headers, "Accept") != "application/octet-stream") return std::nullopt;
  if (caller.token_present && !caller.token) return std::nullopt;
  const Segments segments = split(std::string_view(path).substr(1), '/');
  const Segments below = below_repository(segments);
  if (below.size() != 3 || below[0] != "releases" || below[1] != "assets") return std::nullopt;

  const ApiAddresses unused;
  std::optional<HttpResponse> response = answer_releases({world_, unused, request, caller}, segments);
  if (!response || response->status != 200) return response;
  HttpResponse found;
  found.status = 302;
  found.headers.emplace_back("Location",
                             media_host_.signed_address(fmt::format("{}{}", kPrefix, below[2]), kLife));
  return found;
}

HttpResponse AssetDownloads::give(const HttpRequest& request) {
  const AssetId id = number_or_zero(std::string_view(request.path).substr(kPrefix.size()));
  const auto release = world_.find_release_of(id);
  if (!release) return text_response(404, "The specified key does not exist.\n");
  const auto asset = std::find_if(release->assets.begin(), release->assets.end(),
                                  [id](const ReleaseAsset& each) { return each.id == id; });
  HttpResponse response = content_response(request, asset->content, asset->content_type);
  response.headers.emplace_back("Content-Disposition", "attachment; filename=" + asset->name);
  if (response.status == 200) world_.count_download(id);
  return response;
}

}  // namespace hubkeep::sim
