// Whoever knows how GitHub is asked for some kinds of documents is a collector, and what it gets it gives to
// the intake: that knows what is new, what a snapshot has already, and when it is time to make one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/repository_work.h"
#include "github/api.h"
#include "vault/meta_kind.h"
#include "vault/meta_state.h"

namespace hubkeep {

/// A thing as GitHub describes it, lent for the time of a call.
struct MetaDocument {
  MetaKind kind;
  std::string_view id;      // of its kind and in its repository
  std::string_view parent;  // the number of the issue that a comment is of; empty: none
  std::string_view json;
};

/// One thread.
class MetaIntake {
 public:
  MetaIntake() = default;
  MetaIntake(const MetaIntake&) = delete;
  MetaIntake& operator=(const MetaIntake&) = delete;
  virtual ~MetaIntake() = default;

  virtual RepositoryWork& work() const = 0;
  /// Whether the user wants such documents.
  virtual bool wants(ContentKind group) const = 0;

  /// Whether all of the kind is asked for, known or not: the first time, in a sweep, in a repair.
  virtual bool is_sweep(MetaKind kind) const = 0;
  /// Where a walk that was broken off goes on, or where the last one came to: a text of the collector's own;
  /// empty: at the beginning. In a sweep, of that sweep alone.
  virtual std::string cursor(MetaKind kind) const = 0;
  /// All before it was given to take().
  virtual void set_cursor(MetaKind kind, std::string cursor) = 0;

  /// Returns whether it is another than before. Throws Error(corrupt) for what is no JSON object, and
  /// VaultFailure, which no collector catches, where the vault fails.
  virtual bool take(const MetaDocument& document) = 0;
  /// Whether a document of that id is kept, and not gone.
  virtual bool has(MetaKind kind, std::string_view id) const = 0;
  /// To be asked for, in this run or a later one, until it is taken.
  virtual void add_pending(MetaKind kind, PendingDocument document) = 0;
  virtual std::vector<PendingDocument> pending(MetaKind kind) const = 0;
  virtual void drop_pending(MetaKind kind, std::string_view id) = 0;

  /// A request was answered, and what came of it was told to all of the above: the time for a partial
  /// snapshot. Throws as take() does.
  virtual void answered(ApiKind api, ByteCount bytes) = 0;

  /// A walk has shown all that there is of the kind, in this run or in a sweep that it goes on with: what was
  /// not taken in it is suspected.
  virtual void saw_all(MetaKind kind) = 0;
  /// What is kept and not gone, and was not seen; none before saw_all().
  virtual std::vector<std::string> suspects(MetaKind kind) const = 0;
  /// It is not there any more.
  virtual void gone(MetaKind kind, std::string_view id) = 0;

  /// How many there are, as GitHub says.
  virtual void count(MetaKind kind, std::uint64_t github) = 0;
  /// The repository has the kind switched off.
  virtual void absent(MetaKind kind) = 0;
  /// `permission`: that would bring it, as GitHub names it.
  virtual void not_permitted(MetaKind kind, const std::string& permission) = 0;
  /// GitHub gives out no more of it, and why.
  virtual void lacking(MetaKind kind, const std::string& why) = 0;
};

/// One for all repositories of a run, and used by all of its threads.
class MetaCollector {
 public:
  MetaCollector() = default;
  MetaCollector(const MetaCollector&) = delete;
  MetaCollector& operator=(const MetaCollector&) = delete;
  virtual ~MetaCollector() = default;

  /// In words, for errors: "issues".
  virtual std::string_view name() const = 0;
  virtual ContentKind group() const = 0;
  /// All that it gives. Where it comes to its end without an Error, their sweeps are over.
  virtual std::vector<MetaKind> kinds() const = 0;
  virtual SubjectKind subject() const { return SubjectKind::repository; }
  /// Which answers of the probe tell whether it has anything to do (Listing::probe); empty: none does, and it
  /// is asked where GitHub says that the repository was updated.
  virtual std::vector<std::string_view> probes() const { return {}; }

  /// Asks GitHub for what may be new. Throws Error as GitHubApi does; what was taken before stays.
  virtual void collect(MetaIntake& intake) const = 0;
};

using MetaCollectors = std::vector<std::shared_ptr<const MetaCollector>>;

}  // namespace hubkeep
