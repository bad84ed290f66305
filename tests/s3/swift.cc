#include "s3/swift.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "sim/git_worker.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

constexpr auto kLongestStart = std::chrono::seconds(120);

constexpr const char* kCluster = R"([swift-hash]
swift_hash_path_suffix = a
swift_hash_path_prefix = b
[storage-policy:0]
name = gold
default = yes
)";

// No workers: each is one process then, and ends when it is killed.
constexpr const char* kStorage = R"([DEFAULT]
devices = {folder}/srv
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
recon_cache_path = {folder}
fallocate_reserve = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
)";

constexpr const char* kProxy = R"([DEFAULT]
bind_ip = 127.0.0.1
bind_port = {proxy_port}
workers = 0
user = {user}
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors cache listing_formats bulk s3api tempauth copy dlo slo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached_port}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin .reseller_admin
[filter:copy]
use = egg:swift#copy
[filter:dlo]
use = egg:swift#dlo
[filter:slo]
use = egg:swift#slo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
)";

std::string name_of_user() {
  const auto* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? std::to_string(::geteuid()) : entry->pw_name;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Swift keeps what it knows of a file with the file: some file systems for temporary files cannot.
bool keeps_attributes() {
  const sim::TemporaryFolder folder;
  return ::setxattr(folder.path().c_str(), "user.hubkeep", "1", 1, 0) == 0;
}

}  // namespace

bool Swift::installed() {
  static const bool found = [] {
    for (const auto* program : {"memcached", "swift-ring-builder", "swift-account-server",
                                "swift-container-server", "swift-object-server", "swift-proxy-server"})
      if (!sim::find_program(program)) return false;
    return keeps_attributes();
  }();
  return found;
}

Swift& Swift::instance() {
  static Swift swift;
  return swift;
}

Swift::Swift()
    : user_(name_of_user()),
      memcached_port_(sim::free_port()),
      account_port_(sim::free_port()),
      container_port_(sim::free_port()),
      object_port_(sim::free_port()),
      proxy_port_(sim::free_port()) {
  std::filesystem::create_directories(folder_ / "srv/d1");
  write("swift.conf", kCluster);
  write("proxy-server.conf", kProxy);
  start({"memcached", "-u", user_, "-l", "127.0.0.1", "-p", std::to_string(memcached_port_), "-U", "0"});
  for (const auto& [kind, port] :
       {std::pair{"account", account_port_}, {"container", container_port_}, {"object", object_port_}}) {
    write(fmt::format("{}-server.conf", kind),
          replaced(replaced(kStorage, "{kind}", kind), "{port}", std::to_string(port)));
    make_ring(kind);
    start({fmt::format("swift-{}-server", kind), folder_ / fmt::format("{}-server.conf", kind)});
  }
  start({"swift-proxy-server", folder_ / "proxy-server.conf"});
  wait_until_ready();
}

std::string Swift::endpoint() const {
  return fmt::format("http://127.0.0.1:{}", proxy_port_);
}

std::string Swift::configured(std::string text) const {
  text = replaced(std::move(text), "{folder}", folder_.path().string());
  text = replaced(std::move(text), "{user}", user_);
  text = replaced(std::move(text), "{secret}", kSecretKey);
  text = replaced(std::move(text), "{memcached_port}", std::to_string(memcached_port_));
  return replaced(std::move(text), "{proxy_port}", std::to_string(proxy_port_));
}

void Swift::write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name) << configured(text);
}

// Of one device on one machine, which the builder warns of: what counts is that there is a ring.
void Swift::make_ring(const std::string& kind) const {
  const int port = kind == "account" ? account_port_ : kind == "container" ? container_port_ : object_port_;
  const std::string builder = folder_ / (kind + ".builder");
  sim::run_checked({"swift-ring-builder", builder, "create", "4", "1", "0"},
                   {.cwd = folder_.path(), .env = {}});
  sim::run_checked({"swift-ring-builder", builder, "add", fmt::format("r1z1-127.0.0.1:{}/d1", port), "1"},
                   {.cwd = folder_.path(), .env = {}});
  const auto result =
      sim::run({"swift-ring-builder", builder, "rebalance"}, {.cwd = folder_.path(), .env = {}});
  if (!std::filesystem::exists(folder_ / (kind + ".ring.gz")))
    throw Error(ErrorKind::internal, "Swift's ring cannot be built: " + result.out + result.err);
}

// It ends with the thread that started it, however that ends: a killed test leaves no servers behind.
void Swift::start(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
  const sim::FileDescriptor none(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const sim::FileDescriptor log(
      ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  servers_.push_back(std::make_unique<sim::ChildProcess>(
      sim::ChildOptions{.argv = std::move(argv), .cwd = folder_.path(), .env = {}}, none, log, log));
}

void Swift::wait_until_ready() const {
  const auto deadline = std::chrono::steady_clock::now() + kLongestStart;
  for (const int port : {memcached_port_, account_port_, container_port_, object_port_, proxy_port_}) {
    while (!sim::accepts_connections(port)) {
      if (std::chrono::steady_clock::now() > deadline) {
        std::ifstream log(folder_ / "log");
        throw Error(ErrorKind::internal,
                    "Swift does not start: " + std::string(std::istreambuf_iterator<char>(log), {}));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
}

}  // namespace hubkeep
