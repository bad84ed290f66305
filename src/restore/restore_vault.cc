// One repository: its error is the command's. All of them: each error is a line, and the others go on.
// Folders are named owner/name; where several repositories have had one name, the one that has it now gets
// it, and the others get their id as well, so that the names depend on the catalog alone.
#include "restore/restore_vault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "restore/already_there.h"
#include "restore/at_hand.h"
#include "restore/rebuild.h"
#include "restore/restore_repository.h"
#include "vault/select_snapshot.h"
#include "vault/written_by.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

// What stays the same from repository to repository.
struct Restoring {
  Vault& vault;
  const RestoreRequest& request;
  RestoreObserver& observer;
  MemoryBudget& memory;
  const std::stop_token& stop;
};

// A name from outside as a folder: it cannot lead out of where it is put, nor make git take its files for the
// configuration of the folder around it.
std::string safe_folder(std::string_view name) {
  const std::string encoded = encode_name(name);
  return equals_ignoring_case(encoded, ".git") ? "%2E" + encoded.substr(1) : encoded;
}

std::string folder_name(std::string_view name, RepositoryKind kind) {
  return safe_folder(name) + (kind == RepositoryKind::work_tree ? "" : ".git");
}

// Who has the name now; among those that are gone, the one that came last. Case does not count: file systems
// differ.
SubjectId holder_of(const std::string& full_name, const Catalog& catalog) {
  const CatalogEntry* holder = nullptr;
  for (const auto& [key, entry] : catalog) {
    if (!equals_ignoring_case(entry.listing.full_name, full_name)) continue;
    if (holder == nullptr || (holder->gone_since && !entry.gone_since) ||
        (holder->gone_since.has_value() == entry.gone_since.has_value() && entry.id > holder->id)) {
      holder = &entry;
    }
  }
  return holder == nullptr ? SubjectId() : holder->id;
}

// owner/name, with the id where another has, or had, the name's better claim.
fs::path place_of(const CatalogEntry& entry, const Catalog& catalog, RepositoryKind kind) {
  std::string full_name = entry.listing.full_name;
  for (auto holder = holder_of(full_name, catalog); holder != entry.id && holder != 0;
       holder = holder_of(full_name, catalog))
    full_name += fmt::format(".{}", entry.id.str());
  const auto slash = full_name.find('/');
  return fs::path(safe_folder(full_name.substr(0, slash))) / folder_name(full_name.substr(slash + 1), kind);
}

// Runs `action`; where the vault may be damaged, the Error that leaves it says how to find out.
template <typename Action>
auto with_damage_advice(const Vault& vault, const CatalogEntry& entry, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    throw Error(
        error.kind(),
        fmt::format("{}: whether the vault is damaged, and what of it can still be restored, is said by {}",
                    error.message(), vault.command("verify --deep", exact_name(entry))));
  }
}

// What is not complete is restored all the same, and told.
StoredManifest choose_snapshot(const Restoring& work, const CatalogEntry& entry) {
  const auto notice = [&](const std::string& text) {
    work.observer.notice(fmt::format("{}: {}", printable(entry.listing.full_name), text));
  };
  StoredManifest stored =
      find_snapshot(work.vault, entry, work.request.at, has_settled_history, notice, work.stop);
  const GitPart git = git_part(stored.manifest.parts);
  if (!git.left_out.empty()) notice(describe(git.left_out));
  if (!has_settled_history(stored.manifest.parts))
    notice(fmt::format("snapshot {} is not complete: not all that GitHub had then is in it",
                       stored.manifest.snapshot.str()));
  return stored;
}

RestoreOutcome restore(const Restoring& work, const CatalogEntry& entry, const fs::path& folder) {
  const RestoreRequest& request = work.request;
  const Manifest manifest = choose_snapshot(work, entry).manifest;
  const GitPart git = git_part(manifest.parts);
  // Of all, an earlier run may have restored some before it broke off.
  if (request.repository.empty() && is_restored(folder, request.kind, [&] {
        return work.vault.read_ref_state(entry.folder, git, work.stop);
      }))
    return {.repository = entry.listing.full_name,
            .was_there = true,
            .snapshot = manifest.snapshot,
            .git = git.status,
            .folder = folder,
            .left_out = git.left_out};
  AtHand found;
  as_written_by(manifest.program, [&] {
    found = look_at_hand(work.vault.objects(), entry.folder, manifest.parts, request.thaw, work.stop);
  });
  if (!found.all()) throw Error(ErrorKind::cold, describe(found, request.thaw));
  // Beyond this point nothing is cold, but for what only reading tells of.
  work.observer.starting(entry.listing.full_name, manifest.snapshot, folder, disk_needed(git, request.kind));
  const auto received = [&](ByteCount bytes) { work.observer.moved(bytes); };
  CheckOutReport files;
  with_thaw_advice([&] {
    files = with_damage_advice(work.vault, entry, [&] {
      return restore_repository(
          work.vault, entry.folder, manifest,
          {.folder = folder,
           .temp_dir = request.temp_dir,
           .kind = request.kind,
           .ref = request.ref,
           .memory = &work.memory,
           .notice =
               [&](const std::string& text) {
                 work.observer.notice(fmt::format("{}: {}", printable(entry.listing.full_name), text));
               }},
          received, work.stop);
    });
  });
  return {.repository = entry.listing.full_name,
          .snapshot = manifest.snapshot,
          .git = git.status,
          .folder = folder,
          .left_out = git.left_out,
          .files = std::move(files)};
}

RestoreOutcome failure(const Restoring& work, const CatalogEntry& entry, const Error& error) {
  return {.repository = entry.listing.full_name,
          .error = error,
          .requested = error.kind() == ErrorKind::cold && work.request.thaw.has_value()};
}

RestoreOutcome restore_one(const Restoring& work, const CatalogEntry& entry) {
  fs::path folder = work.request.folder;
  if (folder.empty()) {
    const std::string& name = entry.listing.full_name;
    folder = folder_name(name.substr(name.find('/') + 1), work.request.kind);
  }
  try {
    return restore(work, entry, folder);
  } catch (const Error& error) {
    if (const RestoreOutcome outcome = failure(work, entry, error); outcome.requested) return outcome;
    throw;
  }
}

// The edge of one repository's work.
RestoreOutcome restore_among_others(const Restoring& work, const CatalogEntry& entry,
                                    const Catalog& catalog) {
  try {
    return restore(work, entry, work.request.folder / place_of(entry, catalog, work.request.kind));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return failure(work, entry, error);
  } catch (const std::exception& error) {
    return failure(work, entry, Error(ErrorKind::internal, error.what()));
  }
}

std::vector<const CatalogEntry*> entries_with_history(const Restoring& work, const Catalog& catalog) {
  std::vector<const CatalogEntry*> entries;
  for (const auto& [key, entry] : catalog) {
    if (entry.has_only_zips() && work.vault.list_snapshots(entry.folder).empty())
      work.observer.notice(only_zips(entry));
    else
      entries.push_back(&entry);
  }
  return entries;
}

}  // namespace

bool RestoreSummary::is_good() const {
  return std::all_of(outcomes.begin(), outcomes.end(), [](const RestoreOutcome& outcome) {
    return !outcome.error && outcome.files.count == 0;
  });
}

bool RestoreSummary::has_done_nothing() const {
  return !outcomes.empty() && without_history == 0 &&
         std::all_of(outcomes.begin(), outcomes.end(),
                     [](const RestoreOutcome& outcome) { return outcome.error && !outcome.requested; });
}

RestoreSummary restore_vault(Vault& vault, const RestoreRequest& request, RestoreObserver& observer,
                             const std::stop_token& stop) {
  MemoryBudget memory(kIndexingMemory);
  const Restoring work{
      .vault = vault, .request = request, .observer = observer, .memory = memory, .stop = stop};
  const Catalog catalog = vault.load_catalog(notice_of(observer), stop);
  RestoreSummary summary;
  if (!request.repository.empty()) {
    summary.outcomes = {
        restore_one(work, find_repository(catalog, request.repository, vault.command("list")))};
    observer.finished(summary.outcomes.front());
    return summary;
  }
  const std::vector<const CatalogEntry*> entries = entries_with_history(work, catalog);
  summary.without_history = catalog.size() - entries.size();
  summary.outcomes.resize(entries.size());  // each written by one thread
  work_in_parallel_or_throw(entries.size(), request.jobs, [&](std::size_t i) {
    summary.outcomes[i] = restore_among_others(work, *entries[i], catalog);
    observer.finished(summary.outcomes[i]);
  });
  return summary;
}

}  // namespace hubkeep
