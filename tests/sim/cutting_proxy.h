// A TCP proxy on loopback that makes a good server's connection a bad one: slow, late, or cut in the middle.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "sim/file_descriptor.h"

namespace hubkeep::sim {

/// What happens to the bytes from the server to the client.
struct ProxyRule {
  std::optional<std::uint64_t> cut_after;  // bytes of a connection; then both ends are closed
  std::uint64_t bytes_per_second = 0;      // of each connection; 0: as fast as it goes
  std::chrono::milliseconds delay{0};      // before a connection reaches the server
  bool reset = false;                      // cut with a TCP reset
};

/// Thread-safe. Listens from construction to destruction.
class CuttingProxy {
 public:
  explicit CuttingProxy(int target_port, std::string target_address = "127.0.0.1");
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy();

  int port() const { return port_; }
  /// "http://127.0.0.1:PORT"
  std::string origin() const;

  /// For all connections that no other rule is for. Takes effect with the next connection.
  void set_rule(ProxyRule rule);
  /// For the nth connection from now, 0 being the next.
  void set_rule(std::uint64_t connection, ProxyRule rule);

  std::uint64_t connections() const;
  std::uint64_t bytes_downstream() const;
  std::uint64_t bytes_upstream() const;

 private:
  struct Connection;

  void accept_all(std::stop_token stop);
  void run(Connection& connection, std::stop_token stop);
  void forward_down(Connection& connection, std::stop_token stop);
  void forward_up(Connection& connection);
  ProxyRule rule_for(std::uint64_t connection) const;

  const int target_port_;
  const std::string target_address_;
  FileDescriptor listener_;
  const int port_;
  mutable std::mutex mutex_;  // guards all below but the thread
  ProxyRule rule_;
  std::list<std::pair<std::uint64_t, ProxyRule>> special_rules_;
  std::uint64_t accepted_ = 0;
  std::uint64_t down_ = 0;
  std::uint64_t up_ = 0;
  std::list<Connection> connections_;
  std::jthread thread_;
};

}  // namespace hubkeep::sim
