// What must be there is put together from three witnesses, so that the loss of one hides nothing: the
// catalog, the states, and the folders themselves. Then the subjects are verified side by side, in the order
// of their folders, and the zips after them. Keys of zips sort behind all folders, so one key says how far a
// run came, and the next one goes on from there: see VerifyVaultInSlices.
#include "verify/verify_vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "restore/rebuild.h"
#include "vault/key_kind.h"
#include "vault/select_snapshot.h"
#include "verify/verify_repository.h"

namespace hubkeep {
namespace {

class VaultVerification {
 public:
  VaultVerification(Vault& vault, const VerifyOptions& options, VerifyObserver& observer,
                    const std::stop_token& stop)
      : vault_(vault), options_(options), observer_(observer), stop_(stop) {}

  VerifySummary run() {
    summary_.read = options_.read;
    summary_.identity = vault_.identity_damage();
    summary_.readme = vault_.readme_damage(notice_of(observer_), stop_);
    read_catalog();
    const RememberedStates states(vault_, stop_);
    states.recall(catalog_);
    if (options_.repositories.empty() && options_.after.empty()) look_around();
    std::vector<CatalogEntry> entries = options_.repositories.empty() ? all() : named();
    ZipVerification::Filter wanted = wanted_zips(entries);
    if (options_.repositories.empty())
      summary_.runs = verify_runs(vault_, states, entries, options_.known_runs);
    keep_what_is_left(entries);
    observer_.selected(entries.size());
    ZipVerification zips(vault_, catalog_, std::move(wanted), options_.after, stop_);
    DataChooser chooser(options_.read, total_size(entries) + zips.size());
    // Where there are fewer repositories than threads, they have several objects read at once.
    const std::size_t readers = options_.jobs / std::max<std::size_t>(entries.size(), 1);
    MemoryBudget memory(kIndexingMemory);
    const VerifyContext context{.vault = vault_,
                                .chooser = chooser,
                                .observer = observer_,
                                .readers = std::max<std::size_t>(readers, 1),
                                .states = &states,
                                .proof = options_.proof,
                                .scratch = options_.scratch,
                                .memory = options_.proof == ProofKind::deep ? options_.memory : &memory};
    std::vector<char> is_done(entries.size(), 0);  // each written by one thread
    work_in_parallel(entries.size(), options_.jobs,
                     [&](std::size_t i) { is_done[i] = verify(context, entries[i]) ? 1 : 0; });
    // Threads end in any order: it goes on at the first folder that is not done, and may look at later ones
    // again.
    const auto first_left = std::find(is_done.begin(), is_done.end(), 0) - is_done.begin();
    summary_.verified_up_to =
        first_left == 0 ? options_.after : entries[static_cast<std::size_t>(first_left) - 1].folder;
    summary_.states = states.judge(hosts_with_states());
    if (!summary_.stopped) verify_zips(context, zips);
    if (summary_.stopped && options_.passes_first && summary_.verified_up_to == options_.after) pass(entries);
    return std::move(summary_);
  }

 private:
  std::set<std::string> hosts_with_states() const {
    std::set<std::string> hosts;
    for (const Verdict& verdict : summary_.verdicts)
      if (verdict.keeps_state && !verdict.host.empty()) hosts.insert(verdict.host);
    return hosts;
  }

  ZipVerification::Filter wanted_zips(const std::vector<CatalogEntry>& entries) const {
    if (options_.repositories.empty()) return std::nullopt;
    std::set<SubjectKey> keys;
    for (const CatalogEntry& entry : entries) keys.insert(entry.key());
    return keys;
  }

  void verify_zips(const VerifyContext& context, ZipVerification& zips) {
    summary_.zips = zips.run(context);
    summary_.stopped = summary_.zips.stopped;
    if (!summary_.zips.verified_up_to.empty()) summary_.verified_up_to = summary_.zips.verified_up_to;
  }

  // Something takes longer than a whole run: it is a finding, and the next run begins after it, or no run
  // would ever get past it. VerifyVaultInSlices.PassesARepositoryThatTakesTooLong,
  // PassesAZipThatTakesTooLong.
  void pass(const std::vector<CatalogEntry>& entries) {
    const Error error(ErrorKind::transient, "verifying it takes longer than there was time for");
    if (!entries.empty()) {
      finish(failed(entries.front(), error));
      summary_.verified_up_to = entries.front().folder;
    } else if (!summary_.zips.cut.empty()) {
      summary_.zips.error = error.with_context(summary_.zips.cut);
      summary_.verified_up_to = summary_.zips.cut;
    }
  }

  // Of other names only the first component: what is below is no business of hubkeep's.
  void look_around() {
    const auto ours = root_names();
    vault_.objects().list_children("", [&](std::string_view name) {
      if (std::find(ours.begin(), ours.end(), name) == ours.end())
        summary_.others.push_back({std::string(name), 0, name.ends_with('/') ? "a folder" : "an object"});
      return true;
    });
    for (const char* folder : {"runs/", "drills/"})
      vault_.objects().list_obstacles(folder, [this](const ObjectKey& key, std::string_view what) {
        summary_.others.push_back({key, 0, std::string(what)});
      });
  }

  void read_catalog() {
    try {
      if (auto read = vault_.read_catalog(stop_)) {
        catalog_ = std::move(*read);
      } else if (vault_.holds_data() || !vault_.objects().obstacle(std::string(kCatalogKey)).empty()) {
        lose_catalog(
            fmt::format("{} {}", kCatalogKey, vault_.objects().describe_absence(std::string(kCatalogKey))));
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      lose_catalog(fmt::format("{} is damaged: {}", kCatalogKey, error.message()));
    }
  }

  // What the folders say is the truth; the catalog only knows what they must say.
  void lose_catalog(std::string why) {
    summary_.catalog = std::move(why);
    const auto quiet = [](const std::string&) {};  // what it stumbles over is found again, and told then
    if (!options_.repositories.empty()) catalog_ = rebuild_catalog(vault_, quiet, stop_);
  }

  std::vector<CatalogEntry> all() const {
    std::vector<CatalogEntry> entries;
    std::set<std::string> known;
    for (const auto& [key, entry] : catalog_) {
      entries.push_back(entry);
      known.insert(entry.folder);
    }
    for (const std::string& folder : subject_folders(vault_.objects())) {
      if (known.contains(folder)) continue;
      entries.emplace_back();
      entries.back().folder = folder;
    }
    return entries;
  }

  std::vector<CatalogEntry> named() const {
    std::vector<CatalogEntry> entries;
    for (const std::string& name : options_.repositories) {
      const CatalogEntry& entry = find_repository(catalog_, name, vault_.command("list"));
      const bool again = std::any_of(entries.begin(), entries.end(),
                                     [&](const CatalogEntry& other) { return other.key() == entry.key(); });
      if (!again) entries.push_back(entry);
    }
    return entries;
  }

  void keep_what_is_left(std::vector<CatalogEntry>& entries) const {
    std::erase_if(entries, [&](const CatalogEntry& entry) { return entry.folder <= options_.after; });
    std::sort(entries.begin(), entries.end(),
              [](const CatalogEntry& a, const CatalogEntry& b) { return a.folder < b.folder; });
  }

  static ByteCount total_size(const std::vector<CatalogEntry>& entries) {
    ByteCount total = 0;
    for (const CatalogEntry& entry : entries) total += entry.size;
    return total;
  }

  // The edge of one repository's work: no error goes beyond it. False when it was stopped before its end.
  bool verify(const VerifyContext& context, const CatalogEntry& entry) {
    try {
      if (!stop_.stop_requested()) {
        finish(verify_repository(context, entry, stop_));
        return true;
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::cancelled) {
        finish(failed(entry, error));
        return true;
      }
    } catch (const std::exception& error) {
      finish(failed(entry, Error(ErrorKind::internal, error.what())));
      return true;
    }
    const std::scoped_lock lock(mutex_);
    summary_.stopped = true;
    return false;
  }

  static Verdict failed(const CatalogEntry& entry, const Error& error) {
    return {.repository = entry.listing.full_name.empty() ? entry.folder : entry.listing.full_name,
            .id = entry.id,
            .host = entry.host,
            .error = error};
  }

  void finish(Verdict verdict) {
    observer_.finished(verdict);
    const std::scoped_lock lock(mutex_);
    summary_.verdicts.push_back(std::move(verdict));
  }

  Vault& vault_;
  const VerifyOptions& options_;
  VerifyObserver& observer_;
  const std::stop_token& stop_;
  Catalog catalog_;
  std::mutex mutex_;  // guards summary_ while threads run
  VerifySummary summary_;
};

}  // namespace

bool VerifySummary::is_good() const {
  return !identity && !readme && !catalog && !stopped && runs.is_good() && zips.is_good() &&
         std::all_of(states.begin(), states.end(), [](const StateVerdict& v) { return v.is_good(); }) &&
         std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.is_good(); });
}

VerifySummary verify_vault(Vault& vault, const VerifyOptions& options, VerifyObserver& observer,
                           const std::stop_token& stop) {
  return VaultVerification(vault, options, observer, stop).run();
}

}  // namespace hubkeep
