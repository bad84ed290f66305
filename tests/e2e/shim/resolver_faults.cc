// Loaded into hubkeep with LD_PRELOAD: every name below hubkeep.test is this machine, and some look-ups fail.
// What it is told, by environment variables, and what it writes stand in e2e/resolver_faults.h.

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/syscall.h>
#include <unistd.h>

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

struct Fault {
  int times = 0;
  int error = 0;
};

struct Plan {
  Plan() {
    std::istringstream faults(variable("RESOLVER_FAULTS"));
    std::string host;
    Fault fault;
    while (faults >> host >> fault.times >> fault.error) left.emplace(host, fault);
  }
  const std::string log = variable("RESOLVER_LOG");
  std::mutex mutex;
  std::map<std::string, Fault> left;  // guarded by mutex
};

Plan& plan() {
  static auto& instance = *new Plan;  // outlives what runs at exit
  return instance;
}

void write_down(const std::string& host, bool succeeded) {
  const std::string line = host + (succeeded ? " ok\n" : " failed\n");
  const int file = ::open(plan().log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::syscall(SYS_write, file, line.data(), line.size());
  ::close(file);
}

// The error of this look-up; 0: none.
int error_of(const std::string& host) {
  const std::scoped_lock lock(plan().mutex);
  const auto found = plan().left.find(host);
  if (found == plan().left.end() || found->second.times == 0) return 0;
  if (found->second.times > 0) --found->second.times;
  return found->second.error;
}

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  static auto* const real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string host = node == nullptr ? "" : node;
  if (!host.ends_with("hubkeep.test")) return real(node, service, hints, result);
  const int error = error_of(host);
  write_down(host, error == 0);
  return error != 0 ? error : real("127.0.0.1", service, hints, result);
}
