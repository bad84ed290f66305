// A pool of libcurl handles, each used by one transfer at a time, so that any number of threads can send.
// Redirects are followed here and not by libcurl: whether a secret goes along is decided at each hop.
#include "http/curl_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/ca_bundle.h"
#include "http/curl_transfer.h"
#include "http/redirect.h"

namespace hubkeep {
namespace {

constexpr int kMaxRedirects = 5;

bool may_have_secrets(const HttpRequest& request, const Url& target) {
  return target.origin() == request.url.origin() || (request.is_trusted && request.is_trusted(target));
}

// Handles that wait for their next transfer. Each keeps its own connections open, so the one that last spoke
// with an origin is the one to ask again. (libcurl does not let threads share one cache of connections.)
class HandlePool {
 public:
  CurlHandle acquire(const std::string& origin) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return create();
    // From the newest on: the connection used last is most likely still open.
    auto found =
        std::find_if(idle_.rbegin(), idle_.rend(), [&](const auto& entry) { return entry.origin == origin; });
    // None has spoken with that origin: the one used last will do.
    if (found == idle_.rend()) found = idle_.rbegin();
    CurlHandle handle = std::move(found->handle);
    idle_.erase(std::next(found).base());
    return handle;
  }

  void give_back(std::string origin, CurlHandle handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back({std::move(origin), std::move(handle)});
  }

 private:
  struct Entry {
    std::string origin;
    CurlHandle handle;
  };

  static CurlHandle create() {
    CurlHandle handle(curl_easy_init());
    if (handle == nullptr) throw Error(ErrorKind::internal, "libcurl cannot be set up");
    return handle;
  }

  std::mutex mutex_;
  std::vector<Entry> idle_;  // guarded by mutex_
};

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(CurlOptions options) : options_(std::move(options)) {}

  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) override {
    HttpResponse response = send_once(request, body, stop);
    if (request.delivery == Delivery::exact) return response;
    HttpRequest hop;  // a copy only where there is a redirect: a body may be large
    for (int redirects = 0; const auto target = redirect_target(response); ++redirects) {
      if (redirects == kMaxRedirects) {
        throw Error(ErrorKind::invalid,
                    fmt::format("{}: more than {} redirects", request.url.without_query(), kMaxRedirects));
      }
      if (redirects == 0) hop = request;
      // Once away, secrets do not come back: the way home was chosen by a stranger.
      if (!may_have_secrets(request, *target)) hop.secret_headers.clear();
      hop.url = *target;
      response = send_once(hop, body, stop);
    }
    return response;
  }

 private:
  // A handle whose transfer failed does not come back: libcurl leaves in it what breaks the next one (after a
  // name that could not be resolved, 7.88 refuses options).
  HttpResponse send_once(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) {
    std::string origin = request.url.origin();
    CurlHandle handle = pool_.acquire(origin);
    HttpResponse response = transfer(handle, {options_, certificates_for(request.url)}, request, body, stop);
    if (handle != nullptr) pool_.give_back(std::move(origin), std::move(handle));
    return response;
  }

  // Read when they are needed first: a server without TLS needs none.
  std::string_view certificates_for(const Url& url) {
    const Authorities& own = options_.authorities;
    if (own.file.empty() || own.use == AuthoritiesUse::instead || url.scheme != "https") return {};
    std::call_once(bundle_read_, [&] { bundle_ = with_system_bundle(own.file, own.name); });
    return bundle_;
  }

  const CurlOptions options_;
  HandlePool pool_;
  std::once_flag bundle_read_;
  std::string bundle_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_client(CurlOptions options) {
  // Once, whichever thread comes first: curl_global_init() is not safe among threads in every libcurl.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) throw Error(ErrorKind::internal, "libcurl cannot be set up");
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace hubkeep
