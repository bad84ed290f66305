// A repository on a server, as the engines see it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/error.h"
#include "git/fetch.h"
#include "git/history_question.h"
#include "git/left_out.h"
#include "git/ref.h"

namespace hubkeep {

/// One repository for the time of one backup. One thread.
///
/// Errors of all functions: unauthorized, forbidden, not_found (the repository, or with "not our ref" an
/// object that was listed a moment ago), transient (try again: network, overload, a cut answer), refused and
/// gave_up (the message holds the server's words alone, so that the same refusal reads the same), corrupt,
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

  /// There may be no such repository: until refs were listed, a server that says so is believed at once.
  virtual void expect_absence() {}

  /// What the last list had and list_refs() could not return: few, see LsRefsParser.
  virtual std::vector<LeftOutRef> left_out() const { return {}; }

  /// Streams the pack that the server answers with into `pack`, one attempt. The bytes are whole only when
  /// this returns.
  virtual void fetch_pack(const FetchRequest& request, ByteSink& pack, const std::stop_token& stop) = 0;

  /// What the server announces: the first time it costs a request.
  virtual FetchFeatures fetch_features(const std::stop_token& /*stop*/) { return {}; }
  /// Asks about a history without fetching it, one attempt. Only where fetch_features() has `shallow`, or
  /// `filter` for a question without depth.
  virtual HistoryAnswer ask_history(const HistoryQuestion& /*question*/, const std::stop_token& /*stop*/) {
    throw Error(ErrorKind::internal, "this server cannot be asked about a history");
  }

  /// Requests sent and body bytes received so far.
  virtual std::uint64_t request_count() const = 0;
  /// How long it has waited so far because the server asked for that.
  virtual std::chrono::seconds waited() const { return {}; }
  virtual ByteCount bytes_received() const = 0;
};

/// Opens the repository at a clone URL as the API gave it. Throws Error(invalid) for a URL that cannot be
/// used.
using GitRemoteOpener = std::function<std::unique_ptr<GitRemote>(const std::string& clone_url)>;

}  // namespace hubkeep
