#include "e2e/web_server.h"

#include <fmt/format.h>

#include <fstream>

#include "base/text.h"
#include "sim/git_worker.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// `master_process off`: one process with one thread, so that once a request is answered, those answered
// before stand in the log; and no change to another user, who could not read the folder.
constexpr const char* kConfiguration = R"(daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format requests '$connection|$status|$request_length|$http_content_encoding|$request';
  access_log {folder}/access.log requests;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{port};
    location = /ready {{
      access_log off;
      return 204;
    }}
    location /api/ {{
      proxy_pass http://127.0.0.1:{api_port};
      proxy_set_header Host $http_host;
    }}
    location ~ ^/(?<repository>[^/]+/[^/]+)\.git/(?<service>info/refs|git-upload-pack)$ {{
      auth_basic "GitHub";
      auth_basic_user_file {folder}/users;
      fastcgi_pass unix:{folder}/git.sock;
      fastcgi_param SCRIPT_FILENAME {backend};
      fastcgi_param GIT_PROJECT_ROOT {repositories};
      fastcgi_param GIT_HTTP_EXPORT_ALL 1;
      fastcgi_param HOME {folder};
      fastcgi_param PATH_INFO /$repository.git/$service;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_USER $remote_user;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param GIT_PROTOCOL $http_git_protocol;
      fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
      fastcgi_buffering off;
    }}
  }}
}}
)";

std::string http_backend() {
  std::string folder = sim::run_checked({"git", "--exec-path"}).out;
  return std::string(trim(folder)) + "/git-http-backend";
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

bool answers(int port) {
  return sim::run(
             {"curl", "--silent", "--fail", "--noproxy", "*", fmt::format("http://127.0.0.1:{}/ready", port)})
             .exit_code == 0;
}

}  // namespace

std::string WebServer::missing_programs() {
  std::string missing;
  for (const char* program : {"nginx", "fcgiwrap", "curl"}) {
    if (!sim::find_program(program)) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", program);
  }
  return missing;
}

WebServer::WebServer(const WebServerOptions& options) : folder_(options.folder), port_(sim::free_port()) {
  fs::create_directories(folder_);
  const std::string folder = folder_.string();
  write(folder_ / "users", "x-access-token:{PLAIN}" + options.token + "\n");
  write(folder_ / "nginx.conf",
        fmt::format(kConfiguration, fmt::arg("folder", folder), fmt::arg("port", port_),
                    fmt::arg("api_port", options.api_port), fmt::arg("backend", http_backend()),
                    fmt::arg("repositories", options.repositories.string())));
  git_.emplace(std::vector<std::string>{sim::find_program("fcgiwrap").value(), "-c", "4", "-s",
                                        "unix:" + folder + "/git.sock"},
               [&] { return fs::exists(folder_ / "git.sock"); });
  nginx_.emplace(std::vector<std::string>{sim::find_program("nginx").value(), "-p", folder, "-e",
                                          folder + "/error.log", "-c", folder + "/nginx.conf"},
                 [&] { return answers(port_); });
}

std::string WebServer::origin() const {
  return fmt::format("http://127.0.0.1:{}", port_);
}

std::vector<WebRequest> WebServer::requests() const {
  answers(port_);
  std::vector<WebRequest> requests;
  std::ifstream log(folder_ / "access.log");
  for (std::string line; std::getline(log, line);) {
    const auto fields = split(line, '|');
    requests.push_back({.connection = std::string(fields.at(0)),
                        .status = std::stoi(std::string(fields.at(1))),
                        .size = std::stoull(std::string(fields.at(2))),
                        .encoding = std::string(fields.at(3)),
                        .line = std::string(fields.at(4))});
  }
  return requests;
}

}  // namespace hubkeep
