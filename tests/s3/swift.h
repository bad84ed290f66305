// OpenStack Swift from Debian with its S3 API: a third real server, written by others, that checks every
// signature, knows no checksums and no conditions, and has rules of its own for objects in parts. One of each
// of its servers and memcached, on ports of loopback that are free; all of it in a folder and gone at the
// end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/child_process.h"
#include "sim/temporary_folder.h"

namespace hubkeep {

class Swift {
 public:
  static constexpr const char* kAccessKey = "test:tester";  // its test users have a colon in their names
  static constexpr const char* kSecretKey = "testing";

  /// Whether its programs are there, and the folder for temporary files takes attributes of files.
  static bool installed();
  /// The one of this process, started at the first call.
  static Swift& instance();

  Swift();
  Swift(const Swift&) = delete;
  Swift& operator=(const Swift&) = delete;

  /// "http://127.0.0.1:PORT"
  std::string endpoint() const;

 private:
  std::string configured(std::string text) const;
  void write(const std::string& name, const std::string& text) const;
  void make_ring(const std::string& kind) const;
  void start(std::vector<std::string> argv);
  void wait_until_ready() const;

  sim::TemporaryFolder folder_;
  std::string user_;  // who runs this: Swift would like to be another
  int memcached_port_ = 0;
  int account_port_ = 0;
  int container_port_ = 0;
  int object_port_ = 0;
  int proxy_port_ = 0;
  std::vector<std::unique_ptr<sim::ChildProcess>> servers_;
};

}  // namespace hubkeep
