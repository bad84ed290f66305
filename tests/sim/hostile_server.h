// A server on raw sockets that says byte for byte what it is told: for all that no HTTP library would ever
// send.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sim/file_descriptor.h"

namespace hubkeep::sim {

enum class ConnectionEnd { close, reset, hang };

/// What happens on one connection: reads a request (headers, and the body that Content-Length or chunks
/// announce), sends the bytes, and ends.
struct ConnectionScript {
  std::string bytes;
  ConnectionEnd end = ConnectionEnd::close;
  bool read_request = true;  // or: send at once
};

/// Listens on 127.0.0.1 from construction to destruction. The nth connection runs the nth script; those past
/// the last run the last. Connections are served one after another, but a hanging one holds up none.
class HostileServer {
 public:
  explicit HostileServer(std::vector<ConnectionScript> scripts);
  /// One script for all connections.
  explicit HostileServer(std::string bytes);
  HostileServer(const HostileServer&) = delete;
  HostileServer& operator=(const HostileServer&) = delete;
  ~HostileServer();

  int port() const { return port_; }
  /// "http://127.0.0.1:PORT"
  std::string origin() const;
  /// The requests as they came, one for each connection.
  std::vector<std::string> received() const;
  std::size_t connections() const;

 private:
  void serve(std::stop_token stop);
  void serve_one(const FileDescriptor& connection, const ConnectionScript& script);

  const std::vector<ConnectionScript> scripts_;
  FileDescriptor listener_;
  const int port_;
  mutable std::mutex mutex_;
  std::vector<std::string> received_;
  std::deque<FileDescriptor> hanging_;
  int current_ = -1;  // the connection being served
  std::jthread thread_;
};

}  // namespace hubkeep::sim
