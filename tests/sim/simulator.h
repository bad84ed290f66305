// A GitHub on this machine: the REST API under /api/v3, as an Enterprise Server has it, GraphQL at
// /api/graphql, and git over HTTP beside them; content comes from a second port, the MediaHost. The World
// says what is there, Faults what goes wrong, RequestLog what was asked.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/attachment_host.h"
#include "sim/faults.h"
#include "sim/git_http.h"
#include "sim/graphql.h"
#include "sim/lfs.h"
#include "sim/media_host.h"
#include "sim/rate_limit.h"
#include "sim/request_log.h"
#include "sim/world.h"

namespace hubkeep::sim {

struct SimulatorOptions {
  std::string bind_address = "127.0.0.1";
  int port = 0;                       // 0: any that is free
  int media_port = 0;                 // of the media host
  std::string public_origin;          // where the links lead when another server stands in front
  std::filesystem::path certificate;  // PEM; with both of them it speaks TLS
  std::filesystem::path key;
  bool service_preamble = true;  // "# service=…" before git's v2 capabilities, as GitHub has it
  GitFeatures git_features = {};
};

/// Listens from its construction to its destruction, or to stop(). The World must live longer.
class Simulator {
 public:
  /// Throws Error(internal) when it cannot listen.
  explicit Simulator(World& world, SimulatorOptions options = {});
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator();

  /// After stop(): listens again, on the same port.
  void start();
  /// Breaks all connections and waits for the requests under way.
  void stop();
  /// For a server in front whose port is not known before this one's.
  void set_public_origin(const std::string& origin);

  int port() const;
  /// "http://127.0.0.1:8080", or the public origin.
  std::string origin() const;
  /// origin() + "/api/v3"
  std::string api_url() const;
  /// origin() + "/owner/name.git"
  std::string clone_url(RepositoryId id) const;
  /// The same with the token in it, for plain git.
  std::string clone_url(RepositoryId id, const std::string& token) const;

  World& world();
  Faults& faults();
  RequestLog& request_log();
  RateLimiter& rate_limiter();
  MediaHost& media_host();
  LfsServer& lfs();
  GraphQlServer& graphql();
  AttachmentHost& attachments();

  std::vector<LoggedRequest> log() const;
  void clear_log();
  std::size_t count(RequestKind kind) const;
  std::size_t count(GitCommand command) const;

  /// From now on appends a line {"method","path","status","body"} for every JSON answer of the API to that
  /// file; of GraphQL with what was "asked".
  void record_to(const std::filesystem::path& file);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubkeep::sim
