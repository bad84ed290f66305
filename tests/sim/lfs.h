// Git LFS as GitHub serves it (git-lfs: docs/api/batch.md, basic-transfers.md). The batch says for each
// object where at the media host it can be read or written; repositories whose objects are shared have them
// under one address.
//
//   POST /{owner}/{name}.git/info/lfs/objects/batch
//   POST /{owner}/{name}.git/info/lfs/locks/verify      nobody has locked anything
//   GET, PUT /alambic/media/{network}/{oid}             at the media host
//   POST /alambic/verify/{network}/{oid}                after a PUT: has it arrived?
#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/api.h"
#include "sim/lfs_store.h"
#include "sim/media_host.h"
#include "sim/request_log.h"

namespace hubkeep::sim {

struct LfsOptions {
  AddressLife address_life;
  std::size_t most_objects = 100;  // in a request
  /// A header that the media host wants to see, as `actions.download.header` says.
  std::optional<std::pair<std::string, std::string>> download_header;
};

struct LfsRequest {
  std::string owner;
  std::string name;       // without ".git"
  std::string resource;   // "objects/batch", …
  std::string operation;  // "download", "upload"; "" where the body has none
  std::vector<std::string> oids;
};

/// Nothing for a path that is none of LFS'.
std::optional<LfsRequest> parse_lfs_request(const HttpRequest& request);
/// The object that a path of the media host leads to; "" for a path that is none of LFS'.
std::string lfs_oid_in(const std::string& media_path);

/// Thread-safe.
class LfsServer {
 public:
  /// Registers its paths at the media host. Both must live longer.
  LfsServer(World& world, MediaHost& media_host);

  void set(LfsOptions options);
  HttpResponse answer(const HttpRequest& request, const LfsRequest& lfs_request, const Caller& caller);

 private:
  LfsOptions options() const;
  HttpResponse answer_batch(const HttpRequest& request, const Repository& repository);
  nlohmann::json answer_object(const Repository& repository, const LfsObject& object, bool is_upload);
  nlohmann::json action(const std::string& path);
  HttpResponse serve_media(const HttpRequest& request);
  HttpResponse take_upload(const HttpRequest& request);
  HttpResponse verify_upload(const HttpRequest& request);

  World& world_;
  MediaHost& media_host_;
  mutable std::mutex mutex_;  // guards options_
  LfsOptions options_;
};

/// What a log says of one object.
struct LfsTraffic {
  std::size_t asked = 0;      // in batches, to download it
  std::size_t downloads = 0;  // that began to bring it, whole or a range
  std::uint64_t bytes = 0;    // that these brought
  std::size_t uploads = 0;
};
/// By oid.
std::map<std::string, LfsTraffic> lfs_traffic(const std::vector<LoggedRequest>& log);

}  // namespace hubkeep::sim
