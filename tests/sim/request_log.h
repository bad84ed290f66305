// What the simulator was asked and what it answered, in order of arrival. A request stands here as soon as it
// has arrived; its status and bytes are there before the client can have seen them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace hubkeep::sim {

/// `media`: at the media host, whoever's handler it is; `web`: an attachment, where the web host leads to it.
enum class RequestKind { api, git, lfs, media, web };

/// "api", "git", …
std::string to_string(RequestKind kind);
/// Throws Error(invalid).
RequestKind request_kind_from(const std::string& text);

/// What a git request asks for, as its path and its protocol version 2 command say.
enum class GitCommand { none, info_refs, ls_refs, fetch, upload_pack, receive_pack };

/// "ls-refs", "info-refs", …; "" for none.
std::string to_string(GitCommand command);
/// Throws Error(invalid).
GitCommand git_command_from(const std::string& text);

struct LoggedRequest {
  std::uint64_t sequence = 0;
  UtcTime time{};
  std::string method;
  std::string path;
  std::string query;
  RequestKind kind = RequestKind::api;
  GitCommand git_command = GitCommand::none;
  std::string repository;      // "owner/name" as the path has it
  std::string operation;       // the name of GraphQL's
  int points = 0;              // of GraphQL's budget
  std::string auth_scheme;     // "Bearer", "token", "Basic" or ""
  std::string token_login;     // the user of a valid token
  bool token_present = false;  // valid or not
  std::string host;            // the Host header
  std::string user_agent;
  std::string git_protocol;  // the Git-Protocol header
  std::string content_encoding;
  std::string if_none_match;
  std::uint64_t request_bytes = 0;  // as they came over the wire
  std::size_t wants = 0;
  std::size_t haves = 0;
  bool is_question = false;           // a fetch with a depth or a filter: asks what lies where
  std::string lfs_operation;          // of a batch: "download", "upload"
  std::vector<std::string> lfs_oids;  // that a batch asks for, or the one that is fetched from the media host
  int status = 0;                     // 0: not answered (yet)
  std::uint64_t response_bytes = 0;   // of the body
  std::uint64_t pack_bytes = 0;       // of a fetch's pack, without what frames it
};

/// Thread-safe.
class RequestLog {
 public:
  /// Sets and returns the sequence number.
  std::uint64_t begin(LoggedRequest request);
  void answered(std::uint64_t sequence, int status);
  void charged(std::uint64_t sequence, int points);
  void sent(std::uint64_t sequence, std::uint64_t bytes, std::uint64_t pack_bytes = 0);

  std::vector<LoggedRequest> entries() const;
  void clear();
  std::size_t count() const;
  std::size_t count(RequestKind kind) const;
  std::size_t count(GitCommand command) const;
  /// Requests whose path contains `path_part`.
  std::size_t count_path(const std::string& path_part) const;

 private:
  mutable std::mutex mutex_;
  std::vector<LoggedRequest> entries_;
  std::uint64_t next_ = 1;
};

}  // namespace hubkeep::sim
