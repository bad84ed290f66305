#include "sim/control_api.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "sim/fault_json.h"
#include "sim/lfs_json.h"
#include "sim/world_json.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

HttpResponse json_response(int status, const json& body) {
  HttpResponse out;
  out.status = status;
  out.headers.emplace_back("Content-Type", "application/json");
  out.body = body.dump();
  return out;
}

HttpResponse done() {
  return json_response(200, json::object());
}

HttpResponse handle_faults(Simulator& simulator, const HttpRequest& request) {
  if (request.method == "DELETE") {
    simulator.faults().clear();
    return done();
  }
  json body = json::parse(request.body);
  if (!body.is_array()) body = json::array({body});
  for (const json& fault : body) simulator.faults().add(fault_from(fault));
  return done();
}

HttpResponse handle_log(Simulator& simulator, const HttpRequest& request) {
  if (request.method == "DELETE") {
    simulator.clear_log();
    return done();
  }
  json out = json::array();
  for (const LoggedRequest& entry : simulator.log()) out.push_back(log_json(entry));
  return json_response(200, out);
}

HttpResponse handle_repositories(Simulator& simulator, const HttpRequest& request) {
  if (request.method == "POST") {
    RepositoryId id = add_repository(json::parse(request.body), simulator.world());
    return json_response(201, repository_fields(simulator.world().repository(id)));
  }
  json out = json::array();
  for (const Repository& repository : simulator.world().repositories())
    out.push_back(repository_fields(repository));
  return json_response(200, out);
}

HttpResponse handle_repository(Simulator& simulator, const HttpRequest& request, RepositoryId id) {
  World& world = simulator.world();
  if (request.method == "DELETE") {
    world.remove(id);
    return done();
  }
  if (request.method == "PATCH") change_repository(id, json::parse(request.body), world);
  return json_response(200, repository_fields(world.repository(id)));
}

HttpResponse handle_lfs(Simulator& simulator, const HttpRequest& request, RepositoryId id) {
  World& world = simulator.world();
  if (request.method == "POST")
    return json_response(201, lfs_objects_json(add_lfs_objects(json::parse(request.body), id, world)));
  return json_response(200, lfs_objects_json(world.lfs().objects(world.repository(id).network)));
}

HttpResponse handle_rate_limit(Simulator& simulator, const HttpRequest& request) {
  std::optional<RateLimit> limit;
  if (request.method == "PUT") {
    json body = json::parse(request.body);
    limit.emplace();
    limit->limit = body.value("limit", limit->limit);
    limit->remaining = body.value("remaining", limit->limit);
    limit->reset_after = std::chrono::seconds(body.value("reset_after", 3600));
    limit->refusal_status = body.value("refusal_status", 403);
  }
  simulator.rate_limiter().set(limit);
  return done();
}

HttpResponse handle_time(Simulator& simulator, const HttpRequest& request) {
  std::optional<UtcTime> time;
  if (request.method == "PUT") {
    time = parse_time(json::parse(request.body).at("time").get<std::string>());
    if (!time) throw Error(ErrorKind::invalid, "no time");
  }
  simulator.world().set_time(time);
  return done();
}

HttpResponse handle_token(Simulator& simulator, const HttpRequest& request, const std::string& value) {
  bool revoked = json::parse(request.body).at("revoked");
  simulator.world().edit_token(value, [&](Token& token) { token.revoked = revoked; });
  return done();
}

HttpResponse route(Simulator& simulator, const HttpRequest& request) {
  auto path = split(std::string_view(request.path).substr(1), '/');
  std::string_view first = path[0];
  if (first == "faults") return handle_faults(simulator, request);
  if (first == "log") return handle_log(simulator, request);
  if (first == "repositories" && path.size() == 1) return handle_repositories(simulator, request);
  if (first == "repositories") {
    const RepositoryId id = std::stoll(std::string(path[1]));
    const bool is_lfs = path.size() == 3 && path[2] == "lfs";
    return is_lfs ? handle_lfs(simulator, request, id) : handle_repository(simulator, request, id);
  }
  if (first == "rate_limit") return handle_rate_limit(simulator, request);
  if (first == "time") return handle_time(simulator, request);
  if (first == "tokens" && path.size() == 2) return handle_token(simulator, request, std::string(path[1]));
  return json_response(404, {{"message", "no such thing"}});
}

HttpResponse handle(Simulator& simulator, const HttpRequest& request) {
  try {
    return route(simulator, request);
  } catch (const Error& error) {
    return json_response(error.kind() == ErrorKind::not_found ? 404 : 422, {{"message", error.message()}});
  } catch (const std::exception& error) {
    return json_response(400, {{"message", error.what()}});
  }
}

}  // namespace

ControlApi::ControlApi(Simulator& simulator, int port)
    : server_(HttpServerOptions{"127.0.0.1", port, {}, {}},
              [&simulator](const HttpRequest& request) { return handle(simulator, request); }) {}

}  // namespace hubkeep::sim
