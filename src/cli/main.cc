// The program's edge: arguments, settings, signals, exit code.

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <thread>

#include "app/load_settings.h"
#include "app/secret_reader.h"
#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "base/process_start.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "lambda/serve.h"

namespace hubkeep {
namespace {

// Turns the first Ctrl-C or SIGTERM into a stop in order; a second one ends the program at once.
void stop_on_signals(std::stop_source& stop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([stop, signals]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    log_line(LogLevel::quiet, "stopping: what is finished is kept (once more to end at once)");
    stop.request_stop();
    sigwait(&signals, &signal);
    _exit(static_cast<int>(ExitCode::interrupted));
  }).detach();
}

// Asked before the settings are known: what is wrong with one of them is told in this format as well.
LogFormat log_format_of(const FlagValues& flags, const Environment& environment) {
  const auto flag = flags.find("log-format");
  const auto variable = environment.find("HUBKEEP_LOG_FORMAT");
  const std::string text = flag != flags.end() && !flag->second.empty() ? flag->second.back()
                           : variable != environment.end()              ? variable->second
                                                                        : "";
  return text == "json" ? LogFormat::json : LogFormat::text;
}

Settings load(const CommandCall& call) {
  const Environment environment = read_environment();
  set_log_format(log_format_of(call.flags, environment));
  Settings settings = load_settings({call.command->settings, call.vaults}, call.flags, environment,
                                    {.read_secret = read_aws_secret});
  set_log_format(settings.log_format == "json" ? LogFormat::json : LogFormat::text);
  for (const auto& warning : settings.warnings)
    log_event(LogLevel::quiet, Severity::warning, "warning: " + warning, nullptr);
  set_log_level(settings.quiet ? LogLevel::quiet : settings.verbose ? LogLevel::verbose : LogLevel::normal);
  return settings;
}

ExitCode run_call(const CommandCall& call) {
  Settings settings;
  try {
    settings = load(call);
  } catch (const Error& error) {
    log_error("hubkeep: " + error.message());
    // A secret that cannot be read, say, is no wrong usage: another time the same command may do.
    if (error.kind() != ErrorKind::invalid) return ExitCode::nothing_done;
    log_line(LogLevel::quiet, "try: " + usage_hint(*call.command));
    return ExitCode::usage;
  }
  std::stop_source stop;
  stop_on_signals(stop);
  try {
    return call.command->run(call, settings, stop.get_token());
  } catch (const Error& error) {
    log_error("hubkeep: " + error.message());
    const bool interrupted = error.kind() == ErrorKind::cancelled ||
                             (error.kind() == ErrorKind::rate_limited && stop.stop_requested());
    return interrupted ? ExitCode::interrupted : ExitCode::nothing_done;
  }
}

ExitCode run_arguments(const Arguments& arguments) {
  if (const auto* help = std::get_if<HelpRequest>(&arguments)) {
    print(help->text);
    return ExitCode::ok;
  }
  if (std::holds_alternative<VersionRequest>(arguments)) {
    print(program_version() + "\n");
    return ExitCode::ok;
  }
  if (const auto* error = std::get_if<UsageError>(&arguments)) {
    log_error("hubkeep: " + error->message);
    log_line(LogLevel::quiet, "try: " + error->hint);
    return ExitCode::usage;
  }
  return run_call(std::get<CommandCall>(arguments));
}

}  // namespace
}  // namespace hubkeep

int main(int argc, char** argv) {
  if (!hubkeep::open_standard_files()) return static_cast<int>(hubkeep::ExitCode::nothing_done);
  hubkeep::keep_memory_private();
  hubkeep::share_heaps();
  hubkeep::outlive_terminal();
  try {
    // Lambda starts its bootstrap without arguments.
    if (const auto environment = hubkeep::read_environment(); argc == 1 && hubkeep::is_lambda(environment))
      return hubkeep::serve_lambda(environment);
    const auto code = hubkeep::run_arguments(hubkeep::parse_arguments(argc, argv));
    return static_cast<int>(hubkeep::finish_output(code));
  } catch (const std::exception& error) {
    hubkeep::log_error(std::string("hubkeep: ") + error.what());
    return static_cast<int>(hubkeep::ExitCode::nothing_done);
  }
}
