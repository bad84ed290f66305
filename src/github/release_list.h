// All releases of a repository, page by page, each as GitHub sent it.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "github/api.h"

namespace hubkeep {

/// GitHub lists no more: "List releases" in its REST API's description.
constexpr std::size_t kMostReleases = 10'000;

struct ReleaseQuestion {
  std::int64_t repository = 0;  // its id: a name may be another repository's by now
  std::string etag = {};        // of what is known already; empty: answer whatever it is
  int per_page = 0;             // of which no page was too large before; 0: as many as GitHub gives
};

/// `begin`: what came so far counts no longer. `item` is JSON as it was sent, lent for the time of the call;
/// one may come more than once.
struct ReleaseReader {
  std::function<void()> begin;
  std::function<void(std::string_view item)> item;
};

struct ReleaseListEnd {
  bool is_unchanged = false;  // what the ETag names
  std::string etag = {};      // where the list has one page
  int per_page = 0;           // as in ReleaseQuestion
  bool is_cut_by_limit = false;
  std::uint64_t requests = 0;
  ByteCount bytes = 0;
};

/// Throws Error as GitHubApi::get() does, and what the reader throws.
ReleaseListEnd list_releases(GitHubApi& api, const ReleaseQuestion& question, const ReleaseReader& reader,
                             const std::stop_token& stop);

}  // namespace hubkeep
