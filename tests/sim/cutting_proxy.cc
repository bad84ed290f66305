#include "sim/cutting_proxy.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>

#include "base/error.h"

namespace hubkeep::sim {

struct CuttingProxy::Connection {
  FileDescriptor client;
  FileDescriptor server;
  ProxyRule rule;
  std::jthread thread;  // last: it uses the others
};

namespace {

void shut(const FileDescriptor& socket) {
  if (socket.valid()) ::shutdown(socket.get(), SHUT_RDWR);
}

void sleep(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace

CuttingProxy::CuttingProxy(int target_port, std::string target_address)
    : target_port_(target_port),
      target_address_(std::move(target_address)),
      listener_(listen_on("127.0.0.1", 0)),
      port_(local_port(listener_)) {
  thread_ = std::jthread([this](std::stop_token stop) { accept_all(stop); });
}

CuttingProxy::~CuttingProxy() {
  thread_.request_stop();
  shut(listener_);
  thread_.join();
  {
    std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
      connection.thread.request_stop();
      shut(connection.client);
      shut(connection.server);
    }
  }
  connections_.clear();
}

std::string CuttingProxy::origin() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

void CuttingProxy::set_rule(ProxyRule rule) {
  std::lock_guard lock(mutex_);
  rule_ = rule;
}

void CuttingProxy::set_rule(std::uint64_t connection, ProxyRule rule) {
  std::lock_guard lock(mutex_);
  special_rules_.emplace_front(accepted_ + connection, rule);
}

std::uint64_t CuttingProxy::connections() const {
  std::lock_guard lock(mutex_);
  return accepted_;
}

std::uint64_t CuttingProxy::bytes_downstream() const {
  std::lock_guard lock(mutex_);
  return down_;
}

std::uint64_t CuttingProxy::bytes_upstream() const {
  std::lock_guard lock(mutex_);
  return up_;
}

ProxyRule CuttingProxy::rule_for(std::uint64_t connection) const {
  auto found = std::find_if(special_rules_.begin(), special_rules_.end(),
                            [&](const auto& special) { return special.first == connection; });
  return found == special_rules_.end() ? rule_ : found->second;
}

void CuttingProxy::accept_all(std::stop_token stop) {
  while (!stop.stop_requested()) {
    FileDescriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client.valid()) continue;
    std::lock_guard lock(mutex_);
    Connection& connection = connections_.emplace_back();
    connection.client = std::move(client);
    connection.rule = rule_for(accepted_++);
    connection.thread = std::jthread(
        [this, &connection](std::stop_token connection_stop) { run(connection, connection_stop); });
  }
}

void CuttingProxy::run(Connection& connection, std::stop_token stop) {
  if (connection.rule.delay.count() > 0) sleep(connection.rule.delay, stop);
  try {
    FileDescriptor server = connect_to(target_address_, target_port_);
    std::lock_guard lock(mutex_);
    connection.server = std::move(server);
  } catch (const Error&) {
    shut(connection.client);
    return;
  }
  if (stop.stop_requested()) shut(connection.server);
  {
    std::jthread upstream([&] { forward_up(connection); });
    forward_down(connection, stop);
    // Ends the other direction too.
    shut(connection.server);
    if (!connection.rule.reset) shut(connection.client);
    ::shutdown(connection.client.get(), SHUT_RD);
  }
  std::lock_guard lock(mutex_);
  if (connection.rule.reset) reset_on_close(connection.client);
  connection.client.close();
  connection.server.close();
}

void CuttingProxy::forward_down(Connection& connection, std::stop_token stop) {
  std::uint64_t left = connection.rule.cut_after.value_or(UINT64_MAX);
  while (left > 0 && !stop.stop_requested()) {
    std::string bytes = receive_some(connection.server);
    if (bytes.empty()) return;
    std::string_view rest = std::string_view(bytes).substr(0, left);
    left -= rest.size();
    std::size_t step = connection.rule.bytes_per_second == 0
                           ? rest.size()
                           : std::max<std::size_t>(connection.rule.bytes_per_second / 20, 1);
    while (!rest.empty() && !stop.stop_requested()) {
      {
        // Counted first, so that a client which has seen them finds them counted.
        std::lock_guard lock(mutex_);
        down_ += std::min(step, rest.size());
      }
      if (!send_all(connection.client, rest.substr(0, step))) return;
      rest.remove_prefix(std::min(step, rest.size()));
      if (connection.rule.bytes_per_second > 0) sleep(std::chrono::milliseconds(50), stop);
    }
  }
}

void CuttingProxy::forward_up(Connection& connection) {
  while (true) {
    std::string bytes = receive_some(connection.client);
    if (bytes.empty()) break;
    {
      std::lock_guard lock(mutex_);
      up_ += bytes.size();
    }
    if (!send_all(connection.server, bytes)) break;
  }
  ::shutdown(connection.server.get(), SHUT_WR);
}

}  // namespace hubkeep::sim
