// A repository on a server, as the engines see it.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/byte_sink.h"
#include "git/fetch.h"
#include "git/ref.h"

namespace hubkeep {

/// One repository for the time of one backup. One thread.
///
/// Errors of both functions: unauthorized, forbidden, not_found (the repository, or with "not our ref" an
/// object that was listed a moment ago), transient (try again: network, overload, a cut answer), corrupt,
/// invalid, cancelled.
class GitRemote {
 public:
  GitRemote() = default;
  GitRemote(const GitRemote&) = delete;
  GitRemote& operator=(const GitRemote&) = delete;
  virtual ~GitRemote() = default;

  /// All refs but test merges, and HEAD. `expected` is the object format to ask with first: the one seen last
  /// time.
  virtual RefState list_refs(ObjectFormat expected, const std::stop_token& stop) = 0;

  /// Streams the pack that the server answers with into `pack`, one attempt. The bytes are whole only when
  /// this returns.
  virtual void fetch_pack(const FetchRequest& request, ByteSink& pack, const std::stop_token& stop) = 0;

  /// Requests sent and body bytes received so far.
  virtual std::uint64_t request_count() const = 0;
  virtual ByteCount bytes_received() const = 0;
};

/// Opens the repository at a clone URL as the API gave it. Throws Error(invalid) for a URL that cannot be
/// used.
using GitRemoteOpener = std::function<std::unique_ptr<GitRemote>(const std::string& clone_url)>;

}  // namespace hubkeep
