// Ceph's S3 server from Debian: a real server, written by others, that checks every signature. One monitor,
// one OSD that keeps its objects in memory, and the gateway; all of it in a folder and gone at the end.
#pragma once

#include <memory>
#include <string>

#include "sim/child_process.h"
#include "sim/temporary_folder.h"

namespace hubkeep {

class Radosgw {
 public:
  static constexpr const char* kAccessKey = "HUBKEEPTESTACCESSKEY";
  static constexpr const char* kSecretKey = "test+secret/key+test+secret/key+test+sec";

  static bool installed();
  /// The one of this process, started at the first call.
  static Radosgw& instance();

  /// On `address`; the other parts of it stay on loopback.
  explicit Radosgw(std::string address = "127.0.0.1");
  Radosgw(const Radosgw&) = delete;
  Radosgw& operator=(const Radosgw&) = delete;

  int port() const { return port_; }
  /// "http://ADDRESS:PORT"
  std::string endpoint() const;

 private:
  void write_configuration();
  void start_monitor();
  void start_osd();
  void start_gateway();
  std::unique_ptr<sim::ChildProcess> start(std::vector<std::string> argv);
  void run(std::vector<std::string> argv);

  const std::string address_;
  sim::TemporaryFolder folder_;
  int port_ = 0;
  int monitor_port_ = 0;
  std::string cluster_id_;
  std::unique_ptr<sim::ChildProcess> monitor_;
  std::unique_ptr<sim::ChildProcess> osd_;
  std::unique_ptr<sim::ChildProcess> gateway_;
};

}  // namespace hubkeep
