// What the simulator's own tests share: a world with one user, and a plain HTTP client.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sim/git_worker.h"
#include "sim/http_message.h"
#include "sim/simulator.h"
#include "sim/temporary_folder.h"

namespace hubkeep::sim {

struct ClientResponse {
  int status = 0;  // 0: the connection broke
  Headers headers;
  std::string body;

  std::string header(std::string_view name) const { return header_value(headers, name); }
};

/// `url`: absolute, http. A User-Agent is sent unless given.
ClientResponse http_get(const std::string& url, Headers headers = {});
ClientResponse http_post(const std::string& url, const std::string& body, Headers headers = {});

class SimTest : public testing::Test {
 protected:
  /// A repository of "acme" with a small history.
  RepositoryId add_filled(const std::string& name, RepositoryOptions options = {});
  ClientResponse api_get(const std::string& path, Headers headers = {});
  ClientResponse api_get_as_acme(const std::string& path);
  /// POSTs a version 2 command; `arguments` are whole pkt-lines.
  ClientResponse git_post(RepositoryId id, const std::string& body, Headers headers = {});
  std::string tip_of(RepositoryId id, const std::string& ref = "refs/heads/main");

  TemporaryFolder folder;
  World world{folder / "world"};
  std::string token = world.add_token("acme", "ghp_secret");
  Simulator github{world};
};

/// The body of a version 2 ls-refs, and of a fetch of one commit with nothing at hand.
std::string ls_refs_body();
std::string fetch_body(const std::string& want, const std::vector<std::string>& arguments = {});

}  // namespace hubkeep::sim
