// Loaded into hubkeep with LD_PRELOAD: writes down each call by which the folder store changes a vault, and
// at one of them kills the process, fails, or holds it. Calls that the file system is to lack fail each time,
// whatever else happens. What it is told, by environment variables, and what
// it writes stand in e2e/file_faults.h.

#include <dlfcn.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <typename Function>
Function* next_in_line(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// "link=1 lock=37": an error number for each operation.
std::map<std::string, int, std::less<>> numbers_in(const std::string& text) {
  std::map<std::string, int, std::less<>> numbers;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    numbers[word.substr(0, equals)] = std::atoi(word.c_str() + equals + 1);
  }
  return numbers;
}

struct Plan {
  const std::string root = variable("FILE_FAULT_ROOT");
  const std::string log = variable("FILE_FAULT_LOG");
  const std::string object = variable("FILE_FAULT_OBJECT");
  const std::string operation = variable("FILE_FAULT_OPERATION");
  const std::string action = variable("FILE_FAULT_ACTION");
  const std::string argument = variable("FILE_FAULT_ARGUMENT");
  const int number = std::atoi(variable("FILE_FAULT_CALL").c_str());
  const bool and_all_after = variable("FILE_FAULT_CALL").ends_with('+');
  const std::map<std::string, int, std::less<>> lacking = numbers_in(variable("FILE_FAULT_LACKING"));
  const unsigned long type = std::strtoul(variable("FILE_FAULT_TYPE").c_str(), nullptr, 16);
  const bool pauses = !variable("FILE_FAULT_PAUSES").empty();
  std::mutex mutex;
  int calls = 0;  // guarded by mutex
};

Plan& plan() {
  static auto& instance = *new Plan;  // outlives what runs at exit
  return instance;
}

// Folders are made, synced and locked for the object that this thread has begun last.
thread_local std::string object_of_thread = "-";

std::string path_of(int descriptor) {
  if (plan().root.empty()) return {};
  char path[4096];
  const auto size = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path, sizeof path);
  return size < 0 ? "" : std::string(path, static_cast<std::size_t>(size));
}

std::string path_of(int folder, const char* name) {
  return *name == '/' || folder == AT_FDCWD ? name : path_of(folder) + "/" + name;
}

bool is_inside(const std::string& path) {
  const auto& root = plan().root;
  return !root.empty() && path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

bool is_folder(int descriptor) {
  struct stat status{};
  return ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

// "x.bundle" of ".tmp/<random>-x.bundle", and of any other file its last component.
std::string object_at(std::string_view path) {
  std::string_view name = path.substr(path.rfind('/') + 1);
  if (path.find("/.tmp/") != std::string_view::npos) name.remove_prefix(name.find('-') + 1);
  return std::string(name);
}

// A lock is made for an object, and is none.
void begin_object(const std::string& path) {
  if (is_inside(path) && !object_at(path).starts_with("lock")) object_of_thread = object_at(path);
}

struct Call {
  std::string_view operation;
  std::string path;
  std::string object;
  std::string_view lacking_as = operation;  // what it is called where it is lacking
};

void write_down(const Call& call, bool succeeded) {
  const std::string line =
      std::string(call.operation) + (succeeded ? " ok " : " failed ") + call.object + " " + call.path + "\n";
  const int file = ::open(plan().log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::syscall(SYS_write, file, line.data(), line.size());
  ::close(file);
}

bool is_chosen(const Call& call) {
  auto& p = plan();
  if (p.action.empty() || ::fnmatch(p.object.c_str(), call.object.c_str(), 0) != 0) return false;
  if (!p.operation.empty() && p.operation != call.operation) return false;
  const std::scoped_lock lock(p.mutex);
  ++p.calls;
  return p.and_all_after ? p.calls >= p.number : p.calls == p.number;
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

// Until the test has removed the file that says so.
void hold() {
  const auto& file = plan().argument;
  ::close(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  while (::access(file.c_str(), F_OK) == 0) ::usleep(1000);
}

// `size`: how much a write writes.
template <typename Real>
auto observed(const Call& call, const Real& real, size_t* size = nullptr) -> decltype(real()) {
  if (!is_inside(call.path)) return real();
  const std::string_view action = is_chosen(call) ? std::string_view(plan().action) : "";
  if (action == "kill-before") die();
  if (action == "hold") hold();
  if (action == "fail") {
    write_down(call, false);
    errno = std::atoi(plan().argument.c_str());
    return -1;
  }
  if (action == "kill-torn" && size != nullptr) {
    *size = *size * static_cast<size_t>(std::atoi(plan().argument.c_str())) / 100;
  }
  const auto lacking = plan().lacking.find(call.lacking_as);
  if (lacking != plan().lacking.end()) {
    write_down(call, false);
    if (action == "kill-after" || action == "kill-torn") die();
    errno = lacking->second;
    return -1;
  }
  const auto result = real();
  const int error = errno;
  write_down(call, result >= 0);
  if (action == "kill-after" || action == "kill-torn") die();
  errno = error;
  return result;
}

int observed_rename(std::string_view lacking_as, int folder, const char* name, int to_folder,
                    const char* to_name, const auto& real) {
  const auto object = object_at(path_of(folder, name));
  return observed({.operation = lacking_as.substr(0, lacking_as.find('-')),
                   .path = path_of(to_folder, to_name),
                   .object = object,
                   .lacking_as = lacking_as},
                  real);
}

}  // namespace

extern "C" {

int openat(int folder, const char* name, int flags, ...) {
  static auto* const real = next_in_line<int(int, const char*, int, ...)>("openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_DIRECTORY) != 0) return real(folder, name, flags, mode);
  const std::string path = path_of(folder, name);
  const bool makes = (flags & O_EXCL) != 0;
  if (makes) begin_object(path);
  return observed({.operation = makes ? "make" : "open", .path = path, .object = object_at(path)},
                  [&] { return real(folder, name, flags, mode); });
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  static auto* const real = next_in_line<ssize_t(int, const void*, size_t)>("write");
  const std::string path = path_of(descriptor);
  begin_object(path);
  return observed(
      {.operation = "write", .path = path, .object = object_at(path)},
      [&] { return real(descriptor, bytes, size); }, &size);
}

int fsync(int descriptor) {
  static auto* const real = next_in_line<int(int)>("fsync");
  const std::string path = path_of(descriptor);
  const bool folder = is_folder(descriptor);
  if (!folder) begin_object(path);
  return observed({.operation = folder ? "sync-folder" : "sync", .path = path, .object = object_of_thread},
                  [&] { return real(descriptor); });
}

int sync_file_range(int descriptor, off64_t offset, off64_t count, unsigned int flags) {
  static auto* const real = next_in_line<int(int, off64_t, off64_t, unsigned int)>("sync_file_range");
  const std::string path = path_of(descriptor);
  return observed({.operation = "flush", .path = path, .object = object_at(path)},
                  [&] { return real(descriptor, offset, count, flags); });
}

int mkdir(const char* path, mode_t mode) {
  static auto* const real = next_in_line<int(const char*, mode_t)>("mkdir");
  return observed({.operation = "mkdir", .path = path, .object = object_of_thread},
                  [&] { return real(path, mode); });
}

int mkdirat(int folder, const char* name, mode_t mode) {
  static auto* const real = next_in_line<int(int, const char*, mode_t)>("mkdirat");
  return observed({.operation = "mkdir", .path = path_of(folder, name), .object = object_of_thread},
                  [&] { return real(folder, name, mode); });
}

int flock(int descriptor, int operation) {
  static auto* const real = next_in_line<int(int, int)>("flock");
  return observed({.operation = "lock", .path = path_of(descriptor), .object = object_of_thread},
                  [&] { return real(descriptor, operation); });
}

int renameat2(int folder, const char* name, int to_folder, const char* to_name, unsigned int flags) {
  static auto* const real = next_in_line<int(int, const char*, int, const char*, unsigned int)>("renameat2");
  return observed_rename((flags & RENAME_NOREPLACE) != 0 ? "rename-new" : "rename", folder, name, to_folder,
                         to_name, [&] { return real(folder, name, to_folder, to_name, flags); });
}

int renameat(int folder, const char* name, int to_folder, const char* to_name) {
  static auto* const real = next_in_line<int(int, const char*, int, const char*)>("renameat");
  return observed_rename("rename", folder, name, to_folder, to_name,
                         [&] { return real(folder, name, to_folder, to_name); });
}

int linkat(int folder, const char* name, int to_folder, const char* to_name, int flags) {
  static auto* const real = next_in_line<int(int, const char*, int, const char*, int)>("linkat");
  return observed_rename("link", folder, name, to_folder, to_name,
                         [&] { return real(folder, name, to_folder, to_name, flags); });
}

int unlinkat(int folder, const char* name, int flags) {
  static auto* const real = next_in_line<int(int, const char*, int)>("unlinkat");
  const std::string path = path_of(folder, name);
  return observed({.operation = "remove", .path = path, .object = object_at(path)},
                  [&] { return real(folder, name, flags); });
}

int symlinkat(const char* target, int folder, const char* name) {
  static auto* const real = next_in_line<int(const char*, int, const char*)>("symlinkat");
  const std::string path = path_of(folder, name);
  return observed({.operation = "symlink", .path = path, .object = object_at(path)},
                  [&] { return real(target, folder, name); });
}

int fchmodat(int folder, const char* name, mode_t mode, int flags) {
  static auto* const real = next_in_line<int(int, const char*, mode_t, int)>("fchmodat");
  const std::string path = path_of(folder, name);
  return observed({.operation = "chmod", .path = path, .object = object_at(path)},
                  [&] { return real(folder, name, mode, flags); });
}

int fchmod(int descriptor, mode_t mode) {
  static auto* const real = next_in_line<int(int, mode_t)>("fchmod");
  const std::string path = path_of(descriptor);
  return observed({.operation = "chmod", .path = path, .object = object_at(path)},
                  [&] { return real(descriptor, mode); });
}

void* mmap64(void* address, size_t size, int protection, int flags, int descriptor, off64_t offset) {
  static auto* const real = next_in_line<void*(void*, size_t, int, int, int, off64_t)>("mmap64");
  const auto lacking = plan().lacking.find("map");
  if (descriptor >= 0 && lacking != plan().lacking.end() && is_inside(path_of(descriptor))) {
    errno = lacking->second;
    return MAP_FAILED;
  }
  return real(address, size, protection, flags, descriptor, offset);
}

void* mmap(void* address, size_t size, int protection, int flags, int descriptor, off_t offset) {
  return mmap64(address, size, protection, flags, descriptor, offset);
}

int fstatfs64(int descriptor, struct statfs64* status) {
  static auto* const real = next_in_line<int(int, struct statfs64*)>("fstatfs64");
  const int result = real(descriptor, status);
  if (result == 0 && plan().type != 0 && is_inside(path_of(descriptor)))
    status->f_type = static_cast<decltype(status->f_type)>(plan().type);
  return result;
}

int fstatfs(int descriptor, struct statfs* status) {
  return fstatfs64(descriptor, reinterpret_cast<struct statfs64*>(status));  // the same on 64 bits
}

// Nobody is waited for who does not come, unless somebody does.
int nanosleep(const timespec* time, timespec* rest) {
  static auto* const real = next_in_line<int(const timespec*, timespec*)>("nanosleep");
  return plan().pauses ? real(time, rest) : 0;
}

}  // extern "C"
