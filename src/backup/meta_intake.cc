#include "backup/meta_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backup/meta_fold.h"
#include "backup/meta_texts.h"
#include "backup/vault_failure.h"
#include "base/caught_error.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/meta_line.h"

namespace hubkeep {
namespace {

// What a kill may cost: a twenty-fifth of all requests, or so many.
constexpr std::uint64_t kFewRequests = 10;
constexpr std::uint64_t kPartOfRequests = 25;
// A walk that brings nothing new is worth a snapshot when it was long.
constexpr std::uint64_t kManyRequests = 100;
constexpr std::uint64_t kLargePartOfRequests = 10;

std::string name_of(MetaKind kind) {
  return std::string(to_string(kind));
}

// As it stands in a line: JSON has line feeds between its tokens alone.
std::string on_one_line(std::string_view json) {
  std::string text(json);
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

void require_object(const MetaDocument& document) {
  if (!document.id.empty() && document.json.starts_with('{') && is_json(document.json, kLargestDocument))
    return;
  throw Error(ErrorKind::corrupt,
              fmt::format("GitHub sent a {} that is no JSON object, or too large", to_string(document.kind)));
}

MetaWalks without_pending(MetaWalks walks) {
  walks.pending.clear();
  return walks;
}

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

}  // namespace

struct StoringIntake::Increment {
  Increment(VaultObjects& objects, const std::string& folder, const std::string& record_key)
      : writer(objects.create(folder, record_key)) {}
  RecordedWriter writer;
};

StoringIntake::StoringIntake(RepositoryWork& work, MetaBefore before, ContentKinds wanted)
    : work_(work),
      place_{work.folder(), PartName(kMetaPart)},
      wanted_(std::move(wanted)),
      now_(work.context().now_by_github()),
      before_(std::move(before.part)),
      walks_before_(without_pending(before.state.walks)),
      state_(std::move(before.state)),
      part_(before_.value_or(MetaPart{})),
      outcome_{.part = PartName(kMetaPart)} {
  part_.documents = std::move(before.documents);
  part_.cursor = std::move(before.cursor);
  for (const std::string& url : state_.walks.attachments) work_.note_attachment(url);
  std::set<std::string> groups;
  for (const ContentKind group : wanted_) groups.emplace(to_string(group));
  state_.walks.groups = std::move(groups);
}

StoringIntake::~StoringIntake() = default;

void StoringIntake::begin(const MetaCollector& collector,
                          const std::function<bool(const std::string& kind)>& is_due) {
  for (const MetaKind each : collector.kinds()) {
    const std::string kind = name_of(each);
    part_.not_permitted.erase(kind);
    part_.absent.erase(kind);
    part_.lacking.erase(kind);
    if (state_.walks.sweeps.contains(kind)) continue;
    state_.forget_seen(kind);
    if (is_due(kind)) state_.walks.sweeps[kind] = {.began = now_, .cursor = {}};
  }
}

void StoringIntake::end(const MetaCollector& collector, const std::string& listing) {
  MetaWalks& walks = state_.walks;
  for (const MetaKind each : collector.kinds()) {
    const auto sweep = walks.sweeps.find(name_of(each));
    if (sweep == walks.sweeps.end()) continue;
    walks.swept[sweep->first] = sweep->second.began;
    if (!sweep->second.cursor.empty()) walks.cursors[sweep->first] = sweep->second.cursor;
    walks.sweeps.erase(sweep);
  }
  walks.seen[std::string(collector.name())] = listing;
}

// What was said of its kinds before stays, unless it has said something else.
void StoringIntake::break_off(const MetaCollector& collector) {
  ++broken_off_;
  if (!before_) return;
  for (const MetaKind each : collector.kinds()) {
    const std::string kind = name_of(each);
    if (before_->absent.contains(kind)) part_.absent.insert(kind);
    if (const auto found = before_->not_permitted.find(kind); found != before_->not_permitted.end())
      part_.not_permitted.insert(*found);
    if (const auto found = before_->lacking.find(kind); found != before_->lacking.end())
      part_.lacking.insert(*found);
  }
}

bool StoringIntake::is_sweep(MetaKind kind) const {
  return state_.walks.sweeps.contains(name_of(kind));
}

std::string StoringIntake::cursor(MetaKind kind) const {
  const MetaWalks& walks = state_.walks;
  if (const auto sweep = walks.sweeps.find(name_of(kind)); sweep != walks.sweeps.end())
    return sweep->second.cursor;
  const auto found = walks.cursors.find(name_of(kind));
  return found == walks.cursors.end() ? "" : found->second;
}

void StoringIntake::set_cursor(MetaKind kind, std::string cursor) {
  MetaWalks& walks = state_.walks;
  const auto sweep = walks.sweeps.find(name_of(kind));
  (sweep == walks.sweeps.end() ? walks.cursors[name_of(kind)] : sweep->second.cursor) = std::move(cursor);
}

void StoringIntake::write(const std::string& line, Number number) {
  of_vault([&] {
    if (!increment_)
      increment_ = std::make_unique<Increment>(work_.context().vault.objects(), place_.folder,
                                               place_.record_key(work_.snapshot(), ".jsonl.zst"));
    increment_->writer.write(line);
  });
  if (state_.is_written(number)) ++replaced_;
  state_.set_written(number);
  is_worth_a_commit_ = true;
}

bool StoringIntake::take(const MetaDocument& document) {
  const std::string kind = name_of(document.kind);
  const std::string json = on_one_line(document.json);
  const std::uint64_t hash = meta_hash(json);
  drop_pending(document.kind, document.id);
  if (const auto known = state_.find(kind, document.id)) {
    state_.set_seen(*known);
    if (state_.hash_of(*known) == hash && !state_.gone_since(*known)) return false;
  }
  require_object(document);
  const std::string line = to_line({.kind = kind,
                                    .id = std::string(document.id),
                                    .parent = std::string(document.parent),
                                    .at = work_.context().now_by_github(),
                                    .document = json});
  const Number number = state_.put(kind, document.id, document.parent, hash);
  state_.set_seen(number);
  write(line, number);
  ++outcome_.documents.saved;
  if (wants(ContentKind::attachments)) find_attachments_in(json);
  return true;
}

void StoringIntake::find_attachments_in(std::string_view document) {
  if (!may_have_attachments(document)) return;
  const GitHubPlaces places = work_.context().github.api().places();
  for (std::string& url : attachments_in(document, places)) {
    work_.note_attachment(url);
    state_.walks.attachments.insert(std::move(url));
  }
}

bool StoringIntake::has(MetaKind kind, std::string_view id) const {
  const auto known = state_.find(to_string(kind), id);
  return known && !state_.gone_since(*known);
}

bool StoringIntake::keeps_any(MetaKind kind) const {
  const auto counts = state_.counts();
  const auto found = counts.find(name_of(kind));
  const bool is_pending = state_.walks.pending.contains(name_of(kind));
  return is_pending || (found != counts.end() && found->second.kept > 0);
}

void StoringIntake::add_pending(MetaKind kind, PendingDocument document) {
  auto& documents = state_.walks.pending[name_of(kind)];
  if (documents.insert_or_assign(document.id, document).second) has_other_pending_ = true;
}

std::vector<PendingDocument> StoringIntake::pending(MetaKind kind) const {
  std::vector<PendingDocument> documents;
  const auto found = state_.walks.pending.find(name_of(kind));
  if (found == state_.walks.pending.end()) return documents;
  for (const auto& [id, document] : found->second) documents.push_back(document);
  return documents;
}

void StoringIntake::drop_pending(MetaKind kind, std::string_view id) {
  const auto found = state_.walks.pending.find(name_of(kind));
  if (found == state_.walks.pending.end()) return;
  if (found->second.erase(std::string(id)) > 0) has_other_pending_ = true;
  if (found->second.empty()) state_.walks.pending.erase(found);
}

void StoringIntake::answered(ApiKind /*api*/, ByteCount bytes) {
  ++outcome_.requests;
  outcome_.bytes_received += bytes;
  ++requests_since_commit_;
  if (is_time_to_commit()) of_vault([&] { commit(); });
}

bool StoringIntake::is_time_to_commit() const {
  const auto exceeds = [&](std::uint64_t few, std::uint64_t part) {
    return requests_since_commit_ > std::max(few, outcome_.requests / part);
  };
  if (is_worth_a_commit_) return exceeds(kFewRequests, kPartOfRequests);
  return !state_.walks.sweeps.empty() && exceeds(kManyRequests, kLargePartOfRequests);
}

void StoringIntake::saw_all(MetaKind kind) {
  seen_all_.insert(name_of(kind));
  const auto sweep = state_.walks.sweeps.find(name_of(kind));
  if (sweep != state_.walks.sweeps.end()) sweep->second.has_seen_all = true;
}

std::vector<std::string> StoringIntake::suspects(MetaKind kind) const {
  std::vector<std::string> ids;
  const auto sweep = state_.walks.sweeps.find(name_of(kind));
  const bool has_swept = sweep != state_.walks.sweeps.end() && sweep->second.has_seen_all;
  if (!has_swept && !seen_all_.contains(name_of(kind))) return ids;
  for (Number number = 0; number < state_.size(); ++number)
    if (!state_.is_seen(number) && !state_.gone_since(number) &&
        state_.ids().kind_of(number) == to_string(kind))
      ids.push_back(state_.ids().id_of(number));
  return ids;
}

void StoringIntake::gone(MetaKind kind, std::string_view id) {
  drop_pending(kind, id);
  const auto known = state_.find(to_string(kind), id);
  if (!known || state_.gone_since(*known)) return;
  const UtcTime now = work_.context().now_by_github();
  state_.set_gone(*known, now);
  write(to_line({.kind = to_string(kind),
                 .id = std::string(id),
                 .parent = state_.parent_of(*known),
                 .gone = now,
                 .document = {}}),
        *known);
  ++outcome_.documents.newly_gone;
}

void StoringIntake::count(MetaKind kind, std::uint64_t github) {
  part_.counts[name_of(kind)].github = github;
}

void StoringIntake::absent(MetaKind kind) {
  part_.absent.insert(name_of(kind));
}

void StoringIntake::not_permitted(MetaKind kind, const std::string& permission) {
  part_.not_permitted[name_of(kind)] = permission;
}

void StoringIntake::lacking(MetaKind kind, const std::string& why) {
  part_.lacking[name_of(kind)] = why;
}

std::uint64_t StoringIntake::count_pending() const {
  std::uint64_t count = 0;
  for (const auto& [kind, documents] : state_.walks.pending) count += documents.size();
  return count;
}

MetaPart StoringIntake::part_now() const {
  MetaPart part = part_;
  for (auto& [kind, count] : part.counts) count.kept = count.gone = 0;
  for (const auto& [kind, count] : state_.counts()) {
    part.counts[kind].kept = count.kept;
    part.counts[kind].gone = count.gone;
  }
  // What a collector had not come to has no number.
  part.pending = std::max(count_pending(), broken_off_);
  part.status = part.pending == 0 ? PartStatus::ok : PartStatus::partial;
  return part;
}

bool StoringIntake::has_news() const {
  if (is_worth_a_commit_ || has_other_pending_ || !before_ || part_.cursor.empty()) return true;
  const MetaWalks& now = state_.walks;
  const auto names = [](const auto& map) {
    std::set<std::string> keys;
    for (const auto& [name, value] : map) keys.insert(name);
    return keys;
  };
  const bool is_same_walk = now.sweeps == walks_before_.sweeps && now.groups == walks_before_.groups &&
                            names(now.swept) == names(walks_before_.swept);
  return !is_same_walk || part_now() != *before_;
}

MetaPart StoringIntake::store() {
  if (increment_) {
    part_.documents.push_back({increment_->writer.commit(), replaced_});
    outcome_.bytes_stored += part_.documents.back().record.size;
    increment_.reset();
    replaced_ = 0;
    state_.forget_written();
  }
  part_.cursor = state_.write(work_.context().vault.objects(), place_.folder,
                              place_.record_key(work_.snapshot(), ".cursor.zst"), part_.cursor);
  outcome_.bytes_stored += part_.cursor.back().size;
  is_worth_a_commit_ = false;
  requests_since_commit_ = 0;
  return part_now();
}

void StoringIntake::commit() {
  ++broken_off_;  // until it goes on
  const MetaPart part = store();
  --broken_off_;
  PartResult so_far{.part = to_part(part), .outcome = told()};
  so_far.outcome.kind = PartOutcomeKind::saved;
  work_.commit_partial(std::move(so_far));
}

PartOutcome StoringIntake::told() const {
  PartOutcome outcome = outcome_;
  for (const MetaDifference& each : differences_of(part_now()))
    if (each.why.empty())
      outcome.documents.unexplained += distance(each.count.kept, each.count.github.value_or(0));
  outcome.detail = describe_news();
  return outcome;
}

// "the token lacks Webhooks: read (hook), Administration: read (deploy_key, team); comment: GitHub gives …"
std::string StoringIntake::describe_news() const {
  const MetaPart none;
  const MetaPart& before = before_ ? *before_ : none;
  std::map<std::string, std::string> kinds;  // by permission
  for (const auto& [kind, permission] : part_.not_permitted) {
    if (before.not_permitted.contains(kind)) continue;
    std::string& text = kinds[permission];
    text += (text.empty() ? "" : ", ") + kind;
  }
  std::string text;
  for (const auto& [permission, names] : kinds)
    text += fmt::format("{}{} ({})", text.empty() ? "the token lacks " : ", ",
                        permission.empty() ? "a permission" : printable(permission), names);
  for (const auto& [kind, why] : part_.lacking)
    if (!before.lacking.contains(kind))
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", kind, printable(why));
  return text;
}

// What has come is safe in a snapshot of its own before the rest is made smaller.
MetaPart StoringIntake::store_folded() {
  const MetaFoldPlace place{work_.context().vault.objects(), place_.folder, work_.stop()};
  const std::size_t nowhere = part_.documents.size();
  std::size_t from = nowhere;
  std::optional<ObjectRecord> folded;
  const auto error = caught_error([&] { from = fold_from(place, part_.documents); });
  if (!error && from == nowhere) return store();
  if (error) return stay_in_many(*error, store());
  commit();
  const auto failure = caught_error([&] {
    folded = fold_meta(place, place_.record_key(work_.snapshot(), ".jsonl.zst"),
                       std::span(part_.documents).subspan(from), state_);
  });
  if (failure) return stay_in_many(*failure, part_now());
  if (folded) {
    outcome_.bytes_stored += folded->size;
    part_.documents.resize(from);
    part_.documents.push_back({.record = std::move(*folded)});
  }
  return part_now();
}

MetaPart StoringIntake::stay_in_many(const Error& error, MetaPart part) const {
  if (error.kind() == ErrorKind::cancelled) throw Error(error);
  work_.notice("its documents stay in many objects: " + error.message());
  if (error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::not_found)
    for (const MetaIncrement& each : part.documents)
      caught_error([&] { work_.lose_unreadable({each.record}); });
  return part;
}

std::optional<UtcTime> StoringIntake::all_swept_since(const std::set<std::string>& kinds) const {
  std::optional<UtcTime> since;
  for (const std::string& kind : kinds) {
    const auto swept = state_.walks.swept.find(kind);
    if (swept == state_.walks.swept.end() || state_.walks.sweeps.contains(kind)) return std::nullopt;
    since = since ? std::min(*since, swept->second) : swept->second;
  }
  return since;
}

}  // namespace hubkeep
