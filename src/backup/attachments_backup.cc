// Texts are read by the parts that keep them; here come their addresses. Each is asked for once in its life,
// since what lies at one does not change. What could not be had stays in the cursor with its reason: it is
// told once, and tried again when a look is due all the same.
//
// So that whoever kills a run does not lose what it has fetched, it commits now and then: under their hashes
// files cannot be found by their addresses.
#include "backup/attachments_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include "backup/attachment_fetch.h"
#include "backup/lost_objects.h"
#include "backup/part_place.h"
#include "backup/releases_backup.h"
#include "backup/releases_listing.h"
#include "backup/repository_work.h"
#include "backup/vault_failure.h"
#include "base/caught_error.h"
#include "base/text.h"
#include "github/attachment_urls.h"

namespace hubkeep {
namespace {

constexpr ByteCount kWorthACommit = ByteCount{16} << 20;
constexpr std::size_t kLongestMessage = 500;
constexpr int kMostFailures = 3;  // in a row: the next would fail, too

AttachmentLack lack_of(const Error& error, bool is_kind_of_token) {
  switch (error.kind()) {
    case ErrorKind::not_found:
      return is_kind_of_token ? AttachmentLack::not_permitted : AttachmentLack::missing;
    case ErrorKind::transient:
    case ErrorKind::corrupt:
      return AttachmentLack::pending;
    default:
      return AttachmentLack::refused;
  }
}

// What would befall all others, too.
bool ends_the_work(const Error& error) {
  const ErrorKind kind = error.kind();
  return kind == ErrorKind::cancelled || kind == ErrorKind::rate_limited || kind == ErrorKind::unauthorized ||
         kind == ErrorKind::internal;
}

/// What this run has fetched, for repositories whose texts name the same file. Thread-safe.
class FetchedInRun {
 public:
  std::optional<FetchedAttachment> find(const std::string& identity) {
    const std::scoped_lock lock(mutex_);
    const auto found = fetched_.find(identity);
    return found == fetched_.end() ? std::nullopt : std::optional(found->second);
  }
  void keep(const std::string& identity, const FetchedAttachment& fetched) {
    const std::scoped_lock lock(mutex_);
    fetched_.emplace(identity, fetched);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, FetchedAttachment> fetched_;
};

class AttachmentsSave {
 public:
  AttachmentsSave(RepositoryWork& work, FetchedInRun& in_run)
      : work_(work), in_run_(in_run), place_{work.folder(), PartName(kAttachmentsPart)} {}

  PartResult run(const std::optional<PartBefore>& before) {
    now_ = work_.context().now_by_github();
    tries_all_ = is_time_for_all();
    read(before);
    const std::vector<std::string> to_fetch = what_is_to_come();
    std::optional<Error> error;
    for (std::size_t i = 0; i < to_fetch.size(); ++i) {
      error = fetch(to_fetch[i]);
      if (error) {
        outcome_.unfinished = "attachment " + printable(attachment_identity(to_fetch[i]));
        break;
      }
      if (stored_since_commit_ < kWorthACommit || i + 1 == to_fetch.size()) continue;
      await(std::span(to_fetch).subspan(i + 1));
      commit();
    }
    if (error) await(to_fetch);
    return result_of(error ? error : first_failure_);
  }

  PartOutcome told() const { return outcome_; }

 private:
  std::optional<UtcTime> last_asked() const {
    if (work_.known() == nullptr) return std::nullopt;
    const auto found = work_.known()->checked.find(place_.name);
    return found == work_.known()->checked.end() ? std::nullopt : std::optional(found->second);
  }

  // Texts may be read every day, and what could not be had is not worth a request each time.
  bool is_time_for_all() const {
    const auto asked = last_asked();
    const auto period = recheck_after(work_.context().recheck, work_.id().number());
    if (!asked || period <= std::chrono::seconds(0)) return true;
    return asked->time_since_epoch() / period != now_.time_since_epoch() / period;
  }

  // Where the state cannot be read, or a repair replaces it, it is made anew.
  void read(const std::optional<PartBefore>& before) {
    if (!before) return;
    before_ = before->part;
    const auto error = caught_error([&] { read_state(before->part); });
    if (error) {
      if (error->kind() != ErrorKind::corrupt && error->kind() != ErrorKind::not_found) throw Error(*error);
      work_.notice("what the last run remembered of its attachments cannot be used, so it begins anew: " +
                   error->message());
      kept_.clear();
      lacking_.clear();
      stored_ = {};
    }
    lacking_before_ = lacking_;
    for (const auto& [key, kept] : kept_)
      for (const AttachmentAddress& address : kept.addresses) known_.insert(address.url);
  }

  void read_state(const Part& part) {
    VaultObjects& objects = work_.context().vault.objects();
    visit_named_objects(part, [&](const ObjectRecord& record) {
      if (is_lost(record, work_)) throw Error(ErrorKind::not_found, record.key + " is lost");
    });
    stored_ = attachments_part(part);
    kept_ = read_attachments(objects, work_.folder(), stored_.objects, work_.stop());
    if (stored_.cursor) read_cursor(objects);
    forget_lost();
  }

  // They are asked for again under their addresses.
  void forget_lost() {
    std::erase_if(kept_, [&](const auto& each) {
      if (!is_lost(each.second.record, work_)) return false;
      for (const AttachmentAddress& address : each.second.addresses)
        lacking_.emplace(address.url, LackingAttachment{.url = address.url, .message = {}, .since = now_});
      return true;
    });
  }

  void read_cursor(VaultObjects& objects) {
    for (LackingAttachment& each :
         read_attachments_cursor(objects, work_.folder(), *stored_.cursor, work_.stop())) {
      const std::string identity = attachment_identity(each.url);
      lacking_.emplace(identity, std::move(each));
    }
  }

  std::vector<std::string> what_is_to_come() {
    std::map<std::string, std::string> urls;  // by identity
    for (const std::string& url : work_.attachments_found()) urls.emplace(attachment_identity(url), url);
    find_in_kept_releases(urls);
    for (const auto& [identity, lacking] : lacking_) {
      if (tries_all_ || lacking.why == AttachmentLack::pending)
        urls.emplace(identity, lacking.url);
      else
        urls.erase(identity);
    }
    std::vector<std::string> to_come;
    for (const auto& [identity, url] : urls)
      if (!known_.contains(identity)) to_come.push_back(url);
    return to_come;
  }

  // Of this run or an earlier one: what that had found may not have come to any cursor.
  void find_in_kept_releases(std::map<std::string, std::string>& urls) {
    const Part* const part = work_.part(kReleasesPart);
    if (part == nullptr) return;
    const GitHubPlaces places = work_.context().github.api().places();
    LineSplitter lines(
        [&](std::string_view line) {
          for (std::string& url : find_attachments(read_release(line).body, places)) {
            const std::string identity = attachment_identity(url);
            urls.emplace(identity, std::move(url));
          }
        },
        kReleaseLimits);
    try {
      for (const ObjectRecord& document : releases_part(*part).documents)
        work_.context().vault.objects().read(work_.folder(), document, lines, work_.stop());
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      // What is in an archive class was read when it was written, unless nobody asked for attachments then.
      if (error.kind() == ErrorKind::cold && last_asked()) return;
      knows_texts_ = error.kind() == ErrorKind::cold;
      work_.notice("attachments of its releases are not known: " + error.message());
    }
  }

  // An Error that ends the work.
  std::optional<Error> fetch(const std::string& url) {
    const std::string identity = attachment_identity(url);
    if (auto fetched = in_run_.find(identity)) {
      fetched->is_new = false;  // another repository of the run has stored it
      keep(*fetched);
      return std::nullopt;
    }
    DownloadTally tally;
    std::optional<FetchedAttachment> fetched;
    std::optional<Error> error;
    try {
      error = caught_error([&] { fetched = fetch_attachment(work_, url, tally); });
    } catch (const VaultFailure& failure) {
      error = failure.error;
      ends_ = true;
    }
    outcome_.requests += tally.requests;
    outcome_.bytes_received += tally.bytes;
    if (fetched) {
      failures_ = 0;
      in_run_.keep(identity, *fetched);
      keep(*fetched);
      return std::nullopt;
    }
    const bool is_private = work_.listing().visibility != "public";
    const bool is_kind_of_token =
        is_private && work_.context().github.api().places().lacks_private_attachments;
    const bool ends = ends_ || ends_the_work(*error) || is_one_failure_too_many(identity, *error);
    lack(url, ends ? AttachmentLack::pending : lack_of(*error, is_kind_of_token),
         ends ? "" : error->message());
    return ends ? error : std::nullopt;
  }

  // What breaks off, or comes as something else each time, the next run may get.
  bool is_one_failure_too_many(const std::string& identity, const Error& error) {
    if (lack_of(error, false) != AttachmentLack::pending) {
      failures_ = 0;
      return false;
    }
    if (!first_failure_) first_failure_ = error.with_context("attachment " + printable(identity));
    return ++failures_ >= kMostFailures;
  }

  void keep(const FetchedAttachment& fetched) {
    KeptAttachment& kept =
        kept_.try_emplace(fetched.record.key, KeptAttachment{.record = fetched.record}).first->second;
    kept.addresses.push_back(fetched.address);
    std::sort(kept.addresses.begin(), kept.addresses.end(),
              [](const AttachmentAddress& a, const AttachmentAddress& b) { return a.url < b.url; });
    lacking_.erase(fetched.address.url);
    known_.insert(fetched.address.url);
    if (!fetched.is_new) return work_.note_found(fetched.record.key);
    outcome_.bytes_stored += fetched.record.size;
    outcome_.files += {.saved = 1, .bytes = fetched.record.size};
    stored_since_commit_ += fetched.record.size;
  }

  // What was not come to. What was asked for in vain before stays so.
  void await(std::span<const std::string> urls) {
    for (const std::string& url : urls) {
      const std::string identity = attachment_identity(url);
      if (!known_.contains(identity) && !lacking_.contains(identity)) lack(url, AttachmentLack::pending, "");
    }
  }

  // What was lacking before for the same reason is no news.
  void lack(const std::string& url, AttachmentLack why, const std::string& message) {
    const std::string identity = attachment_identity(url);
    const auto before = lacking_before_.find(identity);
    if (before != lacking_before_.end() && before->second.why == why) {
      lacking_.insert_or_assign(identity, before->second);
      return;
    }
    lacking_.insert_or_assign(
        identity,
        LackingAttachment{
            .url = url, .why = why, .message = printable(message.substr(0, kLongestMessage)), .since = now_});
    if (why == AttachmentLack::pending) return;
    news_.push_back(identity);
    outcome_.files.newly_lacking = news_.size();
  }

  PartStatus status() const {
    const auto is_any = [&](AttachmentLack why) {
      return std::any_of(lacking_.begin(), lacking_.end(),
                         [&](const auto& each) { return each.second.why == why; });
    };
    if (is_any(AttachmentLack::pending)) return PartStatus::partial;
    return is_any(AttachmentLack::not_permitted) ? PartStatus::not_permitted : PartStatus::ok;
  }

  // Stores what names the rest.
  Part part_now() {
    VaultObjects& objects = work_.context().vault.objects();
    stored_.objects = store_list({.objects = objects,
                                  .folder = work_.folder(),
                                  .record_key = place_.record_key(work_.snapshot(), ".list.zst"),
                                  .stop = work_.stop()},
                                 stored_.objects, lines_of(kept_));
    if (lacking_.empty()) {
      stored_.cursor.reset();
    } else if (!stored_.cursor || lacking_ != lacking_stored()) {
      std::vector<LackingAttachment> lines;
      for (const auto& [identity, lacking] : lacking_) lines.push_back(lacking);
      stored_.cursor = write_attachments_cursor(objects, work_.folder(),
                                                place_.record_key(work_.snapshot(), ".cursor.zst"), lines);
    }
    stored_lacking_ = lacking_;
    stored_.status = status();
    return to_part(stored_);
  }

  const std::map<std::string, LackingAttachment>& lacking_stored() const {
    return stored_lacking_ ? *stored_lacking_ : lacking_before_;
  }

  void commit() {
    PartOutcome outcome = outcome_;
    outcome.kind = PartOutcomeKind::saved;
    work_.commit_partial({.part = part_now(), .outcome = std::move(outcome)});
    stored_since_commit_ = 0;
  }

  PartResult result_of(const std::optional<Error>& error) {
    PartResult result{.part = {}, .outcome = outcome_};
    if (before_ || !kept_.empty() || !lacking_.empty()) {
      result.part = part_now();
      const bool is_same = before_ && *result.part == *before_;
      result.outcome.kind = is_same ? PartOutcomeKind::unchanged : PartOutcomeKind::saved;
    } else {
      result.outcome.kind = PartOutcomeKind::absent;
    }
    result.outcome.bytes_stored = outcome_.bytes_stored;
    result.outcome.detail = describe_news();
    if (error) {
      result.outcome.kind = PartOutcomeKind::failed;
      result.outcome.error = error;
    } else if (knows_texts_) {
      result.checked_at = now_;
    }
    return result;
  }

  std::string describe_news() const {
    if (news_.empty()) return "";
    const LackingAttachment& first = lacking_.at(news_.front());
    const std::string why = first.why == AttachmentLack::not_permitted
                                ? "of a private repository, GitHub gives them to classic tokens alone"
                                : first.message;
    return fmt::format("{} cannot be had: {}: {}",
                       news_.size() == 1 ? "1 attachment" : fmt::format("{} attachments", news_.size()),
                       printable(news_.front()), why);
  }

  RepositoryWork& work_;
  FetchedInRun& in_run_;
  const PartPlace place_;
  UtcTime now_;
  bool tries_all_ = false;
  bool ends_ = false;
  bool knows_texts_ = true;
  std::optional<Part> before_;
  AttachmentsPart stored_;  // as it stands in the vault
  std::optional<std::map<std::string, LackingAttachment>> stored_lacking_;
  KeptAttachments kept_;
  std::map<std::string, LackingAttachment> lacking_;  // by identity, as all below
  std::map<std::string, LackingAttachment> lacking_before_;
  std::set<std::string> known_;
  std::vector<std::string> news_;
  int failures_ = 0;  // since the last that came to an end
  std::optional<Error> first_failure_;
  ByteCount stored_since_commit_ = 0;
  PartOutcome outcome_{.part = PartName(kAttachmentsPart)};
};

class AttachmentsBackup final : public PartBackup {
 public:
  explicit AttachmentsBackup(std::shared_ptr<const PartBackup> texts) : texts_(std::move(texts)) {}

  std::string_view name() const override { return kAttachmentsPart; }

  // With the texts in which they are found; by itself where some are still to come, or where a run read texts
  // and did not come to them.
  Freshness judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const override {
    if (!known.newest.empty() &&
        status_of(known.newest.front().parts, kAttachmentsPart) == PartStatus::partial)
      return Freshness::incomplete;
    const auto asked = known.checked.find(PartName(kAttachmentsPart));
    if (asked == known.checked.end()) return Freshness::never_asked;
    if (is_due(asked->second, recheck.now, recheck.interval, known.id.number()))
      return Freshness::recheck_due;
    if (texts_ && texts_->is_for(known.id.kind())) {
      const Freshness freshness = texts_->judge(known, listed, recheck);
      if (freshness != Freshness::unchanged) return freshness;
    }
    const auto read = known.checked.find(PartName(kReleasesPart));
    if (read == known.checked.end()) return Freshness::unchanged;
    if (asked->second < read->second) return Freshness::incomplete;
    return judge_releases(known, listed, recheck);
  }

  PartResult save(const std::optional<PartBefore>& before, const SnapshotId& /*snapshot*/,
                  RepositoryWork& work) const override {
    AttachmentsSave save(work, in_run_);
    PartResult result;
    const auto error = caught_error([&] { result = save.run(before); });
    if (!error) return result;
    result = {.part = {}, .outcome = save.told()};
    result.outcome.kind = PartOutcomeKind::failed;
    result.outcome.error = error;
    return result;
  }

 private:
  const std::shared_ptr<const PartBackup> texts_;
  mutable FetchedInRun in_run_;
};

}  // namespace

std::shared_ptr<const PartBackup> attachments_backup(std::shared_ptr<const PartBackup> texts) {
  return std::make_shared<AttachmentsBackup>(std::move(texts));
}

}  // namespace hubkeep
