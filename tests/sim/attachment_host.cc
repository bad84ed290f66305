#include "sim/attachment_host.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

constexpr std::string_view kSigned = "/user-asset-storage";
constexpr std::string_view kUserImages = "/user-images/";
constexpr std::string_view kPrivateImages = "/private-user-images";
constexpr std::chrono::minutes kLife{5};

/// base64url without padding (RFC 7515, 2).
std::string base64url(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  out.resize(std::min(out.find('='), out.size()));
  return out;
}

/// Of the form that GitHub's have; it is known again as a whole, so its signature may be anything.
std::string web_token(const std::string& path, UtcTime now) {
  const nlohmann::json header = {{"alg", "HS256"}, {"typ", "JWT"}};
  const nlohmann::json claims = {{"iss", "github.com"},
                                 {"aud", "raw.githubusercontent.com"},
                                 {"exp", (now + kLife).time_since_epoch().count()},
                                 {"nbf", now.time_since_epoch().count()},
                                 {"path", path}};
  return fmt::format("{}.{}.{}", base64url(header.dump()), base64url(claims.dump()),
                     base64url(random_hex(32)));
}

}  // namespace

AttachmentHost::AttachmentHost(World& world, MediaHost& media_host) : world_(world), media_host_(media_host) {
  media_host_.serve(std::string(kSigned), MediaAccess::signed_address, [this](const HttpRequest& request) {
    return give(request.path.substr(kSigned.size()), request);
  });
  media_host_.serve(std::string(kUserImages), MediaAccess::anyone,
                    [this](const HttpRequest& request) { return give(request.path, request); });
  media_host_.serve(std::string(kPrivateImages), MediaAccess::anyone,
                    [this](const HttpRequest& request) { return give_private_image(request); });
}

bool AttachmentHost::is_attachment_path(const std::string& path) {
  const auto parts = split(path, '/');  // "", user-attachments, assets, UUID
  if (parts.size() < 4) return false;
  if (parts[1] == "user-attachments") return parts[2] == "assets" || parts[2] == "files";
  return parts.size() == 6 && (parts[3] == "assets" || parts[3] == "files");
}

std::optional<HttpResponse> AttachmentHost::answer(const HttpRequest& request, const Caller& caller) {
  if (!is_attachment_path(request.path)) return std::nullopt;
  const auto attachment = world_.find_attachment(request.path);
  const auto repository = attachment ? world_.find_repository(attachment->repository) : std::nullopt;
  const bool is_classic = caller.token && caller.token->kind == TokenKind::classic;
  if (!repository || (repository->is_private && (!is_classic || !world_.can_read(caller.token, *repository))))
    return text_response(404, "Not Found");
  HttpResponse response;
  response.status = 302;
  response.headers.emplace_back(
      "Location", media_host_.signed_address(std::string(kSigned) + request.path, {kLife, std::nullopt}));
  return response;
}

std::string AttachmentHost::private_image_address(const std::string& path) {
  const UtcTime now = world_.now();
  const std::string token = web_token(path, now);
  const std::lock_guard lock(mutex_);
  permissions_[token] = {path, now + kLife};
  return media_host_.address(fmt::format("{}{}?jwt={}", kPrivateImages, path, token));
}

HttpResponse AttachmentHost::give(const std::string& path, const HttpRequest& request) {
  const auto attachment = world_.find_attachment(path);
  if (!attachment) return text_response(404, "Not Found");
  HttpResponse response = content_response(request, attachment->content, attachment->content_type);
  response.headers.emplace_back("Content-Disposition", "attachment; filename=" + attachment->name);
  return response;
}

HttpResponse AttachmentHost::give_private_image(const HttpRequest& request) {
  const std::string path = request.path.substr(kPrivateImages.size());
  const std::string token = parse_query(request.query)["jwt"];
  const UtcTime now = world_.now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = permissions_.find(token);
    if (found == permissions_.end() || found->second.path != path || now >= found->second.expires_at)
      return text_response(404, "Not Found");
  }
  return give(path, request);
}

}  // namespace hubkeep::sim
