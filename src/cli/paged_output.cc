#include "cli/paged_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <vector>

#include "base/subprocess.h"
#include "base/text.h"
#include "cli/output.h"

namespace hubkeep {
namespace {

std::string value_of(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// As git: less shows what fits and ends, obeys colours alone, and leaves the text on the screen.
std::vector<std::string> variables_of(Environment environment) {
  environment.try_emplace("LESS", "FRX");
  environment.try_emplace("LV", "-c");
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment)
    if (!may_hold_secret(name)) variables.push_back(name + "=" + value);
  return variables;
}

// A plain program is started without a shell: whether it is there is known then.
std::vector<std::string> arguments_of(const std::string& pager) {
  const bool is_plain = pager.find_first_of("|&;<>()$`\\\"' \t\n*?[#~=%") == std::string::npos;
  return is_plain ? std::vector<std::string>{pager} : std::vector<std::string>{"sh", "-c", pager};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// This program blocks and ignores signals that a pager lives by.
class Attributes {
 public:
  Attributes() {
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&usual, signal);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// -1 where it does not start.
pid_t spawn(const std::string& pager, const Environment& environment, int input) {
  std::vector<std::string> arguments = arguments_of(pager);
  std::vector<std::string> variables = variables_of(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  const Attributes attributes;
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments.front().c_str(), &actions, attributes.get(),
                                 pointers_to(arguments).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

}  // namespace

std::string pager_of(const Environment& environment, bool is_terminal) {
  const std::string terminal = value_of(environment, "TERM");
  if (!is_terminal || terminal.empty() || terminal == "dumb") return "";
  for (const char* variable : {"GIT_PAGER", "PAGER"}) {
    const auto found = environment.find(variable);
    if (found != environment.end()) return found->second == "cat" ? "" : found->second;
  }
  return "less";
}

std::size_t terminal_width(const Environment& environment) {
  constexpr std::size_t kUsual = 80;
  if (isatty(STDOUT_FILENO) != 1) return 0;
  const std::string columns = value_of(environment, "COLUMNS");
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  winsize size{};
  if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
  return width == 0 ? kUsual : width;
}

PagedOutput::PagedOutput(const std::string& pager, const Environment& environment) {
  std::array<int, 2> ends{};
  if (pager.empty() || ::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  const FileDescriptor reading(ends[0]);
  input_ = FileDescriptor(ends[1]);
  pager_ = spawn(pager, environment, reading.get());
}

PagedOutput::~PagedOutput() {
  input_ = FileDescriptor();
  while (pager_ > 0 && ::waitpid(pager_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void PagedOutput::print(std::string_view text) {
  if (pager_ < 0) return hubkeep::print(text);
  const std::string safe = printable_lines(text);
  std::string_view rest = safe;
  while (!rest.empty() && !was_left_) {
    const ssize_t written = ::write(input_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) was_left_ = true;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool PagedOutput::is_lost() const {
  return pager_ < 0 ? is_output_lost() : was_left_;
}

}  // namespace hubkeep
