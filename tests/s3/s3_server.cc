// Ceph's S3 server as a program of its own, for benchmarks: `s3_server [ADDRESS]`. Prints where it is, and
// who may do everything there; ends with its standard input.
#include <fmt/format.h>

#include <iostream>

#include "base/error.h"
#include "s3/radosgw.h"

int main(int argc, char** argv) {
  try {
    if (!hubkeep::Radosgw::installed()) {
      fmt::print(stderr, "s3_server: radosgw is not installed\n");
      return 1;
    }
    const hubkeep::Radosgw server(argc > 1 ? argv[1] : "127.0.0.1");
    fmt::print("endpoint {}\naccess key {}\nsecret key {}\n", server.endpoint(), hubkeep::Radosgw::kAccessKey,
               hubkeep::Radosgw::kSecretKey);
    std::fflush(stdout);
    std::cin.ignore(std::numeric_limits<std::streamsize>::max());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "s3_server: {}\n", error.what());
    return 1;
  }
}
