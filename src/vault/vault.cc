// Opening decides first whether the place is a vault. Without hubkeep.json and without data it is empty, and
// a vault is made there if the caller wants one. With data but without a hubkeep.json that can be read it
// opens for reading alone, so that a restore never depends on it.
//
// What changes (hubkeep.json, README.txt, the catalog, the state of each host) is written by compare-and-swap
// (see vault_objects.cc), so the functions that make their new bytes may be called more than once and begin
// with what is stored each time. The catalog is a cache and rebuilt where it is damaged. The state cannot be
// rebuilt, so a new one that replaces it says that it was lost.
#include "vault/vault.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/object_store.h"
#include "vault/losses.h"
#include "vault/readme.h"
#include "vault/refs_object.h"
#include "vault/run_report.h"

namespace hubkeep {

Error no_vault(const std::string& place, const VaultDemand& demand) {
  return {ErrorKind::not_found,
          fmt::format("there is no vault in {}{}", printable(place), demand.if_missing)};
}

std::string new_vault_text(const std::string& place, const std::string& id) {
  return fmt::format(
      "made a new vault in {}, id {}; to make sure that none is ever made again by mistake: "
      "--vault-id {}",
      printable(place), id, id);
}

Vault::Vault(std::unique_ptr<ObjectStore> store, OpenMode mode, Clock& clock, const std::stop_token& stop,
             const VaultOpening& opening)
    : objects_(std::move(store)), flags_(opening.flags), demand_(opening.demand) {
  if (flags_.empty()) flags_ = "--from " + shell_word(objects_.description());
  read_identity(stop, mode, clock);
  // Each check comes before the first write: what is refused stays as it was.
  if (identity_damage_) refuse_what_is_no_vault(mode);
  if (!identity_damage_) check_demand(identity_.vault);
  if (mode == OpenMode::read) return;
  if (identity_damage_) throw Error(ErrorKind::corrupt, identity_advice());
  keep_readme(opening.notice, stop);
}

// Sets identity_, or identity_damage_.
void Vault::read_identity(const std::stop_token& stop, OpenMode mode, Clock& clock) {
  const std::string key(kIdentityKey);
  auto stored = objects_.read_if_there(key, stop);
  // A folder in the place of hubkeep.json is damage and no empty place.
  if (!stored && objects_.obstacle(key).empty() && !holds_data()) {
    if (!demand_.if_missing.empty()) throw no_vault(objects_.description(), demand_);
    if (mode != OpenMode::create)
      throw Error(ErrorKind::not_found, fmt::format("{} is not a hubkeep vault: there is no hubkeep.json in "
                                                    "it; give the place that was backed up to",
                                                    printable(objects_.description())));
    const std::string text = format_identity({.vault = new_vault_id(), .created_at = clock.now()});
    const auto make = [&](const std::optional<std::string>& first) {
      is_new_ = !first;
      stored = first ? first : text;
      // Of two that make a vault at once, the second takes the id of the first.
      return first ? std::nullopt : std::optional(text);
    };
    objects_.update(key, make, stop);
  }
  identity_damage_.reset();
  if (!stored) {
    identity_damage_ = key + " " + objects_.describe_absence(key);
    return;
  }
  try {
    identity_ = parse_identity(*stored);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt)
      throw error.with_context(printable(objects_.description()) + "/" + key);
    identity_damage_ = fmt::format("{} is damaged: {}", key, error.message());
  }
}

void Vault::check_demand(const std::string& id) const {
  const auto& ids = demand_.ids;
  if (ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end()) return;
  throw Error(ErrorKind::invalid, fmt::format("{} holds the vault {}{}", printable(objects_.description()),
                                              printable(id), demand_.if_other));
}

// A folder may have the names of a vault's by chance. It must not become one by a repair.
void Vault::refuse_what_is_no_vault(OpenMode mode) {
  if (is_a_vault()) return;
  const bool read = mode == OpenMode::read;
  throw Error(read ? ErrorKind::not_found : ErrorKind::invalid,
              fmt::format("{} is not a hubkeep vault: {}, and there are no backups beside it; {}",
                          printable(objects_.description()), identity_damage_.value_or(""),
                          read ? "give the place that was backed up to" : "choose another place"));
}

std::string Vault::identity_advice() const {
  return fmt::format(
      "{}: {}; what is saved there can be read all the same, but nothing is added to it before "
      "this has made hubkeep.json again: {}",
      printable(objects_.description()), identity_damage_.value_or(""), command("rebuild-catalog"));
}

std::string Vault::command(std::string_view verb, std::string_view repository) const {
  std::string text = fmt::format("hubkeep {} {}", verb, flags_);
  if (repository.empty()) return text;
  return fmt::format("{}{} {}", text, repository.starts_with('-') ? " --" : "", shell_word(repository));
}

std::optional<std::string> Vault::readme_damage(const Notice& notice, const std::stop_token& stop) {
  const std::string key(kReadmeKey);
  try {
    const auto stored = objects_.read_if_there(key, stop);
    if (!stored) return key + " " + objects_.describe_absence(key);
    const auto identity = identity_damage_ ? std::nullopt : std::optional(identity_);
    const auto state = judge_readme(*stored, identity);
    if (state == ReadmeState::newer)
      notice(key +
             " says that a later version of hubkeep wrote it: only that can tell whether it was changed");
    if (state != ReadmeState::changed) return std::nullopt;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cold) throw;
    return std::nullopt;
  }
  return key + " is not what hubkeep wrote: do not follow what it says";
}

// Without it everything can be saved and restored, so nothing fails for its sake: verify misses it.
void Vault::keep_readme(const Notice& notice, const std::stop_token& stop) {
  const std::string key(kReadmeKey);
  const auto renew = [&](const std::optional<std::string>& stored) -> std::optional<std::string> {
    const auto state = stored ? judge_readme(*stored, identity_) : ReadmeState::older;
    if (state == ReadmeState::as_written || state == ReadmeState::newer) return std::nullopt;
    if (state == ReadmeState::changed) notice(key + " was not what hubkeep wrote: it is written again");
    return format_readme(identity_);
  };
  try {
    objects_.update(key, renew, stop);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cold) return;
    if (error.kind() != ErrorKind::invalid) throw;  // something is in the way
    notice(error.message());
  }
}

bool Vault::holds_data() {
  bool data = false;
  objects_.list_children("", [&](std::string_view name) {
    data = is_of_a_subject(name) || name == "runs/" || name == kStateFolder || name == kCatalogKey;
    return !data;
  });
  return data;
}

// One that is too large to be read cannot be compared and exchanged either.
std::optional<std::string> Vault::read_stored_catalog(const std::stop_token& stop) {
  try {
    return objects_.read_if_there(std::string(kCatalogKey), stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    throw Error(ErrorKind::corrupt, fmt::format("{}: move it away, and this makes it again: {}",
                                                error.message(), command("rebuild-catalog")));
  }
}

Catalog Vault::load_catalog(const Notice& notice, const std::stop_token& stop) {
  auto stored = read_stored_catalog(stop);
  began_empty_ = !stored && !holds_data();
  return read_or_rebuild(stored, notice, stop);
}

// `stored` loses its bytes on the way: they are not needed any more, and may be large.
Catalog Vault::read_or_rebuild(std::optional<std::string>& stored, const Notice& notice,
                               const std::stop_token& stop) {
  if (stored) {
    try {
      Catalog catalog = parse_catalog(*stored);
      *stored = {};
      return catalog;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      notice(
          fmt::format("the catalog is damaged ({}): it is made again from the snapshots", error.message()));
    }
  } else if (!began_empty_ && holds_data()) {
    notice("the catalog " + objects_.describe_absence(std::string(kCatalogKey)) +
           ": it is made again from the snapshots");
  }
  rebuilt_ = !began_empty_;
  return rebuild_catalog(*this, notice, stop);
}

std::optional<Catalog> Vault::read_catalog(const std::stop_token& stop) {
  const auto stored = read_stored_catalog(stop);
  return stored ? std::optional(parse_catalog(*stored)) : std::nullopt;
}

Catalog Vault::replace_catalog(const Notice& notice, const std::stop_token& stop) {
  Catalog catalog;
  const auto rebuild = [&](const std::optional<std::string>&) {
    catalog = rebuild_catalog(*this, notice, stop);
    return format_catalog(catalog);
  };
  objects_.update(std::string(kCatalogKey), rebuild, stop);
  return catalog;
}

void Vault::update_catalog(const std::vector<CatalogUpdate>& updates, const Notice& notice,
                           const std::stop_token& stop) {
  if (updates.empty() && !rebuilt_ && !began_empty_) return;
  const auto apply = [&](std::optional<std::string>& stored) {
    std::optional<Catalog> begun;
    // The first run has just written all there is, and need not read it back:
    // VaultTest.ReadsNothingAgainThatItsFirstRunHasWritten. Another first run beside it is found, though:
    // VaultTest.FindsWhatAnotherRunHasWrittenBesideItsFirst.
    if (began_empty_ && !stored) begun = catalog_before(*this, updates, notice, stop);
    Catalog catalog = begun ? *std::move(begun) : read_or_rebuild(stored, notice, stop);
    for (const auto& update : updates) {
      const auto found = catalog.find(update.entry.key());
      const auto current = found == catalog.end() ? std::nullopt : std::optional(found->second);
      catalog.insert_or_assign(update.entry.key(), merge_entry(current, update));
    }
    return format_catalog(catalog);
  };
  objects_.update(std::string(kCatalogKey), apply, stop);
}

std::optional<HostState> Vault::read_state(const std::string& host, const std::stop_token& stop) {
  return read_state_object(state_key(host), stop);
}

std::optional<HostState> Vault::read_state_object(const ObjectKey& key, const std::stop_token& stop) {
  const auto stored = objects_.read_if_there(key, stop);
  if (!stored) return std::nullopt;
  HostState state = with_context(key, [&] { return parse_state(*stored); });
  if (state_key(state.host) != key) throw Error(ErrorKind::corrupt, key + " is the state of another host");
  return state;
}

HostState Vault::begin_state(const std::string& host, const Catalog& catalog, Clock& clock,
                             const std::stop_token& stop) {
  try {
    if (auto state = read_state(host, stop)) return *std::move(state);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
  }
  // There is no state that can be read. Whether it was lost or never made, only the snapshots tell.
  // VaultState.IsNotMissedInAVaultOfAVersionThatKeptNone, IsMissedWhereTheNewestManifestsCannotTell.
  const bool was_kept = has_kept_state(host, catalog, stop);
  const auto last_run = was_kept || catalog.empty() ? std::nullopt : last_reported_run();
  HostState state;
  const auto begin = [&](const std::optional<std::string>& stored) {
    state = read_or_begin_state(host, stored, was_kept, clock);
    if (state.repositories.empty()) remember_snapshots(state, catalog);
    if (!stored) state.newest_run = last_run;
    return format_state(state);
  };
  objects_.update(state_key(host), begin, stop);
  return state;
}

HostState Vault::update_state(const std::string& host, const std::function<void(HostState&)>& change,
                              Clock& clock, const std::stop_token& stop) {
  HostState state;
  const auto apply = [&](const std::optional<std::string>& stored) {
    // begin_state() made it, so where it is gone now it was lost.
    state = read_or_begin_state(host, stored, true, clock);
    change(state);
    return format_state(state);
  };
  objects_.update(state_key(host), apply, stop);
  return state;
}

HostState Vault::read_or_begin_state(const std::string& host, const std::optional<std::string>& stored,
                                     bool was_kept, Clock& clock) {
  HostState fresh{.host = host, .vault = identity_.vault};
  Loss loss{
      .key = state_key(host), .detail = objects_.describe_absence(state_key(host)), .found_at = clock.now()};
  if (stored) {
    try {
      HostState state = parse_state(*stored);
      if (state.host == host) return state;
      loss.detail = "is the state of another host";
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      loss.detail = error.message();
    }
    was_kept = true;
  }
  if (was_kept) fresh.losses.push_back(std::move(loss));
  return fresh;
}

// By what the newest manifest says: versions that kept no state named no vault in theirs.
bool Vault::has_kept_state(const std::string& host, const Catalog& catalog, const std::stop_token& stop) {
  constexpr std::size_t kAsked = 3;  // where the newest cannot be read
  std::map<SnapshotId, const CatalogEntry*, std::greater<>> newest;
  for (const auto& [key, entry] : catalog) {
    if (entry.host != host) continue;
    for (const CatalogSnapshot& snapshot : entry.newest) newest.emplace(snapshot.snapshot, &entry);
    while (newest.size() > kAsked) newest.erase(std::prev(newest.end()));
  }
  for (const auto& [id, entry] : newest) {
    try {
      return !read_manifest(entry->folder, id, {}, stop).manifest.vault.empty();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt && error.kind() != ErrorKind::not_found) throw;
    }
  }
  return !newest.empty();
}

// Of a version that kept no state.
std::optional<CompletedRun> Vault::last_reported_run() {
  std::optional<CompletedRun> last;
  objects_.list_children("runs/", [&](std::string_view name) {
    if (const auto run = run_of_report(name)) last = CompletedRun{.run = *run, .finished = run->time()};
    return true;
  });
  return last;
}

std::vector<SnapshotId> Vault::list_snapshots(const std::string& folder, std::optional<UtcTime> from) {
  const std::string prefix = folder + "snapshots/";
  std::vector<SnapshotId> ids;
  objects_.list(prefix, from ? prefix + format_compact_time(*from) : std::string(),
                [&](const ObjectInfo& object) {
                  std::string_view name = std::string_view(object.key).substr(prefix.size());
                  if (!name.ends_with(kSnapshotSuffix)) return true;
                  name.remove_suffix(kSnapshotSuffix.size());
                  if (auto id = SnapshotId::parse(name)) ids.push_back(*id);
                  return true;
                });
  return ids;
}

StoredManifest Vault::read_manifest(const std::string& folder, const SnapshotId& snapshot,
                                    const std::optional<std::string>& sha256, const std::stop_token& stop) {
  const ObjectKey key = folder + manifest_key(snapshot);
  StringSink stored(kMaxManifestSize, key);
  objects_.read_stored(key, stored, stop);
  StoredManifest result{.manifest = {}, .sha256 = sha256_hex(stored.str()), .bytes = stored.str()};
  if (sha256 && *sha256 != result.sha256)
    throw Error(ErrorKind::corrupt, key + " is not what was written: its SHA-256 differs");
  result.manifest = with_context(key, [&] {
    StringSink text(kMaxManifestSize);
    VaultObjects::decode(key, stored.str(), text);
    return parse_manifest(text.str());
  });
  // Whole, and yet under another's name. VaultTest.ASnapshotThatIsNotTheOneThatWasNamedIsDamaged.
  if (result.manifest.snapshot != snapshot)
    throw Error(ErrorKind::corrupt, key + " is the manifest of another snapshot");
  return result;
}

std::string Vault::write_manifest(const std::string& folder, const Manifest& manifest) {
  RecordedWriter writer = objects_.create(folder, manifest_key(manifest.snapshot));
  Manifest own = manifest;
  own.vault = identity_.vault;
  const std::string text = format_manifest(own);
  // Better no snapshot than one that no later run can read. VaultTest.WritesNoManifestThatItWouldNotRead.
  if (text.size() > kMaxManifestSize)
    throw Error(ErrorKind::invalid,
                fmt::format("the snapshot's manifest would have {}, and no more than {} of one are read",
                            human_size(text.size()), human_size(kMaxManifestSize)));
  writer.write(text);
  return writer.commit().sha256;
}

RefState Vault::read_ref_state(const std::string& folder, const GitPart& git, const std::stop_token& stop) {
  return {
      .format = git.format, .head = git.head, .refs = read_refs_objects(objects_, folder, git.refs, stop)};
}

}  // namespace hubkeep
