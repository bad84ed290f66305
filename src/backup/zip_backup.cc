// Beside a history, the zip is of the commit that the newest snapshot has as HEAD, so an unchanged repository
// costs no request. Without a history, the listing says whether anything may have changed, and the server's
// refs which commit HEAD is. Either way the zip is written first; its name in the day's metadata.json and in
// the catalog comes at the end of the run, so a zip that nobody named is made, or found, again
// (ZipBackupTest.ForgetsWhatCouldNotBeNamedAndTakesItUpAgain).
#include "backup/zip_backup.h"
#include "backup/listing_of.h"

#include <algorithm>

#include "backup/git_freshness.h"
#include "base/caught_error.h"
#include "vault/zip_record.h"

namespace hubkeep {
namespace {

constexpr std::string_view kNoCommit = "no zip: the default branch has no commit";

std::optional<CatalogZip> last_zip(const std::optional<CatalogEntry>& known) {
  return known ? known->zip : std::nullopt;
}

// What the catalog is told already, or else what it knows, with the zip.
void tell_catalog(const CatalogEntry& known, CatalogZip zip, RepositoryResult& result) {
  auto update = result.update.value_or(CatalogUpdate{.entry = known, .supersedes = {}});
  update.entry.zip = std::move(zip);
  result.update = std::move(update);
}

CatalogEntry new_entry(const std::string& host, const Repository& repository) {
  return {.host = host,
          .id = repository.id,
          .node_id = repository.node_id,
          .folder = repository_folder(host, repository.owner, repository.name, repository.id)};
}

// `result` with what came of `save`.
RepositoryResult zipped(RepositoryResult result, const StopTokens& stops,
                        const std::function<void(RepositoryResult&)>& save) {
  const auto error = caught_error([&] { with_context("zip", [&] { save(result); }); });
  if (error) result.outcome = failed(std::move(result.outcome), *error, stops.is_stopping());
  return result;
}

}  // namespace

ZipBackup::ZipBackup(const BackupContext& context, ZipTime time, std::string day)
    : context_(context), store_(context), time_(time), day_(std::move(day)) {
  if (time == ZipTime::never) return;
  for (auto& each : list_zip_days(context.vault.objects())) days_.insert(std::move(each));
}

bool ZipBackup::is_there(const CatalogZip& last) const {
  return days_.contains(day_of_zip(last.key));
}

bool ZipBackup::is_wanted_of(const std::optional<CatalogZip>& last, const std::string& commit) const {
  if (!last || !is_there(*last) || last->commit != commit) return true;
  return time_ == ZipTime::always && day_of_zip(last->key) != day_;
}

RepositoryResult ZipBackup::add_to_history(const Repository& repository,
                                           const std::optional<CatalogEntry>& known, RepositoryResult result,
                                           const StopTokens& stops) const {
  if (time_ == ZipTime::never || (!result.update && !known)) return result;
  return zipped(std::move(result), stops,
                [&](RepositoryResult& zip) { add_zip(repository, known, zip, stops.stop); });
}

void ZipBackup::add_zip(const Repository& repository, const std::optional<CatalogEntry>& known,
                        RepositoryResult& result, const std::stop_token& stop) const {
  const CatalogEntry entry = result.update ? result.update->entry : *known;
  if (entry.size == 0 || entry.newest.empty()) return;  // it is empty
  const CatalogSnapshot& newest = entry.newest.front();
  auto zip = last_zip(known).value_or(CatalogZip());
  if (zip.snapshot == newest.snapshot && !is_wanted_of(zip, zip.commit)) return;
  const Parts parts =
      context_.vault.read_manifest(entry.folder, newest.snapshot, newest.sha256, stop).manifest.parts;
  const auto head = git_part(parts).head.oid;
  if (!head) {
    result.outcome.detail = kNoCommit;
    return;
  }
  const std::string commit = head->hex();
  if (is_wanted_of(zip, commit)) zip = {.key = save(repository, commit, result, stop), .commit = commit};
  // Beyond this point the zip is in the vault; nothing names it yet.
  zip.snapshot = newest.snapshot;
  tell_catalog(entry, std::move(zip), result);
}

bool ZipBackup::has_zip_of(const CatalogEntry& known) const {
  if (time_ == ZipTime::never || known.size == 0 || known.newest.empty()) return true;
  return known.zip && known.zip->snapshot == known.newest.front().snapshot &&
         !is_wanted_of(known.zip, known.zip->commit);
}

bool ZipBackup::is_current(const CatalogEntry& known, const Listing& listing,
                           RepositoryResult& result) const {
  const auto& zip = known.zip;
  if (!zip || !is_there(*zip) || !zip->listing) return false;
  CatalogEntry as_of_zip = known;  // judged as a snapshot of that time would be
  as_of_zip.newest = {{.snapshot = {}, .sha256 = {}, .parts = {{PartName(kGitPart), PartStatus::ok}}}};
  // ZipBackupTest.AloneAsksForRefsOnlyWhenTheListingDiffers.
  as_of_zip.listing = *zip->listing;
  as_of_zip.refs_checked_at = zip->listing->listed_at;
  const Freshness freshness = judge_freshness(as_of_zip, listing, context_.now_by_github(), context_.recheck);
  if (freshness != Freshness::unchanged) result.outcome.detail = to_string(freshness);
  return freshness == Freshness::unchanged;
}

RepositoryResult ZipBackup::save_alone(const Repository& repository, const std::optional<CatalogEntry>& known,
                                       const StopTokens& stops) const {
  RepositoryResult result{.outcome = {.repository = repository.full_name,
                                      .id = repository.id,
                                      .is_private = repository.visibility != "public",
                                      .was_begun = true},
                          .update = {}};
  return zipped(std::move(result), stops,
                [&](RepositoryResult& zip) { save_zip(repository, known, zip, stops.stop); });
}

void ZipBackup::save_zip(const Repository& repository, const std::optional<CatalogEntry>& known,
                         RepositoryResult& result, const std::stop_token& stop) const {
  const Listing listing = listing_of(repository);
  auto zip = last_zip(known);
  const bool is_due = !known || !is_current(*known, listing, result);
  if (!is_due && !is_wanted_of(zip, zip->commit)) return;
  if (repository.is_disabled)
    throw Error(ErrorKind::forbidden, "GitHub has disabled access to this repository");
  const auto commit = is_due ? listed_commit(repository, result, stop) : zip->commit;
  if (!commit) {
    result.outcome.detail = kNoCommit;
    return;
  }
  if (is_wanted_of(zip, *commit))
    zip = CatalogZip{.key = save(repository, *commit, result, stop), .commit = *commit};
  zip->listing = listing;
  CatalogEntry entry = known ? *known : new_entry(context_.host, repository);
  if (entry.newest.empty()) {
    entry.listing = listing;
    entry.refs_checked_at = listing.listed_at;
    entry.gone_since.reset();
  }
  tell_catalog(entry, std::move(*zip), result);
}

// HEAD as the server shows it now; without one, the branch that the listing calls the default.
std::optional<std::string> ZipBackup::listed_commit(const Repository& repository, RepositoryResult& result,
                                                    const std::stop_token& stop) const {
  const auto remote = context_.open_remote(repository.clone_url);
  const auto tell = [&](const Error& error, std::chrono::milliseconds wait) {
    context_.observer.retrying({.repository = result.outcome.repository}, error, wait);
  };
  const RefState state = with_retries(context_.retries, context_.clock, stop, tell,
                                      [&] { return remote->list_refs(ObjectFormat::sha1, stop); });
  result.outcome.requests += remote->request_count();
  result.outcome.bytes_received += remote->bytes_received();
  if (state.head.oid) return state.head.oid->hex();
  const std::string branch = "refs/heads/" + repository.default_branch;
  const auto found =
      std::find_if(state.refs.begin(), state.refs.end(), [&](const Ref& ref) { return ref.name == branch; });
  return found == state.refs.end() ? std::nullopt : std::optional(found->oid.hex());
}

std::string ZipBackup::save(const Repository& repository, const std::string& commit, RepositoryResult& result,
                            const std::stop_token& stop) const {
  const ObjectKey key = zip_key(day_, repository.owner, repository.name, commit);
  auto object = store_.stored(key, commit, stop);
  if (!object)
    object = store_.fetch({repository.id, repository.full_name, commit}, key, result.outcome, stop);
  if (!result.outcome.error) result.outcome.kind = OutcomeKind::saved;
  result.outcome.zip = ZipRecord{.host = context_.host,
                                 .id = repository.id,
                                 .owner = repository.owner,
                                 .name = repository.name,
                                 .is_private = repository.is_private,
                                 .commit = commit,
                                 .object = *object};
  return object->key;
}

}  // namespace hubkeep
