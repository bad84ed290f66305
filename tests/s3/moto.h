// moto's S3 behind a gate that checks what AWS checks: signatures, by botocore's own signer, and checksums,
// which no other server at hand looks at. Python packages that few machines have.
#pragma once

#include <string>

#include "sim/child_process.h"

namespace hubkeep {

class Moto {
 public:
  static constexpr const char* kRegion = "us-east-1";

  /// Whether python3 finds moto with its server.
  static bool installed();
  /// The one of this process, started at the first call. It takes Radosgw's keys.
  static Moto& instance();

  Moto();

  /// "http://127.0.0.1:PORT"
  std::string endpoint() const;

 private:
  sim::Pipe in_;  // it ends with us, however we end: nobody else holds the end that is written to
  sim::Pipe out_;
  sim::FileDescriptor err_;
  sim::ChildProcess process_;
  std::string port_;
};

}  // namespace hubkeep
