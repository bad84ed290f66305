// GitHub's REST API as the engines see it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/clock.h"
#include "base/error.h"

namespace hubkeep {

/// A repository as a listing gives it; times are GitHub's own text, compared for equality only. Or a gist:
/// `name` is then its id, `visibility` "public" or "secret", `pushed_at` when it was last updated,
/// `clone_url` where git pulls it.
struct Repository {
  std::int64_t id = 0;  // survives renames and transfers; 0: of a gist
  bool is_gist = false;
  std::string node_id;
  std::string owner;
  std::string name;
  std::string full_name;  // "owner/name"
  std::int64_t owner_id = 0;
  bool is_private = false;
  bool is_fork = false;
  bool is_archived = false;
  bool is_disabled = false;
  bool came_by_star = false;  // of the token's user, and in no other way
  std::string visibility;     // "public", "private", "internal", "secret"
  std::string default_branch;
  std::string pushed_at;                          // empty for a repository that was never pushed to
  std::optional<bool> has_wiki = {};              // switched on: there may be none all the same
  std::optional<std::string> updated_at = {};     // of its description and settings; not of what is in it
  std::optional<bool> has_issues = {};            // switched on
  std::optional<std::int64_t> comments = {};      // on a gist
  std::optional<std::string> releases = {};       // what the probe says of them; see probe.h
  std::map<std::string, std::string> probe = {};  // what it says of all else
  ByteCount size = 0;                             // GitHub's estimate; of a gist, of its files
  std::string clone_url;
  UtcTime listed_at;  // the Date header of the answer that held it
};

struct User {
  std::int64_t id = 0;
  std::string login;
};

/// Whether something is wanted that not every token can see.
enum class Wish {
  none,
  if_possible,  // where it cannot be had, that is told
  demanded,     // where it cannot be had, that is a problem
};

/// Which repositories a run is about. Without users, organizations and names: all that the token can reach.
struct RepositorySelection {
  std::vector<std::string> users;
  std::vector<std::string> organizations;
  std::vector<std::string> names;    // "owner/name", "gist:<id>"
  Wish gists = Wish::none;           // of those users, or of the token's
  bool starred_gists = false;        // that the token's user has starred, beside all else
  bool starred = false;              // the repositories, the same
  bool only_owner = false;           // only those that the token's user owns
  std::vector<std::string> include;  // globs on "owner/name"; empty: all
  std::vector<std::string> exclude;
  bool skip_forks = false;
  bool skip_archived = false;
};

/// Something that was named and cannot be had; the rest of the listing goes on without it.
struct SelectionProblem {
  std::string name;  // as the user gave it: "octocat/missing", "--org acme"; "--org acme, page 3"
  Error error;
};

struct RepositoryList {
  std::vector<Repository> repositories;  // each once, in order of id; then gists
  std::vector<SelectionProblem> problems;
  std::vector<std::string> notices;  // for people: what this token cannot see
  std::size_t seen = 0;              // repositories, before the filters
  /// All that were seen, ascending: what a filter left out is not gone.
  std::vector<std::int64_t> seen_ids;
  std::vector<std::string> seen_gists;
  /// Why no gist can be seen, for people: what the vault knows of them cannot be asked for either.
  std::optional<std::string> gists_refused;
  /// Whose gists were listed, in lower case; nothing: not known. Others that are known may be starred ones.
  std::optional<std::string> gist_owner;
  /// Whose repositories the run is about, in lower case, beside those that are named; nothing: anybody's that
  /// the token can reach. One of them that is known and not in `seen_ids` may be gone, or out of the token's
  /// reach.
  std::optional<std::vector<std::string>> owners;
  bool public_only = false;  // listed without a token
  /// False: a list that was asked for is missing or not complete, and `problems` says which. What it does not
  /// have says nothing then.
  bool is_whole = true;
  /// Nothing was seen, and it is no lack of permission: a classic token with the scope repo sees all that its
  /// user does.
  bool is_proved_empty = false;
};

class GitHubApi;

/// What GitHub knows a repository by, whatever its name is; or a gist.
struct RepositoryIdentity {
  std::int64_t id = 0;
  std::string node_id;    // may be empty
  std::string gist = {};  // its id; empty: of a repository
};

/// What GitHub says of one repository. Neither of both: it is gone, or hidden from the token; twice looked
/// at.
struct RepositoryAnswer {
  std::optional<Repository> repository;  // as a listing would give it
  std::optional<Error> error;            // there is no telling: what was answered, or why nothing was
};

/// Told of waits, so that a run that stands still says why. Called on the thread that waits.
struct GitHubObserver {
  std::function<void(const std::string& reason, std::chrono::seconds wait)> on_wait;
  std::function<void(const Error& error, std::chrono::milliseconds wait)> on_retry;
};

/// Thread-safe.
class GitHub {
 public:
  GitHub() = default;
  GitHub(const GitHub&) = delete;
  GitHub& operator=(const GitHub&) = delete;
  virtual ~GitHub() = default;

  /// Throws Error when nothing at all could be listed for another reason than that what was named is not
  /// there: unauthorized, rate_limited, transient, invalid; and cancelled. A part of it that fails is one of
  /// `problems`.
  virtual RepositoryList list_repositories(const RepositorySelection& selection,
                                           const std::stop_token& stop) = 0;

  /// "OWNER/NAME" of a repository at this moment, whatever it was called before; nothing when it cannot be
  /// seen. Throws as list_repositories() does.
  virtual std::optional<std::string> full_name_of(std::int64_t id, const std::stop_token& stop) = 0;

  /// Asks for many repositories that are known, whatever they are called now: an answer for each, in the
  /// order of `known`. One error is the error of one repository; what would hit all others too (unauthorized,
  /// rate_limited) is theirs as well, and they are not asked for. Throws Error(cancelled).
  virtual std::vector<RepositoryAnswer> repositories_by_id(std::span<const RepositoryIdentity> known,
                                                           const std::stop_token& stop) = 0;

  /// Streams the source tree of a commit of repository `id`, as GitHub zips it, into `zip`: one attempt, but
  /// for the waits that GitHub's limits ask for and a second look at a refusal, which come before the first
  /// byte. The zip may be cut all the same: its length is not announced. Throws Error: not_found,
  /// unauthorized, forbidden, rate_limited, transient, invalid, cancelled, and whatever `zip` throws.
  virtual void download_zip(std::int64_t id, const std::string& commit, ByteSink& zip,
                            const std::stop_token& stop) = 0;

  /// The APIs themselves, for what is kept as GitHub sends it.
  virtual GitHubApi& api() = 0;

  /// The host's name in the vault: the API's host without "api.", with its port where it is not the scheme's
  /// own.
  virtual std::string host() const = 0;

  /// Requests sent so far, retries counted.
  virtual std::uint64_t request_count() const = 0;
};

}  // namespace hubkeep
