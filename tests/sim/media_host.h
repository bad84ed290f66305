// The host that gives out content: objects of Git LFS, assets of releases, attachments. It is another host
// than the API's, on a port of its own. Whoever has a signed address may have what lies there, until it
// expires; and as GitHub's storage it refuses a request that brings a token besides.
//
// Handlers are registered by the beginning of the path; faults and the log are the Simulator's business.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sim/api.h"
#include "sim/http_message.h"
#include "sim/world.h"

namespace hubkeep::sim {

enum class MediaAccess { signed_address, anyone };

/// How long a signed address holds: by the world's clock, and for how many requests (nothing: any).
struct AddressLife {
  std::chrono::seconds time{3600};
  std::optional<unsigned> uses;
};

/// Thread-safe, but for `serve`.
class MediaHost {
 public:
  explicit MediaHost(const World& world) : world_(world) {}

  /// Before the first request: paths that begin with `prefix` are the handler's.
  void serve(std::string prefix, MediaAccess access, std::function<HttpResponse(const HttpRequest&)> handler);

  void set_origin(std::string origin);
  /// "http://127.0.0.1:8081"
  std::string origin() const;
  /// The whole address of a path, for everybody.
  std::string address(const std::string& path) const { return origin() + path; }
  /// The same with a signature in its query.
  std::string signed_address(const std::string& path, AddressLife life = {});

  /// 400 where a token comes along, 403 where the signature is missing or has expired, 404 where nobody is
  /// registered.
  HttpResponse answer(const HttpRequest& request, const Caller& caller);

  /// How many requests brought a token.
  std::size_t tokens_seen() const;

 private:
  struct Route {
    std::string prefix;
    MediaAccess access;
    std::function<HttpResponse(const HttpRequest&)> handler;
  };
  struct Signature {
    std::string path;
    UtcTime expires_at;
    std::optional<unsigned> uses;
  };

  const Route* find(const std::string& path) const;
  /// Why the signature does not open the path; nothing when it does, and then it is used once more.
  std::optional<std::string> refuse(const HttpRequest& request);

  const World& world_;
  std::vector<Route> routes_;
  mutable std::mutex mutex_;  // guards all below
  std::string origin_;
  std::map<std::string, Signature> signatures_;
  std::size_t tokens_seen_ = 0;
};

}  // namespace hubkeep::sim
