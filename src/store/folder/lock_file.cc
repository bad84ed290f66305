// The file says who made it, so that others can tell that its maker is dead: at once where they can look (the
// same boot of the same machine, in the same namespace of processes), else when it is older than kLockLease
// by the file system's own clock. A holder looks at its lock once more before it changes anything
// (is_held()), and gives up long before it could be taken from it.
//
// Between the making of the file and the writing of its content a process can be killed. What stays empty for
// kEmptyLooks looks is left over; a maker who was only slow finds another's content then, and begins anew.
//
// Two may find the same file left over, and the slower one must not remove the lock that the faster one has
// made since. So who removes it makes a file first whose name is that of what was seen (the lock's, and a
// hash of its content and time), and looks again. That is a lock too, and when its maker dies it is left over
// in the same way. See LockFileTest.
#include "store/folder/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"
#include "store/folder/folder_clock.h"

namespace hubkeep {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr std::size_t kMostContent = 1024;
constexpr int kEmptyLooks = 1000;  // ten seconds of those in FolderRoot::lock()
constexpr int kAgeLooks = 100;     // looks at the clock: a file is made for each
constexpr int kPassingFailures = 100;
constexpr std::size_t kHashDigits = 16;

std::string read_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Runs on while the machine sleeps.
std::chrono::nanoseconds time_since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// Those whose process numbers mean the same: one boot, and one namespace in it. Empty where nobody tells.
std::string process_space() {
  char space[64];
  const auto size = ::readlink("/proc/self/ns/pid", space, sizeof space);
  const std::string boot = read_line("/proc/sys/kernel/random/boot_id");
  if (size <= 0 || boot.empty()) return "-";
  return boot + "/" + std::string(space, static_cast<std::size_t>(size));
}

// proc(5): the 22nd field, and the state in the third. The name before them may hold anything. Empty for a
// process that is not there, or that /proc does not show.
std::string start_of_process(const std::string& process) {
  const std::string line = read_line("/proc/" + process + "/stat");
  const auto end_of_name = line.rfind(") ");
  if (end_of_name == std::string::npos) return {};
  const std::string after_name = line.substr(end_of_name + 2);
  const auto fields = split(after_name, ' ');
  if (fields.size() < 20) return {};
  return fields[0] == "Z" || fields[0] == "X" ? "ended" : std::string(fields[19]);
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0 || *name == '\0') return "-";
  std::string host(name);
  std::replace(host.begin(), host.end(), ' ', '-');
  return host;
}

// Nothing where there is none.
std::optional<std::string> read_small_file(int folder, const std::string& name) {
  const FileDescriptor file(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  char bytes[kMostContent];
  const auto size = file.valid() ? ::read(file.get(), bytes, sizeof bytes) : -1;
  return size < 0 ? std::nullopt : std::optional(std::string(bytes, static_cast<std::size_t>(size)));
}

// One line: "hubkeep", where process numbers are valid, number, start, a number of its own, the host.
std::string content_for_this() {
  const std::string process = std::to_string(::getpid());
  return fmt::format("hubkeep {} {} {} {} {}\n", process_space(), process, start_of_process(process),
                     random_hex(16), host_name());
}

struct Maker {
  std::string space, process, start, host;
};

// Nothing for what is not whole.
std::optional<Maker> maker_in(const std::string& content) {
  const auto words = split(content, ' ');
  if (words.size() != 6 || words[0] != "hubkeep" || !content.ends_with('\n')) return std::nullopt;
  return Maker{.space = std::string(words[1]),
               .process = std::string(words[2]),
               .start = std::string(words[3]),
               .host = std::string(words[5].substr(0, words[5].size() - 1))};
}

// Where /proc hides other users' processes (hidepid=, ProtectProc=), a living one looks like none there.
bool is_gone(const std::string& process) {
  pid_t number = 0;
  const auto [end, error] = std::from_chars(process.data(), process.data() + process.size(), number);
  return error == std::errc() && number > 0 && ::kill(number, 0) != 0 && errno == ESRCH;
}

// Of others nobody here can say.
bool is_known_dead(const Maker& maker) {
  if (maker.space == "-" || maker.space != process_space() || maker.start.empty()) return false;
  const std::string start = start_of_process(maker.process);
  return start.empty() ? is_gone(maker.process) : start != maker.start;
}

}  // namespace

LockFile::LockFile(FileDescriptor folder, std::string name, std::string content,
                   std::chrono::nanoseconds since)
    : folder_(std::move(folder)), name_(std::move(name)), content_(std::move(content)), since_(since) {}

bool LockFile::is_held() const {
  return time_since_boot() - since_ < kLongestHold && read_small_file(folder_.get(), name_) == content_;
}

LockFile::~LockFile() {
  if (folder_.valid() && read_small_file(folder_.get(), name_) == content_)
    ::unlinkat(folder_.get(), name_.c_str(), 0);
}

std::optional<LockFile> LockFileWaiter::look() {
  if (auto made = make()) return made;
  if (error_ != 0) return std::nullopt;
  const auto seen = see();
  if (!seen) return std::nullopt;  // released just now
  looks_ = seen == seen_ ? looks_ + 1 : 1;
  seen_ = seen;
  if (is_left_over(*seen)) remove_left_over(*seen);
  return std::nullopt;
}

// Written before it is read again: what others see of it counts, and some file systems show a file to nobody
// as long as it is open.
std::optional<LockFile> LockFileWaiter::make() {
  const auto begun = time_since_boot();
  FileDescriptor file(::openat(folder_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
  if (!file.valid()) {
    hear_of_failure(errno);
    return std::nullopt;
  }
  passing_failures_ = 0;
  const std::string content = content_for_this();
  const auto written = ::write(file.get(), content.data(), content.size());
  int failure = written == static_cast<ssize_t>(content.size()) ? 0 : written < 0 ? errno : ENOSPC;
  if (::close(file.release()) != 0 && failure == 0) failure = errno;
  if (failure != 0) {
    error_ = failure;
    ::unlinkat(folder_, name_.c_str(), 0);
    return std::nullopt;
  }
  if (read_small_file(folder_, name_) != content) return std::nullopt;
  return LockFile(FileDescriptor(::fcntl(folder_, F_DUPFD_CLOEXEC, 0)), name_, content, begun);
}

// A name that is removed while somebody looks at the file is neither free nor taken on SMB: ENOENT, EBUSY in
// newer kernels. ESTALE is NFS's word for what has just gone.
void LockFileWaiter::hear_of_failure(int error_number) {
  if (error_number == EEXIST || error_number == EINTR) return;
  const bool may_pass = error_number == ENOENT || error_number == EBUSY || error_number == ESTALE;
  if (!may_pass || ++passing_failures_ >= kPassingFailures) error_ = error_number;
}

std::optional<LockFileWaiter::Seen> LockFileWaiter::see() const {
  struct stat status{};
  if (::fstatat(folder_, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  const auto content = read_small_file(folder_, name_);
  if (!content) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  return Seen{.content = *content, .modified = status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec};
}

bool LockFileWaiter::is_left_over(const Seen& seen) {
  const auto maker = maker_in(seen.content);
  if (maker && is_known_dead(*maker)) return true;
  if (!maker && looks_ >= kEmptyLooks) return true;
  if (looks_ % kAgeLooks != 1) return false;
  const auto now = time_in(folder_);
  return now && std::chrono::seconds(*now) - std::chrono::nanoseconds(seen.modified) >= kLockLease;
}

void LockFileWaiter::remove_left_over(const Seen& seen) {
  const std::string hash = sha256_hex(seen.content + std::to_string(seen.modified)).substr(0, kHashDigits);
  LockFileWaiter remover(folder_, std::string(kLockFileName) + "-" + hash);
  const auto right_to_remove = remover.look();
  if (right_to_remove && see() == seen) ::unlinkat(folder_, name_.c_str(), 0);
}

std::string LockFileWaiter::holder() const {
  const auto maker = maker_in(seen_ ? seen_->content : "");
  return maker ? fmt::format("process {} on {}", printable(maker->process), printable(maker->host))
               : "a process that did not say which";
}

}  // namespace hubkeep
