// Zips of source trees as GitHub hands them out: the API redirects to a download host, for a private
// repository with a token of that host's own, which is good for five minutes.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sim/api.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

/// Path of the download host, which is the same server under another name.
constexpr std::string_view kDownloadPrefix = "/_codeload/";

class Zipballs {
 public:
  explicit Zipballs(const World& world) : world_(world) {}

  /// GET /repos/{owner}/{name}/zipball/{ref} or /repositories/{id}/zipball/{ref}: 302 into `download_origin`;
  /// nothing for another path. `path` is what follows "/api/v3".
  std::optional<HttpResponse> redirect(const std::string& path, const Caller& caller,
                                       const std::string& download_origin);

  /// Of the download host: `git archive`, streamed without a length.
  HttpResponse download(const HttpRequest& request);

 private:
  bool accepts(const std::string& token);

  const World& world_;
  std::mutex mutex_;
  std::map<std::string, UtcTime> tokens_;  // until when; guarded by mutex_
};

}  // namespace hubkeep::sim
