// The child's output and errors go to anonymous files in memory, its input comes through a socket. So nobody
// has to read while writing: with pipes, a child that fills its output while we fill its input would stop
// both (Subprocess.ExchangesMoreThanAPipeHolds). The price is that its output has to be measured from time to
// time.
//
// The child has a process group of its own, which is killed as a whole: on a stop, when its time is over,
// when it writes too much, and when its owner goes (Subprocess.TakesWhatItHasStartedWithIt). It is reaped
// only when nothing can kill its number any more, since the number may be another process's by then.
#include "base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::chrono::milliseconds kLookAtOutput{20};  // in which it can write some ten MB

[[noreturn]] void fail(int error_number, const std::string& action) {
  throw Error(ErrorKind::internal, "cannot " + action + ": " + std::generic_category().message(error_number));
}

// What starts with GIT_ would change where git looks and what it runs; secrets are for nobody
// (Subprocess.InheritsNoSecretWhateverItAsksFor).
std::vector<std::string> environment_for_child(const ProcessPlan& plan) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with("GIT_") && !may_hold_secret(name) && plan.inherits(name)) result.emplace_back(text);
  }
  result.insert(result.end(), plan.environment.begin(), plan.environment.end());
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
  explicit SpawnPlan(const StandardFiles& files) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, files.input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, files.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, files.errors, STDERR_FILENO);
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

bool may_hold_secret(std::string_view variable) {
  constexpr std::array<std::string_view, 8> kSecrets = {"TOKEN_GITHUB",
                                                        "GITHUB_TOKEN",
                                                        "GH_TOKEN",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SESSION_TOKEN",
                                                        "AWS_SECURITY_TOKEN",
                                                        "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
  return variable.starts_with("HUBKEEP_") ||
         std::find(kSecrets.begin(), kSecrets.end(), variable) != kSecrets.end();
}

bool is_plain(std::string_view variable) {
  constexpr std::array<std::string_view, 8> kPlain = {"PATH", "HOME",   "USER", "LOGNAME",
                                                      "LANG", "TMPDIR", "TZ",   "LANGUAGE"};
  // LD_: where libraries are, of Lambda's zip for one.
  return variable.starts_with("LC_") || variable.starts_with("LD_") ||
         std::find(kPlain.begin(), kPlain.end(), variable) != kPlain.end();
}

Subprocess::Subprocess(const ProcessPlan& plan, std::stop_token stop)
    : name_(plan.arguments.front()),
      time_limit_(plan.time_limit),
      output_limit_(plan.output_limit),
      stop_(std::move(stop)),
      output_(::fdopen(::memfd_create("output", MFD_CLOEXEC), "w+")),
      errors_(::fdopen(::memfd_create("errors", MFD_CLOEXEC), "w+")),
      on_output_(plan.on_output) {
  // A socket and no pipe: send() can be told not to raise SIGPIPE when the program is gone.
  int ends[2];
  if (!output_ || !errors_ || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(errno, "prepare to run " + name_);
  }
  input_ = File(::fdopen(ends[0], "w"));
  // Closed here once the child has its own: else send() would not notice that the child is gone.
  const File theirs(::fdopen(ends[1], "r"));
  if (on_output_) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) fail(errno, "prepare to run " + name_);
    pipe_ = File(::fdopen(pipe[0], "r"));
    // Their end takes the places of both outputs, and is closed here once the child has its own.
    const File their_end(::fdopen(pipe[1], "w"));
    spawn(plan, {ends[1], pipe[1], pipe[1]});
    reader_ = std::jthread([this] { read_pipe(); });
  } else {
    spawn(plan, {ends[1], ::fileno(output_.get()), ::fileno(errors_.get())});
  }
  // From another thread: this one may be in waitid().
  kill_on_stop_.emplace(stop_, [this] { kill_group(); });
}

void Subprocess::spawn(const ProcessPlan& plan, const StandardFiles& files) {
  const SpawnPlan start(files);
  auto arguments = plan.arguments;
  auto environment = environment_for_child(plan);
  const int error = ::posix_spawnp(&pid_, name_.c_str(), start.actions(), start.attributes(),
                                   pointers_to(arguments).data(), pointers_to(environment).data());
  if (error == 0) return;
  pid_ = -1;
  if (error == ENOENT) {
    throw Error(ErrorKind::not_found, "there is no program '" + printable(name_) + "' in PATH");
  }
  fail(error, "run " + name_);
}

Subprocess::~Subprocess() {
  kill_on_stop_.reset();
  if (pid_ < 0) return;
  kill_group();
  ::waitpid(pid_, nullptr, 0);
}

// Not after it was reaped: its number may be another's then.
void Subprocess::kill_group() const {
  ::kill(-pid_, SIGKILL);
}

bool Subprocess::has_written_too_much() const {
  const auto is_too_large = [&](const File& file) {
    struct stat status{};
    return ::fstat(::fileno(file.get()), &status) == 0 &&
           static_cast<ByteCount>(status.st_size) > output_limit_;
  };
  return is_too_large(output_) || is_too_large(errors_);
}

void Subprocess::expire() {
  expired_ = true;
  kill_group();
}

void Subprocess::write(std::string_view bytes) {
  pollfd readiness{.fd = ::fileno(input_.get()), .events = POLLOUT, .revents = 0};
  flooded_ = flooded_ || has_written_too_much();
  while (!bytes.empty() && !expired_ && !flooded_) {
    const auto count = ::send(readiness.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      // It has read nothing for the whole time: see Subprocess.IsKilledWhenItReadsNothingForTooLong.
      if (::poll(&readiness, 1, static_cast<int>(time_limit_.count())) == 0) expire();
    } else if (errno != EINTR) {
      return;
    }
  }
}

// It is only looked at here and reaped later, when nothing can still kill its number.
void Subprocess::await_end() {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::jthread limit([&](const std::stop_token& has_ended) {
    const auto end = std::chrono::steady_clock::now() + time_limit_;
    std::unique_lock lock(mutex);
    while (!has_ended.stop_requested()) {
      flooded_ = flooded_ || has_written_too_much();
      if (flooded_) return kill_group();
      if (std::chrono::steady_clock::now() >= end) return expire();
      ended.wait_for(lock, has_ended, kLookAtOutput, [] { return false; });
    }
  });
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
}

ProcessResult Subprocess::wait() {
  input_.reset();
  await_end();
  kill_on_stop_.reset();
  int status = 0;
  // What it has started itself may hold the pipe, and outlive it.
  if (reader_.joinable()) kill_group();
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  if (reader_.joinable()) reader_.join();
  if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
  if (expired_) {
    throw Error(ErrorKind::internal,
                fmt::format("{} took longer than {} s: it was ended", printable(name_),
                            std::chrono::ceil<std::chrono::seconds>(time_limit_).count()));
  }
  // Also of one that was quick.
  if (flooded_ || has_written_too_much()) {
    throw Error(ErrorKind::internal, fmt::format("{} wrote more than {}: it was ended", printable(name_),
                                                 human_size(output_limit_)));
  }
  constexpr int kSignalled = 128;
  return {.exit_code = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status),
          .output = content(output_.get()),
          .errors = content(errors_.get())};
}

void Subprocess::read_pipe() {
  std::vector<char> buffer(std::size_t{64} << 10);
  for (;;) {
    const auto count = ::read(::fileno(pipe_.get()), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    on_output_({buffer.data(), static_cast<std::size_t>(count)});
  }
}

std::string Subprocess::content(std::FILE* file) {
  std::string bytes;
  std::vector<char> buffer(std::size_t{64} << 10);
  for (;;) {
    const auto count =
        ::pread(::fileno(file), buffer.data(), buffer.size(), static_cast<off_t>(bytes.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return bytes;
}

ProcessResult run_process(const ProcessPlan& plan, std::string_view input, const std::stop_token& stop) {
  Subprocess process(plan, stop);
  process.write(input);
  return process.wait();
}

}  // namespace hubkeep
