#include "sim/server_program.h"

#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <thread>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep::sim {

namespace {

constexpr std::chrono::seconds kLongestStart{120};  // many tests run at once

// Below those that Linux gives to whoever asks for any.
constexpr int kFirstPort = 10'000;
constexpr int kLastPort = 32'767;

bool is_free(int port) {
  try {
    listen_on("127.0.0.1", port);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  const std::string folders = fmt::format("{}:/usr/sbin:/sbin", path == nullptr ? "" : path);
  for (const auto folder : split(folders, ':')) {
    const auto program = std::filesystem::path(folder) / name;
    if (!folder.empty() && std::filesystem::is_regular_file(program)) return program;
  }
  return std::nullopt;
}

int free_port() {
  std::random_device random;
  std::uniform_int_distribution any(kFirstPort, kLastPort);
  while (true)
    if (const int port = any(random); is_free(port)) return port;
}

bool accepts_connections(int port) {
  try {
    return connect_to("127.0.0.1", port).valid();
  } catch (const Error&) {
    return false;
  }
}

ServerProgram::ServerProgram(std::vector<std::string> argv, const std::function<bool()>& is_ready)
    : in_(memory_file()), output_(memory_file()), process_({.argv = std::move(argv)}, in_, output_, output_) {
  const auto give_up = std::chrono::steady_clock::now() + kLongestStart;
  while (!is_ready()) {
    if (std::chrono::steady_clock::now() > give_up)
      throw Error(ErrorKind::internal, "the server does not start: " + read_whole(output_));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace hubkeep::sim
