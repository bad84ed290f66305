#include "sim/media_host.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

constexpr const char* kSignature = "X-Amz-Signature";

HttpResponse storage_error(int status, const std::string& code, const std::string& message) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/xml");
  response.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>", code,
      message);
  return response;
}

/// Other schemes, such as the "RemoteAuth" of an LFS action, are the handler's.
bool is_token_scheme(const std::string& scheme) {
  return equals_ignoring_case(scheme, "Basic") || equals_ignoring_case(scheme, "Bearer") ||
         equals_ignoring_case(scheme, "token");
}

}  // namespace

void MediaHost::serve(std::string prefix, MediaAccess access,
                      std::function<HttpResponse(const HttpRequest&)> handler) {
  routes_.push_back({std::move(prefix), access, std::move(handler)});
}

void MediaHost::set_origin(std::string origin) {
  const std::lock_guard lock(mutex_);
  origin_ = std::move(origin);
}

std::string MediaHost::origin() const {
  const std::lock_guard lock(mutex_);
  return origin_;
}

std::string MediaHost::signed_address(const std::string& path, AddressLife life) {
  const UtcTime now = world_.now();
  const std::string signature = random_hex(64);
  const std::lock_guard lock(mutex_);
  signatures_[signature] = {path, now + life.time, life.uses};
  return fmt::format(
      "{}{}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={:%Y%m%dT%H%M%S}Z&X-Amz-Expires={}"
      "&X-Amz-SignedHeaders=host&{}={}",
      origin_, path, fmt::gmtime(now), life.time.count(), kSignature, signature);
}

const MediaHost::Route* MediaHost::find(const std::string& path) const {
  const auto found = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const Route& route) { return path.starts_with(route.prefix); });
  return found == routes_.end() ? nullptr : &*found;
}

std::optional<std::string> MediaHost::refuse(const HttpRequest& request) {
  const auto query = parse_query(request.query);
  const auto given = query.find(kSignature);
  const UtcTime now = world_.now();
  const std::lock_guard lock(mutex_);
  const auto found = given == query.end() ? signatures_.end() : signatures_.find(given->second);
  if (found == signatures_.end() || found->second.path != request.path) return "Access Denied";
  Signature& signature = found->second;
  if (now >= signature.expires_at || signature.uses == 0U) return "Request has expired";
  if (signature.uses) --*signature.uses;
  return std::nullopt;
}

HttpResponse MediaHost::answer(const HttpRequest& request, const Caller& caller) {
  if (caller.token || is_token_scheme(caller.scheme)) {
    const std::lock_guard lock(mutex_);
    ++tokens_seen_;
    return storage_error(400, "InvalidArgument", "Only one auth mechanism allowed");
  }
  const Route* route = find(request.path);
  if (route == nullptr) return storage_error(404, "NoSuchKey", "The specified key does not exist.");
  if (route->access == MediaAccess::signed_address) {
    if (const auto reason = refuse(request)) return storage_error(403, "AccessDenied", *reason);
  }
  return route->handler(request);
}

std::size_t MediaHost::tokens_seen() const {
  const std::lock_guard lock(mutex_);
  return tokens_seen_;
}

}  // namespace hubkeep::sim
