#include "sim/http_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <httplib.h>
#include <sys/socket.h>

#include <charconv>
#include <thread>

#include "base/error.h"

namespace hubkeep::sim {

namespace {

constexpr std::size_t kThreads = 64;
constexpr std::size_t kRequestsPerConnection = 100'000;
constexpr std::time_t kIoTimeoutSeconds = 120;  // a client may stall long before it reads on

int port_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return -1;
}

int local_port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? port_of(address) : -1;
}

int peer_port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? port_of(address) : -1;
}

/// The library hands out no sockets, so a connection is found by its ports among this process' descriptors.
/// `peer_port` 0: all connections of the server.
void break_connections(int server_port, int peer_port) {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc/self/fd"), ::closedir);
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    std::string_view name = entry->d_name;
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd < 0 || local_port_of(fd) != server_port) continue;
    int peer = peer_port_of(fd);
    if (peer > 0 && (peer_port == 0 || peer == peer_port)) ::shutdown(fd, SHUT_RDWR);
  }
}

/// Without the "http://host" that a proxy is asked with (RFC 9112, 3.2.2): this server is every host.
std::string path_of(const std::string& target) {
  const std::size_t scheme_end = target.starts_with('/') ? std::string::npos : target.find("://");
  return scheme_end == std::string::npos ? target : target.substr(target.find('/', scheme_end + 3));
}

HttpRequest from_library(const httplib::Request& in, std::string body) {
  HttpRequest out;
  out.method = in.method;
  out.path = path_of(in.path);
  auto question_mark = in.target.find('?');
  if (question_mark != std::string::npos) out.query = in.target.substr(question_mark + 1);
  for (const auto& [name, value] : in.headers) out.headers.emplace_back(name, value);
  std::string length = in.get_header_value("Content-Length");
  out.wire_body_size = body.size();
  std::from_chars(length.data(), length.data() + length.size(), out.wire_body_size);
  out.body = std::move(body);
  return out;
}

bool send_piece(const BodySource& source, bool has_length, httplib::DataSink& sink) {
  try {
    std::string piece = source();
    if (!piece.empty()) return sink.write(piece.data(), piece.size());
    if (has_length) return false;  // it is called only while bytes are to come
    sink.done();
    return true;
  } catch (const ConnectionCut&) {
    return false;
  }
}

void to_library(HttpResponse in, const httplib::Request& request, httplib::Response& out) {
  if (in.close_connection) {
    break_connections(request.local_port, request.remote_port);
    return;
  }
  out.status = in.status;
  std::string type = header_value(in.headers, "Content-Type");
  for (const auto& [name, value] : in.headers) {
    if (name != "Content-Type") out.headers.emplace(name, value);
  }
  // Of a body in one piece the library cuts the range out once more, even of an error's.
  if ((in.status >= 400 || in.status == 206) && request.has_header("Range") && !in.stream)
    in.stream = source_of(std::move(in.body));
  // It would do so of a stream of a known length, too.
  if (in.stream && in.length) const_cast<httplib::Request&>(request).ranges.clear();
  if (in.stream && in.length) {
    out.set_content_provider(
        static_cast<std::size_t>(*in.length), type,
        [source = std::move(in.stream)](std::size_t, std::size_t, httplib::DataSink& sink) {
          return send_piece(source, true, sink);
        });
  } else if (in.stream) {
    out.set_chunked_content_provider(type,
                                     [source = std::move(in.stream)](std::size_t, httplib::DataSink& sink) {
                                       return send_piece(source, false, sink);
                                     });
  } else if (!type.empty() || !in.body.empty()) {
    out.set_content(in.body, type.empty() ? "text/plain" : type);
  }
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, HttpHandler handler) : handler_(std::move(handler)) {
    if (options.certificate.empty()) {
      server_ = std::make_unique<httplib::Server>();
    } else {
      server_ = std::make_unique<httplib::SSLServer>(options.certificate.c_str(), options.key.c_str());
    }
    if (!server_->is_valid()) throw Error(ErrorKind::invalid, "cannot use the certificate");
    configure();
    port_ = options.port;
    bool bound = options.port == 0 ? (port_ = server_->bind_to_any_port(options.bind_address)) > 0
                                   : server_->bind_to_port(options.bind_address, options.port);
    if (!bound) throw Error(ErrorKind::internal, "cannot listen on " + options.bind_address);
    ::listen(listening_socket_, SOMAXCONN);  // the library's own backlog is 5
    thread_ = std::jthread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }

  ~Impl() {
    server_->stop();
    break_connections(port_, 0);
  }

  int port() const { return port_; }

 private:
  void configure() {
    server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_->set_keep_alive_max_count(kRequestsPerConnection);
    server_->set_read_timeout(kIoTimeoutSeconds);
    server_->set_write_timeout(kIoTimeoutSeconds);
    server_->set_tcp_nodelay(true);
    server_->set_socket_options([this](int socket) {
      listening_socket_ = socket;
      int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    server_->Get(".*", [this](const httplib::Request& in, httplib::Response& out) { handle(in, "", out); });
    auto with_body = [this](const httplib::Request& in, httplib::Response& out,
                            const httplib::ContentReader& read) {
      std::string body;
      bool whole = read([&](const char* data, std::size_t size) {
        body.append(data, size);
        return true;
      });
      if (whole) handle(in, std::move(body), out);
    };
    server_->Post(".*", with_body);
    server_->Put(".*", with_body);
    server_->Patch(".*", with_body);
    server_->Delete(".*", with_body);
  }

  void handle(const httplib::Request& in, std::string body, httplib::Response& out) {
    to_library(handler_(from_library(in, std::move(body))), in, out);
  }

  HttpHandler handler_;
  std::unique_ptr<httplib::Server> server_;
  int listening_socket_ = -1;
  int port_ = 0;
  std::jthread thread_;
};

HttpServer::HttpServer(const HttpServerOptions& options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const {
  return impl_->port();
}

}  // namespace hubkeep::sim
