// The Git LFS server of a repository, as the backup sees it.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "base/byte_sink.h"
#include "git/lfs_pointers.h"
#include "http/http_client.h"

namespace hubkeep {

/// Where an object can be read, for a while.
struct LfsAddress {
  Url href;
  Headers headers;     // for that address alone
  ByteCount size = 0;  // of what comes, as the server says; where it says nothing, as it was asked
};

/// Why the server gives no address for an object.
struct LfsRefusal {
  enum class Kind {
    missing,     // it does not have it
    over_quota,  // the owner has used up what the server gives out
    busy,        // not now
    other,
  };
  Kind kind = Kind::other;
  int code = 0;  // as the server gave it; 0: none
  std::string message;
};

using LfsAnswer = std::variant<LfsAddress, LfsRefusal>;

/// As many objects go into one question: GitHub takes no more.
constexpr std::size_t kMaxLfsBatch = 100;

/// One repository for the time of one backup. Thread-safe.
class LfsRemote {
 public:
  LfsRemote() = default;
  LfsRemote(const LfsRemote&) = delete;
  LfsRemote& operator=(const LfsRemote&) = delete;
  virtual ~LfsRemote() = default;

  /// An answer for each of at most kMaxLfsBatch objects, in their order. What the server says of all of them
  /// at once, each has. One attempt, but for the waits of limits and a second look at a refusal. Throws
  /// Error: unauthorized, forbidden, not_found (the repository), refused, transient, rate_limited, corrupt,
  /// cancelled.
  virtual std::vector<LfsAnswer> ask(std::span<const LfsPointer> objects, const std::stop_token& stop) = 0;

  /// Streams what comes after the first `offset` bytes of the object into `rest`; one attempt, but for the
  /// waits of limits. Throws Error: not_found where the object is not there, forbidden where the address is
  /// not taken (any more); transient, rate_limited, corrupt, cancelled, invalid; and whatever `rest` throws.
  virtual void download(const LfsAddress& address, ByteCount offset, ByteSink& rest,
                        const std::stop_token& stop) = 0;

  /// Requests sent and body bytes received so far.
  virtual std::uint64_t request_count() const = 0;
  virtual ByteCount bytes_received() const = 0;
};

/// Opens the LFS server of the repository at a clone URL as the API gave it. Throws Error(invalid) for a URL
/// that cannot be used.
using LfsOpener = std::function<std::unique_ptr<LfsRemote>(const std::string& clone_url)>;

}  // namespace hubkeep
