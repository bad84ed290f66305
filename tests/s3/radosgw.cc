#include "s3/radosgw.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/text.h"
#include "sim/git_worker.h"
#include "sim/server_program.h"

namespace hubkeep {
namespace {

using sim::FileDescriptor;

constexpr auto kLongestStart = std::chrono::seconds(120);

// The comments name what does not follow from the option: without these the parts do not talk, or start in
// ten seconds in place of one.
constexpr const char* kConfiguration = R"([global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor_port}]
auth cluster required = none
auth service required = none
auth client required = none
# The gateway insists on encryption otherwise, and hangs without keys.
ms mon client mode = crc secure
public addr = 127.0.0.1
cluster addr = 127.0.0.1
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
ms bind ipv6 = false
debug ms = 0/0
# A commit of the monitor waits this long, and each pool is one.
paxos propose interval = 0.02
paxos min wait = 0.01
[mon.a]
host = localhost
mon data = {folder}/mon
mon initial members = a
[osd]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd class update on start = false
osd crush update on start = false
[client.rgw]
admin socket =
rgw frontends = beast endpoint={address}:{port}
rgw enable ops log = false
rgw run sync thread = false
rgw enable quota threads = false
rgw num rados handles = 1
rgw thread pool size = 32
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = test-key=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
)";

bool listens(const std::string& address, int port) {
  try {
    sim::connect_to(address, port);
    return true;
  } catch (const Error&) {
    return false;
  }
}

bool in_path(std::string_view program) {
  const char* path = std::getenv("PATH");
  const auto folders = split(path == nullptr ? "" : path, ':');
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
    return ::access(fmt::format("{}/{}", folder, program).c_str(), X_OK) == 0;
  });
}

std::string make_uuid() {
  const std::string hex = random_hex(32);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string replace_all(std::string text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

bool Radosgw::installed() {
  for (const auto* program : {"ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"})
    if (!in_path(program)) return false;
  return true;
}

Radosgw& Radosgw::instance() {
  static Radosgw radosgw;
  return radosgw;
}

Radosgw::Radosgw(std::string address)
    : address_(std::move(address)),
      port_(sim::free_port()),
      monitor_port_(sim::free_port()),
      cluster_id_(make_uuid()) {
  write_configuration();
  start_monitor();
  start_osd();
  start_gateway();
}

std::string Radosgw::endpoint() const {
  return fmt::format("http://{}:{}", address_, port_);
}

void Radosgw::write_configuration() {
  std::string text = kConfiguration;
  text = replace_all(text, "{folder}", folder_.path().string());
  text = replace_all(text, "{fsid}", cluster_id_);
  text = replace_all(text, "{address}", address_);
  text = replace_all(text, "{port}", std::to_string(port_));
  text = replace_all(text, "{monitor_port}", std::to_string(monitor_port_));
  std::ofstream(folder_ / "ceph.conf") << text;
  for (const auto* name : {"mon", "osd"}) std::filesystem::create_directory(folder_ / name);
}

void Radosgw::start_monitor() {
  const std::string map = folder_ / "monmap";
  run({"monmaptool", "--create", "--fsid", cluster_id_, "--addv", "a",
       fmt::format("[v2:127.0.0.1:{}]", monitor_port_), map});
  run({"ceph-mon", "-i", "a", "--mkfs", "--monmap", map});
  monitor_ = start({"ceph-mon", "-f", "-i", "a"});
}

void Radosgw::start_osd() {
  const std::string id = make_uuid();
  run({"ceph", "--connect-timeout", "60", "osd", "new", id});
  run({"ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", id});
  run({"ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default"});
  osd_ = start({"ceph-osd", "-f", "-i", "0"});
}

void Radosgw::start_gateway() {
  run({"radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=test", "--display-name=test",
       fmt::format("--access-key={}", kAccessKey), fmt::format("--secret={}", kSecretKey)});
  gateway_ = start({"radosgw", "-f", "-n", "client.rgw"});
  const auto deadline = std::chrono::steady_clock::now() + kLongestStart;
  while (!listens(address_, port_)) {
    if (std::chrono::steady_clock::now() > deadline)
      throw Error(ErrorKind::internal, "radosgw does not start");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// It ends with the thread that started it, however that ends: a killed test leaves no daemons behind.
std::unique_ptr<sim::ChildProcess> Radosgw::start(std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"setpriv", "--pdeathsig", "KILL"});
  argv.insert(argv.end(), {"-c", (folder_ / "ceph.conf").string()});
  const FileDescriptor none(::open("/dev/null", O_RDWR | O_CLOEXEC));
  return std::make_unique<sim::ChildProcess>(
      sim::ChildOptions{.argv = std::move(argv), .cwd = folder_.path(), .env = {}}, none, none, none);
}

void Radosgw::run(std::vector<std::string> argv) {
  argv.insert(argv.end(), {"-c", (folder_ / "ceph.conf").string()});
  sim::run_checked(argv, {.cwd = folder_.path(), .env = {}});
}

}  // namespace hubkeep
