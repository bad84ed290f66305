#include "sim/child_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace hubkeep::sim {

namespace {

std::vector<std::string> environment_strings(const ChildOptions& options) {
  std::vector<std::string> out;
  for (char** entry = environ; options.inherit_environment && *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (!options.env.contains(std::string(text.substr(0, text.find('='))))) out.emplace_back(text);
  }
  for (const auto& [name, value] : options.env) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& text : strings) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

struct SpawnFileActions {
  posix_spawn_file_actions_t value;
  SpawnFileActions() { posix_spawn_file_actions_init(&value); }
  SpawnFileActions(const SpawnFileActions&) = delete;
  SpawnFileActions& operator=(const SpawnFileActions&) = delete;
  ~SpawnFileActions() { posix_spawn_file_actions_destroy(&value); }
};

struct SpawnAttributes {
  posix_spawnattr_t value;
  SpawnAttributes() {
    posix_spawnattr_init(&value);
    // A server ignores SIGPIPE; git relies on it to notice a reader that went away.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&value, &defaults);
    posix_spawnattr_setpgroup(&value, 0);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&value); }
};

}  // namespace

ChildProcess::ChildProcess(const ChildOptions& options, const FileDescriptor& in, const FileDescriptor& out,
                           const FileDescriptor& err) {
  SpawnFileActions actions;
  posix_spawn_file_actions_adddup2(&actions.value, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, err.get(), STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions.value, STDERR_FILENO + 1);
  if (!options.cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions.value, options.cwd.c_str());

  SpawnAttributes attributes;
  std::vector<std::string> arguments = options.argv;
  std::vector<std::string> environment = environment_strings(options);
  int failure = posix_spawnp(&pid_, arguments.at(0).c_str(), &actions.value, &attributes.value,
                             pointers(arguments).data(), pointers(environment).data());
  if (failure != 0) {
    throw Error(ErrorKind::internal, fmt::format("{}: {}", arguments[0], std::strerror(failure)));
  }
}

ChildProcess::~ChildProcess() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  wait();
}

void ChildProcess::signal(int number) {
  ::kill(pid_, number);
}

int ChildProcess::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace hubkeep::sim
