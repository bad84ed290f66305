// Which collectors have anything to do follows from what the listing and the probe say, compared with what
// they said when each came to its end last. Each asks for what is new; now and then, or where the state says
// that it never did, for all that there is (a sweep), which alone finds what was deleted and what GitHub
// changes without a word. One that fails leaves the others their turn.
//
// Where the state is lost, it is made again of the documents, as far as they can be read, and all is asked
// for.
#include "backup/meta_backup.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "backup/lost_objects.h"
#include "backup/meta_intake.h"
#include "backup/repository_work.h"
#include "backup/vault_failure.h"
#include "base/caught_error.h"
#include "vault/attachments_part.h"
#include "vault/meta_documents.h"

namespace hubkeep {
namespace {

bool is_lost_or_damaged(const Error& error) {
  return error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found;
}

// What would befall all other collectors, too.
bool ends_the_work(const Error& error) {
  const ErrorKind kind = error.kind();
  return kind == ErrorKind::cancelled || kind == ErrorKind::rate_limited || kind == ErrorKind::unauthorized ||
         kind == ErrorKind::internal;
}

bool is_refused_for_permission(const Error& error) {
  return (error.kind() == ErrorKind::forbidden || error.kind() == ErrorKind::not_found) &&
         !error.permission().empty();
}

bool is_incomplete(const PartStatus& status) {
  return status != PartStatus::ok && status != PartStatus::absent && status != PartStatus::gone &&
         status != PartStatus::not_permitted;
}

std::set<std::string> names_of(const std::vector<MetaKind>& kinds) {
  std::set<std::string> names;
  for (const MetaKind kind : kinds) names.emplace(to_string(kind));
  return names;
}

// All that the listing says of a collector's kinds, to be compared.
std::string text_for(const MetaCollector& collector, const Listing& listing) {
  std::string text;
  for (const std::string_view probe : collector.probes()) {
    const auto found = listing.probe.find(std::string(probe));
    text += std::string(probe) + (found == listing.probe.end() ? "?" : "=" + found->second) + "\n";
  }
  return collector.probes().empty() ? listing.updated_at.value_or("?") : text;
}

// What the probe counts, and it alone in a run that asks for what has changed and no more.
struct Counted {
  MetaKind kind;
  std::vector<std::string> probes;
};

const std::vector<Counted>& counted_by_probe() {
  static const std::vector<Counted> all = {
      {MetaKind::issue, {"issues", "pull_requests"}}, {MetaKind::issue_graph, {"issues"}},
      {MetaKind::pull_request, {"pull_requests"}},    {MetaKind::label, {"labels"}},
      {MetaKind::milestone, {"milestones"}},          {MetaKind::commit_comment, {"commit_comments"}},
      {MetaKind::discussion, {"discussions"}},
  };
  return all;
}

// "12 2026-11-29T10:00:00Z" begins with it.
std::optional<std::uint64_t> count_in(const Listing& listing, const std::string& probe) {
  const auto found = listing.probe.find(probe);
  if (found == listing.probe.end()) return std::nullopt;
  std::uint64_t count = 0;
  const std::string& text = found->second;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  return read.ec == std::errc() ? std::optional(count) : std::nullopt;
}

class MetaSave {
 public:
  MetaSave(RepositoryWork& work, const MetaCollectors& collectors, const ContentKinds& wanted)
      : work_(work), collectors_(collectors), wanted_(wanted), now_(work.context().now_by_github()) {}

  PartResult run(const std::optional<PartBefore>& before) {
    MetaBefore from = read(before);
    take_over_last_check(from.state.walks);
    if (before && has_told_of_attachments(*before)) from.state.walks.attachments.clear();
    const bool wants_attachments_anew = is_new_wish(ContentKind::attachments, from.state.walks);
    sweeps_all_ = sweeps_all_ || work_.is_repair() || is_new_wish(ContentKind::events, from.state.walks);
    const std::vector<MetaIncrement> documents = from.documents;
    StoringIntake intake(work_, std::move(from), wanted_);
    if (wants_attachments_anew) find_attachments(documents, intake);
    // Beyond this point the intake knows all that can be known of what the vault has.
    count_by_probe(intake);
    const auto error = collect(intake);
    return error ? failed(*error, intake) : finished(intake);
  }

 private:
  VaultObjects& objects() const { return work_.context().vault.objects(); }

  MetaBefore read(const std::optional<PartBefore>& before) {
    MetaBefore from;
    if (!before) return from;
    const auto error = caught_error([&] { read_part(before->part, from); });
    if (!error) return from;
    if (!is_lost_or_damaged(*error) && error->kind() != ErrorKind::cold) throw Error(*error);
    work_.notice("all of its documents are asked for again: " + error->message());
    sweeps_all_ = true;
    from.cursor.clear();
    from.state = state_of(from.documents);
    return from;
  }

  void read_part(const Part& part, MetaBefore& from) {
    from.part = meta_part(part);
    from.documents = from.part->documents;
    const auto lost = std::erase_if(
        from.documents, [&](const MetaIncrement& increment) { return is_lost(increment.record, work_); });
    if (lost > 0) throw Error(ErrorKind::not_found, "some of them are lost");
    from.state = MetaState::read(objects(), work_.folder(), from.part->cursor, work_.stop());
    from.cursor = from.part->cursor;
  }

  MetaState state_of(const std::vector<MetaIncrement>& documents) const {
    MetaState state;
    for (const MetaIncrement& increment : documents) {
      const auto error = caught_error([&] {
        read_meta_lines(objects(), work_.folder(), increment.record, work_.stop(),
                        [&](std::string_view text) {
                          const MetaLine line = meta_line_from(text);
                          if (!line.document.empty())
                            state.put(line.kind, line.id, line.parent, meta_hash(line.document));
                          const auto number = state.find(line.kind, line.id);
                          if (line.gone && number) state.set_gone(*number, *line.gone);
                        });
      });
      if (error && !is_lost_or_damaged(*error) && error->kind() != ErrorKind::cold) throw Error(*error);
    }
    return state;
  }

  // Where a sweep of all brought nothing new, the catalog alone knows of it.
  void take_over_last_check(MetaWalks& walks) const {
    if (work_.known() == nullptr) return;
    const auto checked = work_.known()->checked.find(PartName(kMetaPart));
    if (checked == work_.known()->checked.end()) return;
    for (auto& [kind, time] : walks.swept) time = std::max(time, checked->second);
  }

  // What that snapshot's attachments lack stands in their own cursor.
  static bool has_told_of_attachments(const PartBefore& before) {
    const auto attachments = before.manifest.parts.find(PartName(kAttachmentsPart));
    return before.part.status() == PartStatus::ok && attachments != before.manifest.parts.end() &&
           attachments->second.status() != PartStatus::failed;
  }

  // Of what is in documents of other groups, which are known.
  bool is_new_wish(ContentKind kind, const MetaWalks& walks) const {
    return wanted_.contains(kind) && !walks.groups.empty() &&
           !walks.groups.contains(std::string(to_string(kind)));
  }

  void find_attachments(const std::vector<MetaIncrement>& documents, StoringIntake& intake) const {
    const auto error = caught_error([&] {
      MetaDocuments(objects(), work_.folder(), {.documents = documents}, work_.stop())
          .visit({}, [&](const MetaLine& line) { intake.find_attachments_in(line.document); });
    });
    if (!error) return;
    if (error->kind() == ErrorKind::cancelled) throw Error(*error);
    work_.notice("attachments of the texts that are kept are not known: " + error->message());
  }

  void count_by_probe(StoringIntake& intake) const {
    std::set<std::string> kinds;
    for (const auto& collector : collectors_) kinds.merge(names_of(collector->kinds()));
    for (const Counted& each : counted_by_probe()) {
      if (!kinds.contains(std::string(to_string(each.kind)))) continue;
      std::uint64_t sum = 0;
      const bool is_counted =
          std::all_of(each.probes.begin(), each.probes.end(), [&](const std::string& probe) {
            const auto count = count_in(work_.listing(), probe);
            sum += count.value_or(0);
            return count.has_value();
          });
      if (is_counted) intake.count(each.kind, sum);
    }
  }

  // An Error that ends the work, or the first of those that end a collector's.
  std::optional<Error> collect(StoringIntake& intake) {
    std::optional<Error> first;
    for (const auto& collector : collectors_) {
      const std::string listing = text_for(*collector, work_.listing());
      if (!is_due(*collector, intake.walks(), listing)) continue;
      intake.begin(*collector, [&](const std::string& kind) { return is_sweep_due(kind, intake.walks()); });
      if (has_nothing(*collector, intake)) {
        intake.end(*collector, listing);
        continue;
      }
      auto error = ask(*collector, intake);
      if (error && !is_of_vault_ && is_refused_for_permission(*error)) {
        for (const MetaKind kind : collector->kinds()) intake.not_permitted(kind, error->permission());
        error.reset();
      }
      if (!error) {
        intake.end(*collector, listing);
        continue;
      }
      intake.break_off(*collector);
      if (!first) first = error->with_context(std::string(collector->name()));
      if (is_of_vault_ || ends_the_work(*error)) return error;
    }
    return first;
  }

  // The probe counts none of what it gives, and none is kept: most repositories have no discussions, and many
  // nothing at all. Where issues are switched off, only the list of them says so.
  bool has_nothing(const MetaCollector& collector, const StoringIntake& intake) const {
    const auto probes = collector.probes();
    const auto kinds = collector.kinds();
    const bool tells_of_issues = std::find(kinds.begin(), kinds.end(), MetaKind::issue) != kinds.end();
    return !probes.empty() && !tells_of_issues &&
           std::all_of(probes.begin(), probes.end(),
                       [&](std::string_view probe) {
                         return count_in(work_.listing(), std::string(probe)) == std::uint64_t{0};
                       }) &&
           std::none_of(kinds.begin(), kinds.end(), [&](MetaKind kind) { return intake.keeps_any(kind); });
  }

  std::optional<Error> ask(const MetaCollector& collector, StoringIntake& intake) {
    try {
      return caught_error([&] { collector.collect(intake); });
    } catch (const VaultFailure& failure) {
      is_of_vault_ = true;
      return failure.error;
    }
  }

  bool is_due(const MetaCollector& collector, const MetaWalks& walks, const std::string& listing) const {
    const auto seen = walks.seen.find(std::string(collector.name()));
    if (seen == walks.seen.end() || seen->second != listing) return true;
    const std::set<std::string> kinds = names_of(collector.kinds());
    return std::any_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
      return walks.sweeps.contains(kind) || walks.pending.contains(kind) || is_sweep_due(kind, walks);
    });
  }

  bool is_sweep_due(const std::string& kind, const MetaWalks& walks) const {
    const auto swept = walks.swept.find(kind);
    if (sweeps_all_ || swept == walks.swept.end()) return true;
    return hubkeep::is_due(swept->second, now_, work_.context().recheck, work_.id().spread());
  }

  // What has come so far has its snapshot, unless it may not be there.
  PartResult failed(const Error& error, StoringIntake& intake) const {
    if (intake.has_progress() && !is_of_vault_) intake.commit();
    PartResult result{.part = {}, .outcome = intake.told()};
    result.outcome.kind = PartOutcomeKind::failed;
    result.outcome.error = error;
    return result;
  }

  PartResult finished(StoringIntake& intake) const {
    std::set<std::string> kinds;
    for (const auto& collector : collectors_) kinds.merge(names_of(collector->kinds()));
    PartResult result{.part = {}, .outcome = {}, .checked_at = intake.all_swept_since(kinds)};
    const bool has_news = intake.has_news();
    if (has_news) result.part = to_part(intake.store_folded());
    result.outcome = intake.told();
    if (has_news) result.outcome.kind = PartOutcomeKind::saved;
    return result;
  }

  RepositoryWork& work_;
  const MetaCollectors& collectors_;
  const ContentKinds& wanted_;
  const UtcTime now_;
  bool sweeps_all_ = false;
  bool is_of_vault_ = false;
};

class MetaBackup final : public PartBackup {
 public:
  MetaBackup(SubjectKind subject, const MetaCollectors& collectors, const ContentKinds& wanted)
      : subject_(subject), wanted_(wanted) {
    for (const auto& collector : collectors) {
      if (collector->subject() != subject || !wanted.contains(collector->group())) continue;
      collectors_.push_back(collector);
      for (const std::string_view probe : collector->probes()) signs_.probes.emplace(probe);
      if (!collector->probes().empty()) continue;
      signs_.probes.emplace(to_string(collector->group()));
      signs_.follows_updates = true;
    }
  }

  std::string_view name() const override { return kMetaPart; }
  bool is_for(SubjectKind kind) const override { return kind == subject_ && !collectors_.empty(); }

  std::set<std::string> probes() const override { return signs_.probes; }

  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    return judge_meta(known, listed, recheck, signs_);
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& /*snapshot*/,
                  RepositoryWork& work) const override {
    return MetaSave(work, collectors_, wanted_).run(before);
  }

 private:
  const SubjectKind subject_;
  const ContentKinds wanted_;
  MetaCollectors collectors_;
  MetaSigns signs_;
};

}  // namespace

Freshness judge_meta(const CatalogEntry& known, const Listing& listed, const Recheck& recheck,
                     const MetaSigns& signs) {
  if (known.gone_since) return Freshness::back_again;
  if (known.newest.size() > 1) return Freshness::several_newest;
  if (known.newest.empty()) return Freshness::incomplete;
  const auto checked = known.checked.find(PartName(kMetaPart));
  if (checked == known.checked.end()) return Freshness::never_asked;
  if (is_incomplete(status_of(known.newest.front().parts, kMetaPart))) return Freshness::incomplete;
  // What is known for the first time may have changed at any time before.
  const bool has_changed =
      std::any_of(signs.probes.begin(), signs.probes.end(), [&](const std::string& name) {
        const auto now = listed.probe.find(name);
        const auto before = known.listing.probe.find(name);
        return now != listed.probe.end() &&
               (before == known.listing.probe.end() || before->second != now->second);
      });
  const bool was_updated =
      signs.follows_updates && listed.updated_at && known.listing.updated_at != listed.updated_at;
  if (has_changed || was_updated) return Freshness::listing_differs;
  if (is_due(checked->second, recheck.now, recheck.interval, known.id.spread()))
    return Freshness::recheck_due;
  return Freshness::unchanged;
}

std::shared_ptr<const PartBackup> meta_backup(SubjectKind subject, const MetaCollectors& collectors,
                                              const ContentKinds& wanted) {
  return std::make_shared<MetaBackup>(subject, collectors, wanted);
}

}  // namespace hubkeep
