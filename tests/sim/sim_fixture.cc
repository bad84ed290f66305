#include "sim/sim_fixture.h"

#include <httplib.h>

#include "sim/body_filters.h"

namespace hubkeep::sim {

namespace {

struct Address {
  std::string origin;
  std::string target;
};

Address split_url(const std::string& url) {
  auto slash = url.find('/', url.find("://") + 3);
  return {url.substr(0, slash), slash == std::string::npos ? "/" : url.substr(slash)};
}

httplib::Headers to_library(Headers headers) {
  if (!has_header(headers, "User-Agent")) headers.emplace_back("User-Agent", "sim-test");
  httplib::Headers out;
  for (auto& [name, value] : headers) out.emplace(name, value);
  return out;
}

ClientResponse from_library(const httplib::Result& result) {
  ClientResponse out;
  if (!result) return out;
  out.status = result->status;
  out.body = result->body;
  for (const auto& [name, value] : result->headers) out.headers.emplace_back(name, value);
  return out;
}

}  // namespace

ClientResponse http_get(const std::string& url, Headers headers) {
  Address address = split_url(url);
  httplib::Client client(address.origin);
  return from_library(client.Get(address.target, to_library(std::move(headers))));
}

ClientResponse http_post(const std::string& url, const std::string& body, Headers headers) {
  Address address = split_url(url);
  httplib::Client client(address.origin);
  std::string type = header_value(headers, "Content-Type");
  std::erase_if(headers, [](const auto& header) { return header.first == "Content-Type"; });
  return from_library(client.Post(address.target, to_library(std::move(headers)), body, type));
}

RepositoryId SimTest::add_filled(const std::string& name, RepositoryOptions options) {
  RepositoryId id = world.add_repository("acme", name, options);
  make_repository_content(world.repository(id).path, 1, 5, 4);
  world.pushed(id);
  return id;
}

ClientResponse SimTest::api_get(const std::string& path, Headers headers) {
  return http_get(github.api_url() + path, std::move(headers));
}

ClientResponse SimTest::api_get_as_acme(const std::string& path) {
  return api_get(path, {{"Authorization", "Bearer " + token}});
}

ClientResponse SimTest::git_post(RepositoryId id, const std::string& body, Headers headers) {
  headers.emplace_back("Content-Type", "application/x-git-upload-pack-request");
  headers.emplace_back("Git-Protocol", "version=2");
  return http_post(github.clone_url(id) + "/git-upload-pack", body, std::move(headers));
}

std::string SimTest::tip_of(RepositoryId id, const std::string& ref) {
  return git(world.repository(id).path, {"rev-parse", ref});
}

std::string ls_refs_body() {
  return packet("command=ls-refs\n") + packet("object-format=sha1\n") + "0001" + packet("peel\n") +
         packet("symrefs\n") + "0000";
}

std::string fetch_body(const std::string& want, const std::vector<std::string>& arguments) {
  std::string more;
  for (const std::string& argument : arguments) more += packet(argument + "\n");
  return packet("command=fetch\n") + packet("object-format=sha1\n") + "0001" + packet("ofs-delta\n") +
         packet("no-progress\n") + packet("want " + want + "\n") + more + packet("done\n") + "0000";
}

}  // namespace hubkeep::sim
