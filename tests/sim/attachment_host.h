// Attachments: the web host says who may have one, and leads to the media host, which gives it to whoever has
// the signed address.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "sim/api.h"
#include "sim/media_host.h"

namespace hubkeep::sim {

class AttachmentHost {
 public:
  /// Serves them at the media host. Both must live longer.
  AttachmentHost(World& world, MediaHost& media_host);

  /// What the web host answers: 302 for everybody in a public repository, in a private one for a classic
  /// token of whoever sees it; 404 else, above all for a fine-grained token and an App's. Nothing for a path
  /// where no attachments are.
  std::optional<HttpResponse> answer(const HttpRequest& request, const Caller& caller);
  static bool is_attachment_path(const std::string& path);

  /// As GitHub writes it into the HTML of a private repository's texts, good for five minutes.
  std::string private_image_address(const std::string& path);

 private:
  HttpResponse give(const std::string& path, const HttpRequest& request);
  HttpResponse give_private_image(const HttpRequest& request);

  World& world_;
  MediaHost& media_host_;
  struct Permission {
    std::string path;
    UtcTime expires_at;
  };
  std::mutex mutex_;
  std::map<std::string, Permission> permissions_;  // by JSON Web Token; guarded by mutex_
};

}  // namespace hubkeep::sim
