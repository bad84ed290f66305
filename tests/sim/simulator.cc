#include "sim/simulator.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sim/api.h"
#include "sim/asset_downloads.h"
#include "sim/body_filters.h"
#include "sim/git_http.h"
#include "sim/graphql.h"
#include "sim/http_server.h"
#include "sim/zipball.h"

namespace hubkeep::sim {

namespace {

constexpr std::string_view kApiPrefix = "/api/v3";
constexpr const char* kNoUserAgent =
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.\n";

std::string repository_in(const std::string& api_path) {
  auto segments = split(api_path, '/');
  if (segments.size() < 4 || segments[1] != "repos") return "";
  return fmt::format("{}/{}", segments[2], segments[3]);
}

LoggedRequest log_entry(const HttpRequest& request, const Caller& caller, UtcTime now) {
  LoggedRequest out;
  out.time = now;
  out.method = request.method;
  out.path = request.path;
  out.query = request.query;
  out.auth_scheme = caller.scheme;
  out.token_present = caller.token_present;
  if (caller.token) out.token_login = caller.token->login;
  out.host = header_value(request.headers, "Host");
  out.user_agent = header_value(request.headers, "User-Agent");
  out.git_protocol = header_value(request.headers, "Git-Protocol");
  out.content_encoding = header_value(request.headers, "Content-Encoding");
  out.if_none_match = header_value(request.headers, "If-None-Match");
  out.request_bytes = request.wire_body_size;
  return out;
}

std::string http_date(UtcTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(time));
}

bool matches_tag(const std::string& if_none_match, const std::string& tag) {
  auto strong = [](std::string_view text) { return text.starts_with("W/") ? text.substr(2) : text; };
  auto tags = split(if_none_match, ',');
  return std::any_of(tags.begin(), tags.end(),
                     [&](std::string_view each) { return strong(trim(each)) == strong(tag); });
}

}  // namespace

class Simulator::Impl {
 public:
  Impl(World& world, SimulatorOptions options)
      : world_(world),
        options_(std::move(options)),
        limiter_(world),
        zipballs_(world),
        media_host_(world),
        lfs_(world, media_host_),
        graphql_(world) {
    limiter_.set(std::nullopt);
  }

  void start() {
    if (server_) return;
    faults_.resume();
    HttpServerOptions options{options_.bind_address, options_.port, options_.certificate, options_.key};
    server_ = std::make_unique<HttpServer>(options, [this](HttpRequest request) { return handle(request); });
    options_.port = server_->port();
    options.port = options_.media_port;
    media_server_ = std::make_unique<HttpServer>(
        options, [this](const HttpRequest& request) { return handle_media(request); });
    options_.media_port = media_server_->port();
    media_host_.set_origin(local_origin(options_.media_port));
  }

  void stop() {
    faults_.interrupt();
    server_.reset();
    media_server_.reset();
  }

  int port() const { return options_.port; }

  void set_public_origin(const std::string& origin) {
    std::lock_guard lock(origin_mutex_);
    options_.public_origin = origin;
  }

  std::string origin() const {
    std::lock_guard lock(origin_mutex_);
    if (!options_.public_origin.empty()) return options_.public_origin;
    return local_origin(options_.port);
  }

  /// Another origin of the same server, where it can be reached by another name: as an Enterprise Server has
  /// it, below its own.
  std::string download_origin() const {
    std::string there = origin();
    const auto host = there.find("://") + 3;
    if (there.compare(host, 9, "127.0.0.1") == 0) return there.replace(host, 9, "localhost");
    const bool is_name = (std::isalpha(static_cast<unsigned char>(there[host])) != 0);
    return is_name ? there.insert(host, "codeload.") : there;
  }

  void record_to(const std::filesystem::path& file) {
    std::lock_guard lock(record_mutex_);
    record_.open(file, std::ios::app);
    if (!record_) throw Error(ErrorKind::invalid, "cannot write " + file.string());
  }

  World& world_;
  SimulatorOptions options_;
  Faults faults_;
  RequestLog log_;
  RateLimiter limiter_;
  Zipballs zipballs_;
  MediaHost media_host_;
  LfsServer lfs_;
  GraphQlServer graphql_;
  AssetDownloads asset_downloads_{world_, media_host_};
  AttachmentHost attachments_{world_, media_host_};

 private:
  std::string local_origin(int port) const {
    const char* scheme = options_.certificate.empty() ? "http" : "https";
    return fmt::format("{}://{}:{}", scheme, options_.bind_address, port);
  }

  HttpResponse handle(const HttpRequest& request) {
    Caller caller = identify(world_, request.headers);
    LoggedRequest entry = log_entry(request, caller, world_.now());
    bool api = request.path.starts_with(kApiPrefix) || request.path.starts_with(kDownloadPrefix) ||
               request.path == kGraphQlPath;
    std::optional<LfsRequest> lfs_request = api ? std::nullopt : parse_lfs_request(request);
    const bool attachment = !api && AttachmentHost::is_attachment_path(request.path);
    std::optional<GitRequest> git_request =
        api || lfs_request || attachment ? std::nullopt : parse_git_request(request);
    if (lfs_request) {
      entry.kind = RequestKind::lfs;
      entry.repository = lfs_request->owner + "/" + lfs_request->name;
      entry.lfs_operation = lfs_request->operation;
      entry.lfs_oids = lfs_request->oids;
    } else if (attachment) {
      entry.kind = RequestKind::web;
    } else if (git_request) {
      entry.kind = RequestKind::git;
      entry.git_command = git_request->command;
      entry.repository = git_request->owner + "/" + git_request->name;
      entry.wants = git_request->wants;
      entry.haves = git_request->haves;
      entry.is_question = git_request->has_depth || git_request->has_filter;
    } else if (request.path == kGraphQlPath) {
      entry.operation = graphql_operation(request.body);
    } else if (request.path.starts_with(kApiPrefix)) {
      entry.repository = repository_in(request.path.substr(kApiPrefix.size()));
    }
    entry.sequence = log_.begin(entry);

    std::vector<FaultAction> actions = faults_.take(entry);
    faults_.wait(actions);
    caller = identify(world_, request.headers);  // a hook may have ended the token
    std::optional<HttpResponse> response = answer_instead(actions, entry, request.body);
    if (!response && lfs_request) response = lfs_.answer(request, *lfs_request, caller);
    if (!response)
      response = git_request ? answer_git(request, *git_request, caller)
                             : answer_api(as_first_page(request, actions), caller, entry.sequence);
    return finish(alter(std::move(*response), actions, entry), actions, entry);
  }

  HttpResponse handle_media(const HttpRequest& request) {
    const Caller caller = identify(world_, request.headers);
    LoggedRequest entry = log_entry(request, caller, world_.now());
    entry.kind = RequestKind::media;
    if (const std::string oid = lfs_oid_in(request.path); !oid.empty()) entry.lfs_oids = {oid};
    entry.sequence = log_.begin(entry);

    const std::vector<FaultAction> actions = faults_.take(entry);
    faults_.wait(actions);
    std::optional<HttpResponse> response = answer_instead(actions, entry, request.body);
    if (!response) response = media_host_.answer(request, caller);
    return finish(alter(std::move(*response), actions, entry), actions, entry);
  }

  HttpResponse answer_git(const HttpRequest& request, const GitRequest& git_request, const Caller& caller) {
    return sim::answer_git(world_, GitHttpOptions{origin(), options_.service_preamble, options_.git_features},
                           request, git_request, caller);
  }

  HttpResponse answer_api(const HttpRequest& request, const Caller& caller, std::uint64_t sequence) {
    if (request.path.starts_with(kDownloadPrefix)) return zipballs_.download(request);
    if (auto answer = attachments_.answer(request, caller)) return *std::move(answer);
    bool graphql = request.path == kGraphQlPath;
    if (!graphql && !request.path.starts_with(kApiPrefix)) return text_response(404, "Not Found\n");
    if (header_value(request.headers, "User-Agent").empty()) return text_response(403, kNoUserAgent);
    if (graphql) return answer_query(request, caller, sequence);
    std::string path = request.path.substr(kApiPrefix.size());
    HttpResponse response =
        path == "/rate_limit" ? limiter_.overview() : limited_answer(request, path, caller);
    record(request, path, response);
    limiter_.add_headers(response);
    add_common_headers(response, caller);
    return response;
  }

  HttpResponse answer_query(const HttpRequest& request, const Caller& caller, std::uint64_t sequence) {
    constexpr RateResource kPoints = RateResource::graphql;
    const ApiAddresses addresses{origin(), origin() + std::string(kApiPrefix)};
    GraphQlAnswer answer = limiter_.refuse(kPoints)
                               ? GraphQlAnswer{graphql_rate_limit()}
                               : graphql_.answer(request, addresses, caller, limiter_.state(kPoints));
    HttpResponse response = std::move(answer.response);
    limiter_.count(answer.points, kPoints);
    log_.charged(sequence, answer.points);
    record(request, "/graphql", response);
    limiter_.add_headers(response, kPoints);
    add_common_headers(response, caller);
    return response;
  }

  HttpResponse limited_answer(const HttpRequest& request, const std::string& path, const Caller& caller) {
    if (auto refusal = limiter_.refuse()) return *refusal;
    if (auto redirect = zipballs_.redirect(path, caller, download_origin())) {
      limiter_.count_one();
      return *redirect;
    }
    if (auto redirect = asset_downloads_.redirect(request, path, caller)) {
      limiter_.count_one();
      return *redirect;
    }
    ApiAddresses addresses{origin(), origin() + std::string(kApiPrefix)};
    HttpResponse response = sim::answer_api(world_, addresses, request, path, caller);
    if (response.status != 200) {
      limiter_.count_one();
      return response;
    }
    std::string tag = entity_tag(request.headers, response.body);
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", caller.token ? "private, max-age=60, s-maxage=60"
                                                                : "public, max-age=60, s-maxage=60");
    response.headers.emplace_back("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding");
    if (matches_tag(header_value(request.headers, "If-None-Match"), tag)) {
      response.status = 304;
      response.body.clear();
      std::erase_if(response.headers, [](const auto& header) { return header.first == "Content-Type"; });
    } else {
      limiter_.count_one();
    }
    return response;
  }

  void add_common_headers(HttpResponse& response, const Caller& caller) {
    response.headers.emplace_back("Date", http_date(world_.now()));
    response.headers.emplace_back("X-GitHub-Request-Id", random_hex(24));
    response.headers.emplace_back("X-GitHub-Media-Type", "github.v3; format=json");
    response.headers.emplace_back("X-GitHub-Api-Version-Selected", "2022-11-28");
    if (caller.token && caller.token->kind == TokenKind::classic) {
      response.headers.emplace_back("X-OAuth-Scopes",
                                    fmt::format("{}", fmt::join(caller.token->scopes, ", ")));
    }
  }

  void record(const HttpRequest& request, const std::string& path, const HttpResponse& response) {
    std::lock_guard lock(record_mutex_);
    if (!record_.is_open() || response.body.empty() || request.method == "HEAD") return;
    nlohmann::json line = {{"method", request.method},
                           {"path", path},
                           {"status", response.status},
                           {"body", nlohmann::json::parse(response.body)}};
    if (request.path == kGraphQlPath) line["asked"] = nlohmann::json::parse(request.body, nullptr, false);
    record_ << line.dump() << std::endl;
  }

  /// The log learns of status and bytes before the client does.
  HttpResponse finish(HttpResponse response, const std::vector<FaultAction>& actions,
                      const LoggedRequest& entry) {
    const std::uint64_t sequence = entry.sequence;
    if (response.close_connection) return response;
    response = spoil(std::move(response), actions, faults_);
    log_.answered(sequence, response.status);
    log_.sent(sequence, response.body.size());
    if (response.stream) {
      const bool has_pack = entry.git_command == GitCommand::fetch;
      response.stream = [this, sequence, has_pack, meter = PackMeter(),
                         source = std::move(response.stream)]() mutable {
        std::string piece = source();
        const std::uint64_t before = meter.pack_bytes();
        if (has_pack) meter.pass(piece);
        log_.sent(sequence, piece.size(), meter.pack_bytes() - before);
        return piece;
      };
    }
    return response;
  }

  mutable std::mutex origin_mutex_;  // guards options_.public_origin
  std::mutex record_mutex_;
  std::ofstream record_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> media_server_;
};

Simulator::Simulator(World& world, SimulatorOptions options)
    : impl_(std::make_unique<Impl>(world, std::move(options))) {
  start();
}

Simulator::~Simulator() {
  stop();
}

void Simulator::start() {
  impl_->start();
}
void Simulator::stop() {
  impl_->stop();
}
void Simulator::set_public_origin(const std::string& origin) {
  impl_->set_public_origin(origin);
}
int Simulator::port() const {
  return impl_->port();
}
std::string Simulator::origin() const {
  return impl_->origin();
}
std::string Simulator::api_url() const {
  return origin() + std::string(kApiPrefix);
}

std::string Simulator::clone_url(RepositoryId id) const {
  return fmt::format("{}/{}.git", origin(), impl_->world_.repository(id).full_name());
}

std::string Simulator::clone_url(RepositoryId id, const std::string& token) const {
  std::string url = clone_url(id);
  return url.insert(url.find("://") + 3, "x-access-token:" + token + "@");
}

World& Simulator::world() {
  return impl_->world_;
}
Faults& Simulator::faults() {
  return impl_->faults_;
}
RequestLog& Simulator::request_log() {
  return impl_->log_;
}
RateLimiter& Simulator::rate_limiter() {
  return impl_->limiter_;
}
LfsServer& Simulator::lfs() {
  return impl_->lfs_;
}
MediaHost& Simulator::media_host() {
  return impl_->media_host_;
}
GraphQlServer& Simulator::graphql() {
  return impl_->graphql_;
}

AttachmentHost& Simulator::attachments() {
  return impl_->attachments_;
}
std::vector<LoggedRequest> Simulator::log() const {
  return impl_->log_.entries();
}
void Simulator::clear_log() {
  impl_->log_.clear();
}
std::size_t Simulator::count(RequestKind kind) const {
  return impl_->log_.count(kind);
}
std::size_t Simulator::count(GitCommand command) const {
  return impl_->log_.count(command);
}
void Simulator::record_to(const std::filesystem::path& file) {
  impl_->record_to(file);
}

}  // namespace hubkeep::sim
