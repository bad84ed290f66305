#include "base/subprocess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMaxOutput = std::size_t{64} << 20;

[[noreturn]] void fail(int error_number, const std::string& action) {
  throw Error(ErrorKind::internal, "cannot " + action + ": " + std::generic_category().message(error_number));
}

std::vector<std::string> environment_for_child(const std::vector<std::string>& additions) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("GIT_")) result.emplace_back(*entry);
  }
  result.insert(result.end(), additions.begin(), additions.end());
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (auto& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// How a child starts: our files as its standard ones, no signal blocked or ignored, a process group of its
/// own.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Subprocess::Subprocess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment)
    : output_(::fdopen(::memfd_create("output", MFD_CLOEXEC), "w+")),
      errors_(::fdopen(::memfd_create("errors", MFD_CLOEXEC), "w+")) {
  // A socket and no pipe: send() can be told not to raise SIGPIPE when the program is gone.
  int ends[2];
  if (!output_ || !errors_ || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(errno, "prepare to run " + arguments.front());
  }
  input_ = File(::fdopen(ends[0], "w"));
  const File theirs(::fdopen(ends[1], "r"));
  spawn(arguments, environment, ends[1]);
}

void Subprocess::spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                       int input) {
  const SpawnPlan plan(input, ::fileno(output_.get()), ::fileno(errors_.get()));
  auto own_arguments = arguments;
  auto own_environment = environment_for_child(environment);
  const int error = ::posix_spawnp(&pid_, arguments.front().c_str(), plan.actions(), plan.attributes(),
                                   pointers_to(own_arguments).data(), pointers_to(own_environment).data());
  if (error == 0) return;
  pid_ = -1;
  if (error == ENOENT) {
    throw Error(ErrorKind::not_found, "there is no program '" + printable(arguments.front()) + "' in PATH");
  }
  fail(error, "run " + arguments.front());
}

Subprocess::~Subprocess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Subprocess::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(::fileno(input_.get()), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

ProcessResult Subprocess::wait(const std::stop_token& stop) {
  input_.reset();
  {
    // The process is only looked at here and reaped below, when no callback can still kill its number.
    const std::stop_callback kill_it(stop, [this] { ::kill(pid_, SIGKILL); });
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
  }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
  constexpr int kSignalled = 128;
  return {.exit_code = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status),
          .output = content(output_.get()),
          .errors = content(errors_.get())};
}

std::string Subprocess::content(std::FILE* file) {
  std::string bytes;
  std::vector<char> buffer(std::size_t{64} << 10);
  while (bytes.size() < kMaxOutput) {
    const auto count =
        ::pread(::fileno(file), buffer.data(), buffer.size(), static_cast<off_t>(bytes.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment, std::string_view input,
                          const std::stop_token& stop) {
  Subprocess process(arguments, environment);
  process.write(input);
  return process.wait(stop);
}

}  // namespace hubkeep
