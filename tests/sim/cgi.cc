#include "sim/cgi.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>

#include "base/text.h"
#include "sim/child_process.h"

namespace hubkeep::sim {

namespace {

constexpr std::size_t kPiece = 65536;
constexpr const char* kInflatedBodyLimit = "1073741824";

/// The running program and the reading end of its standard output.
class Backend {
 public:
  Backend(const ChildOptions& options, std::string_view body) : in_(memory_file(body)) {
    Pipe pipe = make_pipe();
    FileDescriptor err(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    process_ = std::make_unique<ChildProcess>(options, in_, pipe.write_end, err);
    out_ = std::move(pipe.read_end);
  }

  std::string read() {
    std::string piece(kPiece, '\0');
    ssize_t size;
    do {
      size = ::read(out_.get(), piece.data(), piece.size());
    } while (size < 0 && errno == EINTR);
    piece.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    if (piece.empty() && process_) {
      process_->wait();
      process_.reset();
    }
    return piece;
  }

 private:
  FileDescriptor in_;
  FileDescriptor out_;
  std::unique_ptr<ChildProcess> process_;
};

Environment cgi_environment(const CgiRequest& cgi, const HttpRequest& request) {
  Environment env = {{"GIT_HTTP_EXPORT_ALL", "1"},
                     {"GIT_PROJECT_ROOT", cgi.repository.parent_path().string()},
                     {"PATH_INFO", "/" + cgi.repository.filename().string() + "/" + cgi.path},
                     {"PATH", "/usr/local/bin:/usr/bin:/bin"},
                     {"HOME", cgi.home.string()},
                     {"GIT_CONFIG_NOSYSTEM", "1"},
                     {"GIT_CONFIG_COUNT", "2"},
                     {"GIT_CONFIG_KEY_0", "safe.directory"},
                     {"GIT_CONFIG_VALUE_0", "*"},
                     {"GIT_CONFIG_KEY_1", "uploadpack.allowFilter"},
                     {"GIT_CONFIG_VALUE_1", cgi.filters ? "true" : "false"},
                     {"REQUEST_METHOD", request.method},
                     {"QUERY_STRING", request.query},
                     {"CONTENT_LENGTH", std::to_string(request.body.size())},
                     {"CONTENT_TYPE", header_value(request.headers, "Content-Type")},
                     {"REMOTE_ADDR", "127.0.0.1"},
                     {"REMOTE_USER", cgi.user}};
  if (std::string protocol = header_value(request.headers, "Git-Protocol"); !protocol.empty()) {
    env["GIT_PROTOCOL"] = protocol;
  }
  // The program holds a body against its limit as it came; ours was inflated already.
  if (has_header(request.headers, "Content-Encoding"))
    env["GIT_HTTP_MAX_REQUEST_BUFFER"] = kInflatedBodyLimit;
  return env;
}

/// Moves the header block from `text` into the response; false when it is not whole yet.
bool take_headers(std::string& text, HttpResponse& response) {
  auto end = text.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  for (std::string_view line : split(std::string_view(text).substr(0, end), '\n')) {
    auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string name(line.substr(0, colon));
    std::string value(trim(line.substr(colon + 1)));
    if (equals_ignoring_case(name, "Status")) {
      std::from_chars(value.data(), value.data() + value.size(), response.status);
    } else if (!equals_ignoring_case(name, "Content-Length")) {
      response.headers.emplace_back(name, value);
    }
  }
  text.erase(0, end + 4);
  return true;
}

}  // namespace

HttpResponse run_http_backend(const CgiRequest& cgi, const HttpRequest& request) {
  ChildOptions options;
  options.argv = {"git", "http-backend"};
  options.env = cgi_environment(cgi, request);
  options.inherit_environment = false;
  auto backend = std::make_shared<Backend>(options, request.body);

  HttpResponse response;
  std::string head;
  while (!take_headers(head, response)) {
    std::string piece = backend->read();
    if (piece.empty()) return text_response(500, "git http-backend ended without an answer\n");
    head += piece;
  }
  response.stream = [backend, first = std::move(head)]() mutable {
    return first.empty() ? backend->read() : std::exchange(first, "");
  };
  return response;
}

}  // namespace hubkeep::sim
