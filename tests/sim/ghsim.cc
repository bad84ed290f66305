// The simulator as a program of its own, for tests that are scripts.
#include <fmt/format.h>
#include <signal.h>

#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "sim/control_api.h"
#include "sim/simulator.h"
#include "sim/world_json.h"

namespace hubkeep::sim {
namespace {

constexpr const char* kUsage =
    "usage: ghsim --root DIR [--world FILE.json] [--port N] [--media-port N] [--bind ADDRESS]\n"
    "             [--public-origin URL] [--control-port N] [--certificate PEM --key PEM] [--record FILE]\n"
    "             [--no-service-line] [--no-rate-limit-headers]\n"
    "A simulated GitHub. Bare repositories lie under DIR; world_json.h and control_api.h describe the "
    "JSON.\n";

struct Arguments {
  std::filesystem::path root;
  std::filesystem::path world;
  std::filesystem::path record;
  std::optional<int> control_port;
  bool rate_limit_headers = true;
  SimulatorOptions simulator;
};

int port_from(std::string_view text) {
  int out = 0;
  auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  if (result.ptr != text.data() + text.size()) throw Error(ErrorKind::invalid, "a port is a number");
  return out;
}

/// True when the option takes no value.
bool read_switch(std::string_view name, Arguments& out) {
  if (name == "--no-service-line") {
    out.simulator.service_preamble = false;
  } else if (name == "--no-rate-limit-headers") {
    out.rate_limit_headers = false;
  } else {
    return false;
  }
  return true;
}

void read_option(std::string_view name, const std::string& value, Arguments& out) {
  if (name == "--root") {
    out.root = value;
  } else if (name == "--world") {
    out.world = value;
  } else if (name == "--record") {
    out.record = value;
  } else if (name == "--port") {
    out.simulator.port = port_from(value);
  } else if (name == "--media-port") {
    out.simulator.media_port = port_from(value);
  } else if (name == "--bind") {
    out.simulator.bind_address = value;
  } else if (name == "--public-origin") {
    out.simulator.public_origin = value;
  } else if (name == "--certificate") {
    out.simulator.certificate = value;
  } else if (name == "--key") {
    out.simulator.key = value;
  } else if (name == "--control-port") {
    out.control_port = port_from(value);
  } else {
    throw Error(ErrorKind::invalid, fmt::format("unknown option {}", name));
  }
}

Arguments read_arguments(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (read_switch(name, out)) continue;
    if (i + 1 == argc) throw Error(ErrorKind::invalid, fmt::format("{} needs a value", name));
    read_option(name, argv[++i], out);
  }
  if (out.root.empty()) throw Error(ErrorKind::invalid, "--root is missing");
  return out;
}

/// SIGINT and SIGTERM are to be waited for in one place, so no thread may take them elsewhere.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void run(const Arguments& arguments) {
  sigset_t signals = block_signals();
  World world(arguments.root);
  if (!arguments.world.empty()) {
    std::ifstream file(arguments.world);
    if (!file) throw Error(ErrorKind::not_found, "cannot read " + arguments.world.string());
    load_world(nlohmann::json::parse(file), world);
  }
  Simulator simulator(world, arguments.simulator);
  if (!arguments.rate_limit_headers) simulator.rate_limiter().turn_off();
  if (!arguments.record.empty()) simulator.record_to(arguments.record);
  std::optional<ControlApi> control;
  if (arguments.control_port) {
    control.emplace(simulator, *arguments.control_port);
    fmt::print("control on http://127.0.0.1:{}\n", control->port());
  }
  const char* scheme = arguments.simulator.certificate.empty() ? "http" : "https";
  fmt::print("listening on {}://{}:{}\n", scheme, arguments.simulator.bind_address, simulator.port());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace
}  // namespace hubkeep::sim

int main(int argc, char** argv) {
  try {
    hubkeep::sim::run(hubkeep::sim::read_arguments(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ghsim: {}\n{}", error.what(), hubkeep::sim::kUsage);
    return 2;
  }
}
