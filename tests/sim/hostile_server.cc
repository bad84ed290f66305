#include "sim/hostile_server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace hubkeep::sim {

namespace {

/// The size that a whole request has, as far as its headers tell; 0 while they have not all come.
std::size_t request_size(const std::string& text) {
  auto end = text.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  std::string headers = to_lower(text.substr(0, end));
  if (headers.find("transfer-encoding: chunked") != std::string::npos) {
    auto last = text.find("0\r\n\r\n", end + 4);
    return last == std::string::npos ? 0 : last + 5;
  }
  std::size_t body = 0;
  constexpr std::string_view kName = "\r\ncontent-length:";
  if (auto at = headers.find(kName); at != std::string::npos) {
    std::string_view value = trim(std::string_view(headers).substr(at + kName.size(), 24));
    std::from_chars(value.data(), value.data() + value.size(), body);
  }
  return end + 4 + body;
}

std::string read_request(const FileDescriptor& connection) {
  std::string out;
  while (true) {
    std::size_t size = request_size(out);
    if (size > 0 && out.size() >= size) return out;
    std::string more = receive_some(connection);
    if (more.empty()) return out;
    out += more;
  }
}

}  // namespace

HostileServer::HostileServer(std::vector<ConnectionScript> scripts)
    : scripts_(std::move(scripts)), listener_(listen_on("127.0.0.1", 0)), port_(local_port(listener_)) {
  thread_ = std::jthread([this](std::stop_token stop) { serve(stop); });
}

HostileServer::HostileServer(std::string bytes)
    : HostileServer(std::vector<ConnectionScript>{{std::move(bytes), ConnectionEnd::close, true}}) {}

HostileServer::~HostileServer() {
  thread_.request_stop();
  ::shutdown(listener_.get(), SHUT_RDWR);
  std::lock_guard lock(mutex_);
  if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
}

std::string HostileServer::origin() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<std::string> HostileServer::received() const {
  std::lock_guard lock(mutex_);
  return received_;
}

std::size_t HostileServer::connections() const {
  return received().size();
}

void HostileServer::serve(std::stop_token stop) {
  for (std::size_t number = 0; !stop.stop_requested(); ++number) {
    FileDescriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid() || scripts_.empty()) continue;
    const ConnectionScript& script = scripts_[std::min(number, scripts_.size() - 1)];
    {
      std::lock_guard lock(mutex_);
      received_.emplace_back();
      current_ = connection.get();
      if (stop.stop_requested()) return;
    }
    serve_one(connection, script);
    std::lock_guard lock(mutex_);
    current_ = -1;
    if (script.end == ConnectionEnd::reset) reset_on_close(connection);
    if (script.end == ConnectionEnd::hang) hanging_.push_back(std::move(connection));
  }
}

void HostileServer::serve_one(const FileDescriptor& connection, const ConnectionScript& script) {
  if (script.read_request) {
    std::string request = read_request(connection);
    std::lock_guard lock(mutex_);
    received_.back() = std::move(request);
  }
  send_all(connection, script.bytes);
}

}  // namespace hubkeep::sim
