#include "s3/moto.h"

#include <unistd.h>

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "s3/radosgw.h"
#include "sim/git_worker.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

constexpr const char* kGate = HUBKEEP_S3_TESTS "/moto_gate.py";

/// What the program prints first; "" when it ends without a word.
std::string read_line(const sim::FileDescriptor& pipe) {
  std::string text;
  std::array<char, 16> some{};
  while (!text.ends_with('\n')) {
    const auto count = ::read(pipe.get(), some.data(), some.size());
    if (count <= 0) return {};
    text.append(some.data(), static_cast<std::size_t>(count));
  }
  return std::string(trim(text));
}

}  // namespace

bool Moto::installed() {
  static const bool found =
      sim::find_program("python3") &&
      sim::run({"python3", "-c", "import botocore.auth, moto.s3.models, moto.server"}).exit_code == 0;
  return found;
}

Moto& Moto::instance() {
  static Moto moto;
  return moto;
}

Moto::Moto()
    : in_(sim::make_pipe()),
      out_(sim::make_pipe()),
      err_(sim::memory_file()),
      process_({.argv = {"python3", kGate, Radosgw::kAccessKey, Radosgw::kSecretKey, kRegion}}, in_.read_end,
               out_.write_end, err_) {
  in_.read_end.close();
  out_.write_end.close();
  port_ = read_line(out_.read_end);
  if (port_.empty()) throw Error(ErrorKind::internal, "moto does not start: " + sim::read_whole(err_));
}

std::string Moto::endpoint() const {
  return "http://127.0.0.1:" + port_;
}

}  // namespace hubkeep
