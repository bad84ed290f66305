// What this machine knows of the vault in a place: its id and the newest run in it, as they were when a run
// or a verification here ended. It stands outside of the vault, so that one that was emptied, exchanged or
// set back to what it had been before is noticed. What is lost of it costs that, and no backup.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/environment_source.h"
#include "base/clock.h"
#include "vault/host_state.h"
#include "vault/vault.h"

namespace hubkeep {

struct KnownVault {
  std::string id;
  UtcTime seen_at;
  std::map<std::string, CompletedRun> newest_runs;  // by host

  friend bool operator==(const KnownVault&, const KnownVault&) = default;
};

/// The folder for it: systemd's STATE_DIRECTORY, of several the last; else in XDG_STATE_HOME, else in
/// ~/.local/state. Empty where none of them is an absolute path.
std::filesystem::path state_folder_of(const Environment& environment);
/// The folder for what can be read again, in the same way: CACHE_DIRECTORY, XDG_CACHE_HOME, ~/.cache.
std::filesystem::path cache_folder_of(const Environment& environment);

/// A folder as a place: absolute, without "." and "//". Links are left as they are: where a link leads may
/// depend on what is mounted.
std::string place_of_folder(const std::filesystem::path& folder);

/// Reads and writes the file of one place. Never throws: `notice` is told once that something is amiss, and
/// nothing is known then. One thread at a time.
class KnownVaults {
 public:
  /// `folder` is empty: nothing is known, and nothing is kept.
  KnownVaults(std::filesystem::path folder, std::string place, Notice notice);

  /// The one that was seen last comes first. There may be several: disks that take turns.
  const std::vector<KnownVault>& all() const { return vaults_; }
  std::optional<KnownVault> find(std::string_view id) const;
  /// Printable: what to remove so that it is forgotten.
  std::string file() const;

  /// Takes the place of what was known of the same vault.
  void keep(const KnownVault& vault);

 private:
  void read();

  std::filesystem::path folder_;
  std::string place_;
  Notice notice_;
  std::vector<KnownVault> vaults_;
};

std::string format_known_vaults(std::string_view place, const std::vector<KnownVault>& vaults);
/// Throws Error(corrupt) for what is damaged, or of another place.
std::vector<KnownVault> parse_known_vaults(std::string_view place, std::string_view text);

}  // namespace hubkeep
