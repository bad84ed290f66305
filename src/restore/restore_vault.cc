// One repository: its error is the command's. All of them: each error is a line, and the others go on.
// Folders are named owner/name; where several repositories have had one name, the one that has it now gets
// it, and the others get their id as well, so that the names depend on the catalog alone.
#include "restore/restore_vault.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "restore/already_there.h"
#include "restore/at_hand.h"
#include "restore/part_restores.h"
#include "restore/rebuild.h"
#include "restore/restore_repository.h"
#include "restore/safe_name.h"
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

// The same for all spellings of a place: "./a", "a/" and a way through a link. Case does not count here
// either.
std::string key_of(const fs::path& place) {
  const fs::path path = fs::absolute(place / "").lexically_normal().parent_path();
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return to_lower((error ? path : canonical).string());
}

// Where a repository goes, and which names near it are those of others.
struct Place {
  fs::path folder;
  const std::set<std::string>* others = nullptr;  // see key_of(); none: it is restored alone
};

bool is_mount_point(const fs::path& folder) {
  struct stat its{};
  struct stat above{};
  return ::stat(folder.c_str(), &its) == 0 && ::stat((folder / "..").c_str(), &above) == 0 &&
         (its.st_dev != above.st_dev || its.st_ino == above.st_ino);
}

// "site.wiki" of "site" and of "site.git". A container's folder that comes from outside has nothing beside it
// that would last.
fs::path name_beside(const Place& place, const SubjectId& id, RepositoryKind kind, std::string_view suffix) {
  fs::path folder = (place.folder / "").lexically_normal().parent_path();
  if (folder.empty() || folder.filename().string().starts_with('.'))
    folder = fs::weakly_canonical(place.folder);
  if (is_mount_point(folder))
    throw Error(
        ErrorKind::invalid,
        fmt::format("its place is beside the repository, and {} is a mount point: name a folder in it",
                    printable(folder.string())));
  std::string name = folder.filename().string();
  if (kind != RepositoryKind::work_tree && name.ends_with(".git")) name.resize(name.size() - 4);
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : ".";
  fs::path found = parent / (name + std::string(suffix));
  while (place.others != nullptr && place.others->contains(key_of(found))) found += "." + id.str();
  return found;
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

/// One repository: its history first, and then, part by part, what stands beside it.
class Restore {
 public:
  Restore(const Restoring& work, const CatalogEntry& entry, const Place& place)
      : work_(work),
        entry_(entry),
        manifest_(choose_snapshot(work, entry).manifest),
        git_(git_part(manifest_.parts)),
        target_{.folder = place.folder,
                .temp_dir = work.request.temp_dir,
                .kind = work.request.kind,
                .ref = work.request.ref,
                .memory = &work.memory,
                .notice = notice_},
        part_work_{.vault = work.vault,
                   .folder = entry.folder,
                   .manifest = manifest_,
                   .repository = place.folder,
                   .beside =
                       [this, place](std::string_view suffix) {
                         return name_beside(place, entry_.id, target_.kind, suffix);
                       },
                   .kind = work.request.kind,
                   .contents = work.request.contents,
                   .temp_dir = work.request.temp_dir,
                   .memory = &work.memory,
                   .received = received_,
                   .notice = notice_,
                   .stop = work.stop},
        steps_(part_restores(part_work_, work.request.contents)) {}

  RestoreOutcome run() {
    tell_what_is_not_complete(part_work_, work_.request.contents);
    if (!wants_history() && steps_.empty() && !work_.request.repository.empty())
      throw Error(ErrorKind::not_found,
                  fmt::format("snapshot {} of {} has nothing of what --only and --without leave",
                              manifest_.snapshot.str(), printable(entry_.listing.full_name)));
    look_at_parts();
    const bool is_there = may_be_there() && is_history_there();
    RestoreOutcome outcome{.repository = entry_.listing.full_name,
                           .was_there = is_there && wants_history(),
                           .snapshot = manifest_.snapshot,
                           .git = git_.status,
                           .folder = target_.folder,
                           .left_out = git_.left_out,
                           .has_history = wants_history()};
    if (wants_history() && !is_there) look_at_history();
    // Beyond this point nothing of the history is cold, but for what only reading tells of.
    tell_start(is_there);
    if (outcome.was_there) remove_left_over(target_);
    if (wants_history() && !is_there) outcome.files = restore_history();
    for (const auto& step : steps_) {
      outcome.parts.push_back(restore_part(*step, is_there || wants_history()));
      outcome.was_there = outcome.was_there && outcome.parts.back().was_there();
    }
    return outcome;
  }

 private:
  bool wants_history() const {
    const RestoreChoice& contents = work_.request.contents;
    return entry_.id.kind() == SubjectKind::gist ? true : contents.history;
  }

  // Of all, an earlier run may have restored some before it broke off. To one, its other parts may come.
  bool may_be_there() const {
    return work_.request.repository.empty() || !steps_.empty() || !wants_history();
  }

  AtHand look_at(const Parts& parts) {
    return as_written_by(manifest_.program, [&] {
      return look_at_hand(work_.vault.objects(), entry_.folder, parts, work_.request.thaw, work_.stop);
    });
  }
  AtHand look_at(const PartName& part) { return look_at({{part, manifest_.parts.at(part)}}); }

  // Nothing of one that does not even know that: what is wrong shows again in its turn.
  std::optional<ByteCount> bytes_to_come(PartRestore& step) const {
    try {
      return step.disk_needed();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
    } catch (const std::exception&) {  // not to be parsed
    }
    return std::nullopt;
  }

  // All that is archived is asked for before anything is restored: it takes its time only once. What cannot
  // tell what is to come may lack an archived list.
  void look_at_parts() {
    for (const auto& step : steps_) {
      const PartName part(step->name());
      if (bytes_to_come(*step) == ByteCount{0}) continue;
      try {
        at_hand_[part] = look_at(part);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::cancelled) throw;
        not_looked_at_.emplace(part, error);
      }
    }
  }

  bool is_history_there() {
    try {
      return is_restored(target_.folder, target_.kind, [&] {
        return restored_state(work_.vault, entry_.folder, git_, target_, work_.stop);
      });
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cold) look_at_history();
      throw;
    }
  }

  // With all that only a later version can restore: whoever asks for everything has it at hand then.
  void look_at_history() {
    Parts parts;
    for (const auto& [name, part] : manifest_.parts)
      if (name == target_.part || (work_.request.contents == RestoreChoice() && !has_step(name)))
        parts.emplace(name, part);
    const AtHand found = look_at(parts);
    if (!found.all()) throw Error(ErrorKind::cold, describe(found, work_.request.thaw));
  }

  void tell_start(bool is_there) {
    ByteCount disk = wants_history() && !is_there ? disk_needed(git_, target_.kind) : 0;
    for (const auto& step : steps_) disk += bytes_to_come(*step).value_or(0);
    if (disk > 0) work_.observer.starting(entry_.listing.full_name, manifest_.snapshot, target_.folder, disk);
  }

  CheckOutReport restore_history() {
    CheckOutReport files;
    advising([&] {
      files = restore_repository(work_.vault, entry_.folder, manifest_, target_, received_, work_.stop);
    });
    return files;
  }

  // The edge of one part's work.
  PartRestored restore_part(PartRestore& step, bool has_history) {
    PartRestored result{.part = PartName(step.name())};
    try {
      if (step.is_of_repository() && !has_history)
        throw Error(
            ErrorKind::invalid,
            fmt::format("it belongs into the repository, and {} is not as a restore of snapshot {} leaves "
                        "it: restore git as well",
                        printable(target_.folder.string()), manifest_.snapshot.str()));
      if (const auto failed = not_looked_at_.find(result.part); failed != not_looked_at_.end())
        throw failed->second;
      if (const AtHand& found = at_hand_[result.part]; !found.all())
        throw Error(ErrorKind::cold, describe(found, work_.request.thaw));
      advising([&] { as_written_by(manifest_.program, [&] { step.run(result); }); });
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      result.error = error;
    } catch (const std::exception& error) {
      result.error = Error(ErrorKind::internal, error.what());
    }
    return result;
  }

  template <typename Action>
  void advising(Action&& action) {
    with_thaw_advice([&] { with_damage_advice(work_.vault, entry_, action); });
  }

  const Restoring& work_;
  const CatalogEntry& entry_;
  const std::function<void(ByteCount)> received_ = [this](ByteCount bytes) { work_.observer.moved(bytes); };
  const std::function<void(const std::string&)> notice_ = [this](const std::string& text) {
    work_.observer.notice(fmt::format("{}: {}", printable(entry_.listing.full_name), text));
  };
  const Manifest manifest_;
  const GitPart git_;
  const RestoreTarget target_;
  const PartRestoreWork part_work_;
  const PartRestores steps_;
  std::map<PartName, AtHand> at_hand_;
  std::map<PartName, Error> not_looked_at_;  // why
};

RestoreOutcome failure(const Restoring& work, const CatalogEntry& entry, const Error& error) {
  return {.repository = entry.listing.full_name,
          .error = error,
          .requested = error.kind() == ErrorKind::cold && work.request.thaw.has_value()};
}

RestoreOutcome restore_one(const Restoring& work, const CatalogEntry& entry) {
  Place place{.folder = work.request.folder};
  if (place.folder.empty()) {
    const std::string& name = entry.listing.full_name;
    place.folder = folder_name(name.substr(name.find('/') + 1), work.request.kind);
  }
  try {
    return Restore(work, entry, place).run();
  } catch (const Error& error) {
    if (const RestoreOutcome outcome = failure(work, entry, error); outcome.requested) return outcome;
    throw;
  }
}

// The edge of one repository's work.
RestoreOutcome restore_among_others(const Restoring& work, const CatalogEntry& entry, const Place& place) {
  try {
    return Restore(work, entry, place).run();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return failure(work, entry, error);
  } catch (const std::exception& error) {
    return failure(work, entry, Error(ErrorKind::internal, error.what()));
  }
}

// A gist is one of the kinds that are chosen; what is chosen of a repository may be none of them.
bool is_wanted(const RestoreChoice& contents, const SubjectId& id) {
  return id.kind() == SubjectKind::gist ? contents.has_gists() : contents.has_any_of_repositories();
}

// Those with a history, as far as they are wanted.
std::vector<const CatalogEntry*> choose_entries(const Restoring& work, const Catalog& catalog,
                                                RestoreSummary& summary) {
  std::vector<const CatalogEntry*> entries;
  for (const auto& [key, entry] : catalog) {
    if (!is_wanted(work.request.contents, entry.id)) continue;
    if (entry.has_only_zips() && work.vault.list_snapshots(entry.folder).empty()) {
      work.observer.notice(only_zips(entry));
      ++summary.without_history;
    } else {
      entries.push_back(&entry);
    }
  }
  return entries;
}

}  // namespace

bool RestoreOutcome::is_whole() const {
  return !error && files.count == 0 &&
         std::all_of(parts.begin(), parts.end(), [](const PartRestored& part) { return part.is_whole(); });
}

bool RestoreSummary::is_good() const {
  return std::all_of(outcomes.begin(), outcomes.end(),
                     [](const RestoreOutcome& outcome) { return outcome.is_whole(); });
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
  const std::vector<const CatalogEntry*> entries = choose_entries(work, catalog, summary);
  summary.outcomes.resize(entries.size());  // each written by one thread
  std::set<std::string> taken;
  std::vector<Place> places;
  for (const CatalogEntry* entry : entries) {
    places.push_back({.folder = request.folder / place_of(*entry, catalog, request.kind), .others = &taken});
    taken.insert(key_of(places.back().folder));
  }
  work_in_parallel_or_throw(entries.size(), request.jobs, [&](std::size_t i) {
    summary.outcomes[i] = restore_among_others(work, *entries[i], places[i]);
    observer.finished(summary.outcomes[i]);
  });
  return summary;
}

}  // namespace hubkeep
