#include "sim/lfs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

constexpr const char* kMediaType = "application/vnd.git-lfs+json";
constexpr std::string_view kLfsPath = "info/lfs/";
constexpr std::string_view kDotGit = ".git";
constexpr const char* kMediaPrefix = "/alambic/media/";
constexpr const char* kVerifyPrefix = "/alambic/verify/";
constexpr const char* kNotThere =
    "Object does not exist on the server or you don't have permissions to access it";
constexpr std::size_t kOidDigits = 64;

HttpResponse lfs_response(int status, const json& body) {
  HttpResponse out;
  out.status = status;
  out.headers.emplace_back("Content-Type", std::string(kMediaType) + "; charset=utf-8");
  out.body = body.dump();
  return out;
}

HttpResponse lfs_error(int status, const std::string& message) {
  return lfs_response(status, {{"message", message},
                               {"documentation_url", "https://docs.github.com"},
                               {"request_id", random_hex(24)}});
}

HttpResponse ask_for_credentials(const std::string& message) {
  HttpResponse response = lfs_error(401, message);
  response.headers.emplace_back("LFS-Authenticate", "Basic realm=\"GitHub\"");
  return response;
}

/// Who may not know of the repository is told that there is none.
std::optional<HttpResponse> refuse(const World& world, const std::optional<Repository>& repository,
                                   const Caller& caller, bool is_upload) {
  if (caller.token_present && !caller.token) return ask_for_credentials("Bad credentials");
  if (!repository || !world.can_read(caller.token, *repository))
    return caller.token ? lfs_error(404, "Not Found") : ask_for_credentials("Requires authentication");
  if (repository->block == Block::dmca) return lfs_error(451, "Repository unavailable due to DMCA takedown.");
  if (repository->block != Block::none || repository->disabled)
    return lfs_error(403, "Access to this repository has been disabled by GitHub staff.");
  if (!is_upload) return std::nullopt;
  if (!caller.token) return ask_for_credentials("Requires authentication");
  if (repository->archived) return lfs_error(403, "This repository was archived so it is read-only.");
  if (!world.can_write(caller.token, *repository))
    return lfs_error(403, "You do not have permission to push to this repository.");
  return std::nullopt;
}

bool is_oid(const std::string& text) {
  return text.size() == kOidDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

json object_error(const LfsObject& object, int code, const std::string& message) {
  return {{"oid", object.oid}, {"size", object.size}, {"error", {{"code", code}, {"message", message}}}};
}

/// The network and the object that the end of a media path names.
std::pair<RepositoryId, std::string> place_in(const std::string& path) {
  const auto parts = split(path, '/');  // "", alambic, media, network, oid
  if (parts.size() != 5) return {0, ""};
  return {std::strtoll(std::string(parts[3]).c_str(), nullptr, 10), std::string(parts[4])};
}

std::string path_of(const char* prefix, RepositoryId network, const std::string& oid) {
  return fmt::format("{}{}/{}", prefix, network, oid);
}

}  // namespace

std::optional<LfsRequest> parse_lfs_request(const HttpRequest& request) {
  const auto parts = split(std::string_view(request.path).substr(1), '/');
  if (parts.size() < 5 || parts[2] != "info" || parts[3] != "lfs") return std::nullopt;
  LfsRequest out;
  out.owner = parts[0];
  out.name = parts[1];
  if (out.name.ends_with(kDotGit)) out.name.resize(out.name.size() - kDotGit.size());
  out.resource = request.path.substr(request.path.find(kLfsPath) + kLfsPath.size());
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return out;
  if (body.contains("operation") && body["operation"].is_string()) out.operation = body["operation"];
  for (const json& object : body.value("objects", json::array())) {
    if (object.is_object() && object.contains("oid") && object["oid"].is_string())
      out.oids.push_back(object["oid"]);
  }
  return out;
}

std::string lfs_oid_in(const std::string& media_path) {
  return media_path.starts_with(kMediaPrefix) || media_path.starts_with(kVerifyPrefix)
             ? place_in(media_path).second
             : "";
}

LfsServer::LfsServer(World& world, MediaHost& media_host) : world_(world), media_host_(media_host) {
  media_host_.serve(kMediaPrefix, MediaAccess::signed_address, [this](const HttpRequest& request) {
    return request.method == "PUT" ? take_upload(request) : serve_media(request);
  });
  media_host_.serve(kVerifyPrefix, MediaAccess::signed_address,
                    [this](const HttpRequest& request) { return verify_upload(request); });
}

void LfsServer::set(LfsOptions options) {
  const std::lock_guard lock(mutex_);
  options_ = std::move(options);
}

LfsOptions LfsServer::options() const {
  const std::lock_guard lock(mutex_);
  return options_;
}

HttpResponse LfsServer::answer(const HttpRequest& request, const LfsRequest& lfs_request,
                               const Caller& caller) {
  const bool is_batch = lfs_request.resource == "objects/batch";
  const bool is_locks = lfs_request.resource == "locks/verify";
  if (request.method != "POST" || (!is_batch && !is_locks)) return lfs_error(404, "Not Found");
  const auto repository = world_.find_repository(lfs_request.owner, lfs_request.name);
  const bool writes = is_locks || lfs_request.operation == "upload";
  if (auto refusal = refuse(world_, repository, caller, writes)) return *refusal;
  if (is_locks) return lfs_response(200, {{"ours", json::array()}, {"theirs", json::array()}});
  return answer_batch(request, *repository);
}

HttpResponse LfsServer::answer_batch(const HttpRequest& request, const Repository& repository) {
  for (const char* header : {"Accept", "Content-Type"}) {
    if (!header_value(request.headers, header).starts_with(kMediaType))
      return lfs_error(406, fmt::format("The {} header must be {}", header, kMediaType));
  }
  const json body = json::parse(request.body, nullptr, false);
  try {
    const std::string operation = body.at("operation");
    const json& objects = body.at("objects");
    if (operation != "download" && operation != "upload") return lfs_error(422, "Invalid operation");
    if (body.value("hash_algo", "sha256") != "sha256") return lfs_error(409, "Invalid hash algorithm");
    if (objects.size() > options().most_objects) return lfs_error(413, "Too many objects in one request");
    json answers = json::array();
    for (const json& object : objects)
      answers.push_back(
          answer_object(repository, {object.at("oid"), object.at("size")}, operation == "upload"));
    return lfs_response(200, {{"objects", answers}});
  } catch (const json::exception&) {
    return lfs_error(422, "Validation error with one or more of the objects in the request");
  }
}

json LfsServer::answer_object(const Repository& repository, const LfsObject& object, bool is_upload) {
  if (!is_oid(object.oid)) return object_error(object, 422, "Oid is invalid");
  const auto content = world_.lfs().find(repository.network, object.oid);
  const std::string media = path_of(kMediaPrefix, repository.network, object.oid);
  json out = {{"oid", object.oid}, {"size", content ? content->size : object.size}};
  if (is_upload) {
    if (content) return out;
    out["actions"] = {{"upload", action(media)},
                      {"verify", action(path_of(kVerifyPrefix, repository.network, object.oid))}};
    return out;
  }
  if (!content) return object_error(object, 404, kNotThere);
  json download = action(media);
  if (const auto header = options().download_header) download["header"] = {{header->first, header->second}};
  out["actions"] = {{"download", download}};
  return out;
}

json LfsServer::action(const std::string& path) {
  const AddressLife life = options().address_life;
  return {{"href", media_host_.signed_address(path, life)},
          {"expires_at", format_time(world_.now() + life.time)},
          {"expires_in", life.time.count()}};
}

HttpResponse LfsServer::serve_media(const HttpRequest& request) {
  if (const auto header = options().download_header;
      header && header_value(request.headers, header->first) != header->second)
    return text_response(403, "Forbidden\n");
  const auto [network, oid] = place_in(request.path);
  const auto content = world_.lfs().find(network, oid);
  return content ? content_response(request, *content) : text_response(404, "Not Found\n");
}

HttpResponse LfsServer::take_upload(const HttpRequest& request) {
  const auto [network, oid] = place_in(request.path);
  MediaContent content = content_of(request.body);
  if (sha256_of(content) != oid) return text_response(400, "The bytes are not those of that name\n");
  world_.lfs().put(network, oid, std::move(content));
  return text_response(200, "");
}

HttpResponse LfsServer::verify_upload(const HttpRequest& request) {
  const auto [network, oid] = place_in(request.path);
  const auto content = world_.lfs().find(network, oid);
  if (!content) return lfs_error(404, kNotThere);
  const json body = json::parse(request.body, nullptr, false);
  const bool is_same = body.is_object() && body.value("size", std::uint64_t{0}) == content->size;
  return is_same ? lfs_response(200, json::object()) : lfs_error(422, "Size differs");
}

std::map<std::string, LfsTraffic> lfs_traffic(const std::vector<LoggedRequest>& log) {
  std::map<std::string, LfsTraffic> out;
  for (const LoggedRequest& request : log) {
    const bool is_media = request.kind == RequestKind::media;
    const bool is_done = request.status == 200 || request.status == 206;
    for (const std::string& oid : request.lfs_oids) {
      LfsTraffic& traffic = out[oid];
      if (request.lfs_operation == "download" && !is_media) ++traffic.asked;
      if (!is_media || !is_done) continue;
      if (request.method == "PUT") ++traffic.uploads;
      if (request.method != "GET") continue;
      ++traffic.downloads;
      traffic.bytes += request.response_bytes;
    }
  }
  return out;
}

}  // namespace hubkeep::sim
