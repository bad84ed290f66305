// The bytes of a release's assets: the API redirects to the media host, with an address that is good for five
// minutes.
#pragma once

#include <optional>
#include <string>

#include "sim/api.h"
#include "sim/media_host.h"

namespace hubkeep::sim {

class AssetDownloads {
 public:
  /// Serves the assets at the media host; each whole answer there counts as a download. Both must live
  /// longer.
  AssetDownloads(World& world, MediaHost& media_host);

  /// GET …/releases/assets/{id} with "Accept: application/octet-stream": 302 to the media host, or why not;
  /// nothing for another request. `path` is what follows "/api/v3".
  std::optional<HttpResponse> redirect(const HttpRequest& request, const std::string& path,
                                       const Caller& caller);

 private:
  HttpResponse give(const HttpRequest& request);

  World& world_;
  MediaHost& media_host_;
};

}  // namespace hubkeep::sim
