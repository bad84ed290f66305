// One small file for each place, named by the hash of the place and written through FolderStore, so that it
// appears whole or not at all and two runs take turns. Each failure here is a notice and no error: not
// knowing a vault must not keep anybody from a backup. The place stands in the file as well, so that a file
// that was moved or copied to another name is noticed.
#include "app/known_vaults.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/folder/folder_store.h"
#include "vault/identity.h"
#include "vault/json_integer.h"
#include "vault/vault_objects.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kNameDigits = 16;
constexpr std::chrono::hours kStaleAfter{24};

ObjectKey key_of(const std::string& place) {
  return "vaults/" + sha256_hex(place).substr(0, kNameDigits) + ".json";
}

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

fs::path absolute_or_nothing(const fs::path& path) {
  return path.is_absolute() ? path : fs::path();
}

UtcTime time_from_json(const Json& json) {
  const auto time = parse_time(json.get_ref<const std::string&>());
  if (!time) throw Error(ErrorKind::corrupt, "not a time: " + printable(json.get<std::string>()));
  return *time;
}

Json to_json(const KnownVault& vault) {
  Json runs = Json::object();
  for (const auto& [host, run] : vault.newest_runs)
    runs[host] = {{"run", run.run.str()}, {"finished", format_time(run.finished)}, {"number", run.number}};
  return {{"vault", vault.id}, {"seen_at", format_time(vault.seen_at)}, {"newest_runs", runs}};
}

CompletedRun run_from_json(const Json& json) {
  const auto run = SnapshotId::parse(json.at("run").get_ref<const std::string&>());
  if (!run) throw Error(ErrorKind::corrupt, "not a run's id");
  return {.run = *run,
          .finished = time_from_json(json.at("finished")),
          .number = integer_from_json<std::uint64_t>(json.at("number"))};
}

KnownVault vault_from_json(const Json& json) {
  KnownVault vault{.id = json.at("vault"), .seen_at = time_from_json(json.at("seen_at")), .newest_runs = {}};
  if (!is_vault_id(vault.id)) throw Error(ErrorKind::corrupt, "not a vault's id: " + printable(vault.id));
  for (const auto& [host, run] : json.at("newest_runs").items())
    vault.newest_runs.emplace(host, run_from_json(run));
  return vault;
}

// systemd's folder for the service, of several the last; else "hubkeep" in the user's.
fs::path own_folder(const Environment& environment, const char* of_services, const char* of_users,
                    const char* in_home) {
  const std::string of_service = variable(environment, of_services);
  fs::path own = absolute_or_nothing(of_service.substr(of_service.rfind(':') + 1));
  if (!own.empty()) return own;
  const fs::path users = absolute_or_nothing(variable(environment, of_users));
  if (!users.empty()) return users / "hubkeep";
  const fs::path home = absolute_or_nothing(variable(environment, "HOME"));
  return home.empty() ? home : home / in_home / "hubkeep";
}

// Two disks may take turns at one mount point: each vault is kept, the latest first. See
// KnownVaultsTest.KnowsTwoVaultsThatTakeTurns.
void put_first(std::vector<KnownVault>& vaults, const KnownVault& vault) {
  std::erase_if(vaults, [&](const KnownVault& other) { return other.id == vault.id; });
  vaults.insert(vaults.begin(), vault);
}

}  // namespace

fs::path state_folder_of(const Environment& environment) {
  return own_folder(environment, "STATE_DIRECTORY", "XDG_STATE_HOME", ".local/state");
}

fs::path cache_folder_of(const Environment& environment) {
  return own_folder(environment, "CACHE_DIRECTORY", "XDG_CACHE_HOME", ".cache");
}

std::string place_of_folder(const fs::path& folder) {
  std::string place;
  const std::string absolute = fs::absolute(folder).string();
  for (const std::string_view part : split(absolute, '/'))
    if (!part.empty() && part != ".") place.append("/").append(part);
  return place.empty() ? "/" : place;
}

KnownVaults::KnownVaults(fs::path folder, std::string place, Notice notice)
    : folder_(std::move(folder)), place_(std::move(place)), notice_(std::move(notice)) {
  if (folder_.empty()) return;
  try {
    read();
  } catch (const Error& error) {
    notice_(fmt::format("what this machine knew of the vault cannot be read: {}", error.message()));
    // A damaged file is written anew; another error would only come again.
    // See KnownVaultsTest.ADamagedFileIsToldOfOnceAndWrittenAnew.
    if (error.kind() != ErrorKind::corrupt) folder_.clear();
  }
}

void KnownVaults::read() {
  std::unique_ptr<FolderStore> store;
  try {
    store = std::make_unique<FolderStore>(folder_.string(), OpenMode::read);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return;
    throw;
  }
  const auto stored = VaultObjects(std::move(store)).read_if_there(key_of(place_), {});
  if (stored) vaults_ = with_context(file(), [&] { return parse_known_vaults(place_, *stored); });
}

std::optional<KnownVault> KnownVaults::find(std::string_view id) const {
  const auto found =
      std::find_if(vaults_.begin(), vaults_.end(), [&](const KnownVault& vault) { return vault.id == id; });
  return found == vaults_.end() ? std::nullopt : std::optional(*found);
}

std::string KnownVaults::file() const {
  return printable((folder_ / key_of(place_)).string());
}

void KnownVaults::keep(const KnownVault& vault) {
  if (folder_.empty()) return;
  put_first(vaults_, vault);
  try {
    VaultObjects objects(std::make_unique<FolderStore>(folder_.string(), OpenMode::create));
    objects.clean_up(kStaleAfter, [](const std::string&) {});
    objects.update(key_of(place_), [this](const auto&) { return format_known_vaults(place_, vaults_); }, {});
  } catch (const Error& error) {
    notice_(
        fmt::format("this machine cannot keep what it knows of the vault, and so would not notice when it "
                    "is exchanged, emptied or set back: {}. XDG_STATE_HOME names another place for that",
                    error.message()));
    folder_.clear();
  }
}

std::string format_known_vaults(std::string_view place, const std::vector<KnownVault>& vaults) {
  Json json = {{"place", place}, {"vaults", Json::array()}};
  for (const KnownVault& vault : vaults) json["vaults"].push_back(to_json(vault));
  return json.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::vector<KnownVault> parse_known_vaults(std::string_view place, std::string_view text) {
  try {
    const Json json = parse_ordered_json(text);
    const Json expected = parse_ordered_json(format_known_vaults(place, {}));
    if (json.at("place") != expected.at("place")) throw Error(ErrorKind::corrupt, "it is of another place");
    std::vector<KnownVault> vaults;
    for (const Json& vault : json.at("vaults")) vaults.push_back(vault_from_json(vault));
    return vaults;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, printable(error.what()));
  }
}

}  // namespace hubkeep
