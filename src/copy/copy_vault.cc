// States first, then the repositories side by side, zips, the catalog, the states again, and the reports. A
// state that is there from the beginning lets verify see that a copy was broken off
// (CopyVault.ThatIsBrokenOffIsKnownToBeOne); at the end it also learns which snapshots are the newest. The
// catalog is written when all that it names is there, and also where the copy was stopped.
#include "copy/copy_vault.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "copy/copy_state.h"
#include "copy/lacks_elsewhere.h"
#include "vault/key_kind.h"
#include "vault/object_encoding.h"
#include "vault/select_snapshot.h"

namespace hubkeep {
namespace {

constexpr ByteCount kCopyJobMemory = ByteCount{1} << 20U;  // beside the store's buffer: libcurl's

class VaultCopy {
 public:
  VaultCopy(const CopyContext& context, const CopyOptions& options, MemoryBudget& memory,
            const std::stop_token& stop)
      : context_(context), options_(options), memory_(memory), stop_(stop) {}

  CopySummary run() {
    from_ = context_.from.load_catalog(notice(), stop_);
    to_ = context_.to.load_catalog(notice(), stop_);
    const std::vector<const CatalogEntry*> entries = selected();
    context_.lacks_elsewhere = lacks_elsewhere(context_.from.objects(), context_.to.objects());
    context_.observer.selected(entries.size());
    copy_states(entries);
    work_in_parallel(entries.size(), options_.jobs, [&](std::size_t i) { copy(*entries[i]); });
    copy_zips();
    // Beyond this point every snapshot and zip is there; the catalog makes it quick to find.
    write_catalog();
    if (!summary_.stopped) copy_states(entries);
    if (options_.repositories.empty()) copy_reports();
    return std::move(summary_);
  }

 private:
  void copy_states(const std::vector<const CatalogEntry*>& entries) {
    CopiedRepositories copied{.to = to_, .wanted = {}, .updates = updates_};
    if (!options_.repositories.empty()) {
      copied.wanted.emplace();
      for (const CatalogEntry* entry : entries) copied.wanted->insert(entry->key());
    }
    try {
      for (auto& problem : hubkeep::copy_states(context_, copied, stop_))
        if (std::find(summary_.problems.begin(), summary_.problems.end(), problem) == summary_.problems.end())
          summary_.problems.push_back(std::move(problem));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled)
        summary_.stopped = true;
      else
        summary_.problems.push_back("what the vault remembers could not be copied: " + error.message());
    }
  }

  Notice notice() const { return notice_of(context_.observer); }

  std::vector<const CatalogEntry*> selected() const {
    std::set<const CatalogEntry*> entries;
    for (const std::string& name : options_.repositories)
      entries.insert(&find_repository(from_, name, context_.from.command("list")));
    if (options_.repositories.empty())
      for (const auto& [key, entry] : from_) entries.insert(&entry);
    return {entries.begin(), entries.end()};
  }

  // The edge of one repository's work: no error goes beyond it.
  void copy(const CatalogEntry& entry) {
    CopyResult result{.outcome = {.repository = entry.listing.full_name, .id = entry.id}};
    try {
      if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
      const auto lease = memory_.acquire(kCopyJobMemory + context_.to.objects().writer_memory(), stop_);
      const auto found = to_.find(entry.key());
      const auto known = found == to_.end() ? std::nullopt : std::optional(found->second);
      result = copy_repository(context_, entry, known, stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) {
        const std::scoped_lock lock(mutex_);
        summary_.stopped = true;
        return;
      }
      result.outcome.error = error;
    } catch (const std::exception& error) {
      result.outcome.error = Error(ErrorKind::internal, error.what());
    }
    context_.observer.finished(result.outcome);
    const std::scoped_lock lock(mutex_);
    summary_.outcomes.push_back(std::move(result.outcome));
    if (result.update) updates_.push_back(std::move(*result.update));
  }

  void copy_zips() {
    std::optional<std::set<SubjectKey>> wanted;
    if (!options_.repositories.empty()) {
      wanted.emplace();
      for (const CatalogEntry* entry : selected()) wanted->insert(entry->key());
    }
    try {
      const auto lease = memory_.acquire(kCopyJobMemory + context_.to.objects().writer_memory(), stop_);
      summary_.zips = hubkeep::copy_zips(context_, wanted, stop_);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) {
        summary_.stopped = true;
      } else {
        summary_.problems.push_back("the zips could not be copied: " + error.message());
      }
      return;
    }
    summary_.problems.insert(summary_.problems.end(), summary_.zips.problems.begin(),
                             summary_.zips.problems.end());
    for (const CatalogEntry* entry : selected()) tell_of_zip(*entry);
  }

  // What the other vault's catalog knows of a repository with zips, which may have no history there.
  void tell_of_zip(const CatalogEntry& entry) {
    if (!entry.zip || !summary_.zips.there.contains(entry.zip->key)) return;
    const auto update = std::find_if(updates_.begin(), updates_.end(),
                                     [&](const CatalogUpdate& u) { return u.entry.key() == entry.key(); });
    if (update != updates_.end()) {
      // The history was copied as well: one update for both.
      update->entry.zip = entry.zip;
      return;
    }
    const auto found = to_.find(entry.key());
    // The other vault's catalog may know of a later one.
    if (found != to_.end() && found->second.zip) return;
    CatalogUpdate added{.entry = found == to_.end() ? entry : found->second, .supersedes = {}};
    if (found == to_.end()) added.entry.newest.clear();
    added.entry.zip = entry.zip;
    updates_.push_back(std::move(added));
  }

  // Not stopped by the stop that ended the copy: what is finished must be kept.
  void write_catalog() {
    try {
      context_.to.update_catalog(updates_, notice(), {});
    } catch (const Error& error) {
      summary_.problems.push_back(
          "the catalog could not be written (the next run finds the snapshots all the same): " +
          error.message());
    }
  }

  // Nothing needs them but people: one that cannot be copied is no loss of the backup.
  void copy_reports() {
    try {
      for (const char* folder : {"runs/", "drills/"}) copy_reports_of(folder);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) {
        summary_.stopped = true;
      } else {
        summary_.problems.push_back("the reports of the runs and drills could not be copied: " +
                                    error.message());
      }
    }
  }

  void copy_reports_of(const std::string& folder) {
    std::map<ObjectKey, ByteCount> there;
    context_.to.objects().list(folder, "", [&](const ObjectInfo& object) {
      there.emplace(object.key, object.size);
      return true;
    });
    std::vector<ObjectKey> missing;
    context_.from.objects().list(folder, "", [&](const ObjectInfo& object) {
      const auto found = there.find(object.key);
      if (found == there.end() || found->second != object.size) missing.push_back(object.key);
      return true;
    });
    for (const ObjectKey& key : missing) copy_report(key);
  }

  void copy_report(const ObjectKey& key) {
    RecordedWriter writer = context_.to.objects().create_stored("", "/" + key);
    RecordingSink recorded;
    TeeSink sink(recorded, writer);
    context_.from.objects().read_stored(key, sink, stop_);
    const std::string encoding(name_of(encoding_of(key)));
    try {
      summary_.reports += writer.commit_as(recorded.finish("/" + key, encoding), stop_) ? 1 : 0;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      summary_.problems.push_back(other_bytes_there(context_, error).message());
    }
  }

  CopyContext context_;
  const CopyOptions& options_;
  MemoryBudget& memory_;
  const std::stop_token& stop_;
  Catalog from_;
  Catalog to_;
  std::mutex mutex_;  // guards both below while threads run
  CopySummary summary_;
  std::vector<CatalogUpdate> updates_;
};

}  // namespace

bool CopySummary::is_good() const {
  return problems.empty() && !stopped &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const CopyOutcome& o) { return o.is_good(); });
}

CopySummary copy_vault(const CopyContext& context, const CopyOptions& options, MemoryBudget& memory,
                       const std::stop_token& stop) {
  return VaultCopy(context, options, memory, stop).run();
}

}  // namespace hubkeep
