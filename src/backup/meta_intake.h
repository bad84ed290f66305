// Takes what collectors bring: drops what is known, writes the rest into the increment of this snapshot, and
// makes partial snapshots now and then, so that whoever kills a run loses little. Whatever was told before a
// snapshot is in its state, and nothing of what was not: a cursor never lies before what it stands for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backup/meta_collector.h"
#include "backup/part_place.h"
#include "vault/content_kinds.h"
#include "vault/meta_line.h"
#include "vault/meta_part.h"
#include "vault/meta_state.h"

namespace hubkeep {

/// What a run goes on from.
struct MetaBefore {
  std::optional<MetaPart> part = {};          // as the snapshot has it; nothing: there is none
  std::vector<MetaIncrement> documents = {};  // of these, what can be used
  std::vector<ObjectRecord> cursor = {};      // what says `state`; empty: it has to be stored anew
  MetaState state = {};
};

/// One thread. Keeps the reference.
class StoringIntake final : public MetaIntake {
 public:
  StoringIntake(RepositoryWork& work, MetaBefore before, ContentKinds wanted);
  ~StoringIntake() override;

  RepositoryWork& work() const override { return work_; }
  bool wants(ContentKind group) const override { return wanted_.contains(group); }
  bool is_sweep(MetaKind kind) const override;
  std::string cursor(MetaKind kind) const override;
  void set_cursor(MetaKind kind, std::string cursor) override;
  bool take(const MetaDocument& document) override;
  bool has(MetaKind kind, std::string_view id) const override;
  void add_pending(MetaKind kind, PendingDocument document) override;
  std::vector<PendingDocument> pending(MetaKind kind) const override;
  void drop_pending(MetaKind kind, std::string_view id) override;
  void answered(ApiKind api, ByteCount bytes) override;
  void saw_all(MetaKind kind) override;
  std::vector<std::string> suspects(MetaKind kind) const override;
  void gone(MetaKind kind, std::string_view id) override;
  void count(MetaKind kind, std::uint64_t github) override;
  void absent(MetaKind kind) override;
  void not_permitted(MetaKind kind, const std::string& permission) override;
  void lacking(MetaKind kind, const std::string& why) override;

  const MetaWalks& walks() const { return state_.walks; }

  /// Looks for addresses of attachments in a document that was kept before anybody wanted them.
  void find_attachments_in(std::string_view document);

  /// A collector begins: those of its kinds are swept for which `is_due` says so, and a sweep that is under
  /// way goes on. What it says of its kinds now replaces what was said before.
  void begin(const MetaCollector& collector, const std::function<bool(const std::string& kind)>& is_due);
  /// It came to its end, after `listing` had told of its kinds.
  void end(const MetaCollector& collector, const std::string& listing);
  /// It did not.
  void break_off(const MetaCollector& collector);

  /// Whether there is a document of the kind that is not gone, or one to be asked for.
  bool keeps_any(MetaKind kind) const;

  /// Whether a snapshot has to say anything of it.
  bool has_news() const;
  /// Whether anything would be lost without a snapshot.
  bool has_progress() const { return is_worth_a_commit_; }
  /// A partial snapshot of all that was told so far.
  void commit();
  /// Stores what is not stored yet, and returns the part. Once for a snapshot.
  MetaPart store();
  /// The same, with one increment in place of many where that is worth it and they can be read.
  MetaPart store_folded();

  PartOutcome told() const;
  /// Since when all of these kinds have been swept; nothing: some never were.
  std::optional<UtcTime> all_swept_since(const std::set<std::string>& kinds) const;

 private:
  struct Increment;
  using Number = MetaState::Number;

  void write(const std::string& line, Number number);
  bool is_time_to_commit() const;
  MetaPart stay_in_many(const Error& error, MetaPart part) const;
  std::string describe_news() const;
  std::uint64_t count_pending() const;
  MetaPart part_now() const;

  RepositoryWork& work_;
  const PartPlace place_;
  const ContentKinds wanted_;
  const UtcTime now_;
  const std::optional<MetaPart> before_;
  const MetaWalks walks_before_;  // without what is pending
  MetaState state_;
  MetaPart part_;  // of the last snapshot, and what was said since
  std::unique_ptr<Increment> increment_;
  std::uint64_t replaced_ = 0;  // lines of the increment
  std::set<std::string> seen_all_;
  std::uint64_t broken_off_ = 0;

  bool is_worth_a_commit_ = false;
  bool has_other_pending_ = false;
  std::uint64_t requests_since_commit_ = 0;
  PartOutcome outcome_;
};

}  // namespace hubkeep
