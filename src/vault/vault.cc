#include "vault/vault.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_depth.h"
#include "base/text.h"
#include "base/zstd.h"
#include "crypto/hash.h"
#include "vault/json_integer.h"
#include "vault/readme.h"
#include "vault/refs_object.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kIdentityKey = "hubkeep.json";
constexpr std::string_view kReadmeKey = "README.txt";
constexpr std::size_t kVaultIdDigits = 32;
constexpr ByteCount kMaxManifestSize = 8 << 20;
constexpr int kMaxRaces = 100;  // each of them means that another run got its own update in

std::optional<VersionedBytes> read_if_there(ObjectStore& store, std::string_view key,
                                            const std::stop_token& stop) {
  try {
    return store.read_versioned(std::string(key), stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return std::nullopt;
  }
}

CommitResult put(ObjectStore& store, std::string_view key, std::string_view bytes,
                 const Precondition& precondition) {
  const auto writer = store.create(std::string(key));
  writer->write(bytes);
  return writer->commit(precondition);
}

// Writes what `next` makes of the stored object, until no other run has changed it meanwhile.
void update_object(ObjectStore& store, std::string_view key, const std::stop_token& stop,
                   const std::function<std::string(std::optional<VersionedBytes>&)>& next) {
  for (int race = 0; race < kMaxRaces; ++race) {
    auto stored = read_if_there(store, key, stop);
    const auto precondition = stored ? Precondition::unchanged(stored->version) : Precondition::absent();
    if (put(store, key, next(stored), precondition) == CommitResult::committed) return;
  }
  throw Error(ErrorKind::transient, fmt::format("{} was changed by other runs again and again", key));
}

/// For what another run may write at the same time, and what matters is that it is there.
void put_if_absent(ObjectStore& store, std::string_view key, std::string_view bytes) {
  if (put(store, key, bytes, Precondition::absent()) == CommitResult::committed) return;
  if (!store.find(std::string(key)))
    throw Error(
        ErrorKind::transient,
        fmt::format("{}: the store says that {} is there already, and it is not", store.description(), key));
}

// The SHA-256 is that of the object's other fields, in this order, as compact JSON.
std::string format_identity(const std::string& id, UtcTime created_at) {
  Json json = {{"format", kFormatVersion}, {"vault", id}, {"created_at", format_time(created_at)}};
  json["sha256"] = sha256_hex(json.dump());
  return format_json(json) + "\n";
}

}  // namespace

Vault::Vault(std::unique_ptr<ObjectStore> store, OpenMode mode, Clock& clock, const std::stop_token& stop)
    : store_(std::move(store)) {
  auto identity = read_if_there(*store_, kIdentityKey, stop);
  if (!identity && holds_data()) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("{} holds backups but its hubkeep.json is missing: put it back from a copy, or choose "
                    "another place",
                    store_->description()));
  }
  if (!identity && mode == OpenMode::read) {
    throw Error(
        ErrorKind::not_found,
        fmt::format("{} is no hubkeep vault: there is no hubkeep.json in it; name the vault with --from",
                    store_->description()));
  }
  if (!identity) {
    create_identity(clock);
    identity = read_if_there(*store_, kIdentityKey, stop);  // of the run that was first
  }
  if (!identity) throw Error(ErrorKind::internal, store_->description() + ": hubkeep.json vanished");
  read_identity(identity->bytes);
  if (mode == OpenMode::create && !store_->find(std::string(kReadmeKey))) {
    put_if_absent(*store_, kReadmeKey, kVaultReadme);
  }
}

bool Vault::holds_data() {
  bool data = false;
  store_->list_children("", [&](std::string_view name) {
    data = name == "repos/" || name == "runs/" || name == kStateFolder || name == kCatalogKey;
    return !data;
  });
  return data;
}

void Vault::create_identity(Clock& clock) {
  put_if_absent(*store_, kIdentityKey, format_identity(random_hex(kVaultIdDigits), clock.now()));
}

void Vault::read_identity(const std::string& text) {
  const std::string where = store_->description() + "/hubkeep.json";
  try {
    check_json_depth(text);
    Json json = Json::parse(text);
    if (const int format = integer_from_json<int>(json.at("format")); format != kFormatVersion) {
      throw Error(ErrorKind::invalid,
                  fmt::format("{}: storage format {} is not known to this version of hubkeep: use "
                              "the version that wrote it, or a newer one",
                              where, format));
    }
    id_ = json.at("vault");
    const std::string sha256 = json.at("sha256");
    json.erase("sha256");
    if (sha256_hex(json.dump()) != sha256)
      throw Error(ErrorKind::corrupt, where + " was changed: its SHA-256 differs");
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, where + " is damaged: " + printable(error.what()));
  }
}

Catalog Vault::load_catalog(const Notice& notice, const std::stop_token& stop) {
  auto stored = read_if_there(*store_, kCatalogKey, stop);
  began_empty_ = !stored && !holds_data();
  return read_or_rebuild(stored, notice, stop);
}

// `stored` loses its bytes on the way: they are not needed any more, and may be large.
Catalog Vault::read_or_rebuild(std::optional<VersionedBytes>& stored, const Notice& notice,
                               const std::stop_token& stop) {
  if (stored) {
    try {
      Catalog catalog = parse_catalog(stored->bytes);
      stored->bytes = {};
      return catalog;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      notice(
          fmt::format("the catalog is damaged ({}): it is made again from the snapshots", error.message()));
    }
  } else if (!began_empty_ && holds_data()) {
    notice("the catalog is missing: it is made again from the snapshots");
  }
  rebuilt_ = !began_empty_;
  return rebuild_catalog(*this, notice, stop);
}

std::optional<Catalog> Vault::read_catalog(const std::stop_token& stop) {
  const auto stored = read_if_there(*store_, kCatalogKey, stop);
  return stored ? std::optional(parse_catalog(stored->bytes)) : std::nullopt;
}

Catalog Vault::replace_catalog(const Notice& notice, const std::stop_token& stop) {
  Catalog catalog;
  update_object(*store_, kCatalogKey, stop, [&](std::optional<VersionedBytes>&) {
    catalog = rebuild_catalog(*this, notice, stop);
    return format_catalog(catalog);
  });
  return catalog;
}

void Vault::update_catalog(const std::vector<CatalogUpdate>& updates, const Notice& notice,
                           const std::stop_token& stop) {
  if (updates.empty() && !rebuilt_ && !began_empty_) return;
  update_object(*store_, kCatalogKey, stop, [&](std::optional<VersionedBytes>& stored) {
    Catalog catalog = read_or_rebuild(stored, notice, stop);
    for (const auto& update : updates) {
      const auto found = catalog.find(update.entry.key());
      const auto current = found == catalog.end() ? std::nullopt : std::optional(found->second);
      catalog.insert_or_assign(update.entry.key(), merge_entry(current, update));
    }
    return format_catalog(catalog);
  });
}

std::optional<HostState> Vault::read_state(const std::string& host, const std::stop_token& stop) {
  const ObjectKey key = state_key(host);
  const auto stored = read_if_there(*store_, key, stop);
  if (!stored) return std::nullopt;
  HostState state = with_context(key, [&] { return parse_state(stored->bytes); });
  if (state.host != host) throw Error(ErrorKind::corrupt, key + " is the state of another host");
  return state;
}

HostState Vault::begin_state(const std::string& host, const Catalog& catalog, Clock& clock,
                             const std::stop_token& stop) {
  try {
    if (auto state = read_state(host, stop)) return *std::move(state);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
  }
  const bool was_kept = has_kept_state(host, catalog, stop);
  HostState state;
  update_object(*store_, state_key(host), stop, [&](std::optional<VersionedBytes>& stored) {
    state = read_or_begin_state(host, stored, was_kept, clock);
    return format_state(state);
  });
  return state;
}

HostState Vault::update_state(const std::string& host, const std::function<void(HostState&)>& change,
                              Clock& clock, const std::stop_token& stop) {
  HostState state;
  update_object(*store_, state_key(host), stop, [&](std::optional<VersionedBytes>& stored) {
    state = read_or_begin_state(host, stored, true, clock);
    change(state);
    return format_state(state);
  });
  return state;
}

HostState Vault::read_or_begin_state(const std::string& host, const std::optional<VersionedBytes>& stored,
                                     bool was_kept, Clock& clock) const {
  HostState fresh{.host = host, .vault = id_};
  Loss loss{.key = state_key(host), .detail = "is missing", .found_at = clock.now()};
  if (stored) {
    try {
      HostState state = parse_state(stored->bytes);
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

std::vector<SnapshotId> Vault::list_snapshots(const std::string& folder, std::optional<UtcTime> from) {
  const std::string prefix = folder + "snapshots/";
  std::vector<SnapshotId> ids;
  store_->list(prefix, from ? prefix + format_compact_time(*from) : std::string(),
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
  StringSink stored;
  store_->read(key, stored, stop);
  StoredManifest result{.manifest = {}, .sha256 = sha256_hex(stored.str()), .bytes = stored.str()};
  if (sha256 && *sha256 != result.sha256)
    throw Error(ErrorKind::corrupt, key + " is not what was written: its SHA-256 differs");
  result.manifest =
      with_context(key, [&] { return parse_manifest(zstd_decompress(stored.str(), kMaxManifestSize)); });
  if (result.manifest.snapshot != snapshot)
    throw Error(ErrorKind::corrupt, key + " is the manifest of another snapshot");
  return result;
}

std::string Vault::write_manifest(const std::string& folder, const Manifest& manifest) {
  RecordedWriter writer(*store_, folder, manifest_key(manifest.snapshot), "zstd");
  Manifest own = manifest;
  own.vault = id_;
  writer.write(zstd_compress(format_manifest(own)));
  return writer.commit().sha256;
}

RefState Vault::read_ref_state(const std::string& folder, const GitPart& git, const std::stop_token& stop) {
  return {.format = git.format, .head = git.head, .refs = read_refs_objects(*store_, folder, git.refs, stop)};
}

}  // namespace hubkeep
