// What must outlive a run and cannot be made again from the manifests: what failed, what is hidden, what was
// lost and what of that was accepted. An object for each host, changed by compare-and-swap.
// docs/storage-format.md, "State".
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "store/object_store.h"
#include "vault/manifest.h"

namespace hubkeep {

/// Something that the vault once had, and that was found missing or damaged.
struct Loss {
  ObjectKey key;
  std::string detail;  // "is missing"
  UtcTime found_at;
  std::optional<UtcTime> accepted_at;  // by an explicit repair; until then every run and verification tells
  // Of what was written, as far as is known: what is there again must be that.
  std::optional<ByteCount> size = {};
  std::string sha256 = {};

  friend bool operator==(const Loss&, const Loss&) = default;
};

/// Why a repository could not be backed up, in every run since.
struct Failure {
  UtcTime since;
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // of the last run

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// A repository that was listed and that GitHub does not show any more: deleted, or out of the token's reach.
struct Absence {
  UtcTime since;
  std::optional<UtcTime> accepted_at;  // by --accept-gone

  friend bool operator==(const Absence&, const Absence&) = default;
};

struct RepositoryState {
  std::string name;    // "owner/name", as last known
  std::string folder;  // "repos/…/"; empty while nothing of it was ever saved
  bool is_private = false;
  UtcTime checked_at;  // when a run last had an outcome for it
  std::optional<Failure> failure;
  std::optional<Absence> absence;
  bool was_cut = false;       // within a transfer of which nothing is kept: the next run begins in slices
  bool came_by_star = false;  // nothing but a star of the token's user has ever brought it
  std::vector<Loss> losses;
  /// As in the catalog, which may be lost together with what it names.
  std::vector<PreviousSnapshot> newest;

  friend bool operator==(const RepositoryState&, const RepositoryState&) = default;
};

struct CompletedRun {
  SnapshotId run;
  UtcTime finished;
  std::uint64_t number = 0;  // so many runs had completed with it: no clock can set that back

  friend bool operator==(const CompletedRun&, const CompletedRun&) = default;
};

struct HostState {
  std::string host;
  std::string vault;                       // its id
  std::optional<CompletedRun> newest_run;  // the last that came to its end, whatever came of its repositories
  std::vector<Loss> losses;  // of what belongs to no repository: zips, names, this object itself
  std::map<SubjectId, RepositoryState> repositories;

  friend bool operator==(const HostState&, const HostState&) = default;
};

constexpr std::string_view kStateFolder = "state/";

/// "state/<host>.jsonl.zst"
ObjectKey state_key(std::string_view host);

/// Notes that `run` came to its end. A run that is noted twice counts once.
void complete_run(HostState& state, const SnapshotId& run, UtcTime finished);

/// Whether a vault that says `newest` lacks a run that it once named as its last: it was set back to what it
/// had been before, or emptied. That it has been set back is not seen any more once others have completed
/// more runs than were lost.
bool is_behind(const std::optional<CompletedRun>& newest, const CompletedRun& remembered);

/// What is said of one that is.
std::string older_vault_text(const std::optional<CompletedRun>& newest, const CompletedRun& remembered);

/// Adds `loss`, unless its key stands there: a loss keeps the time when it was first found. One that was
/// accepted stays accepted. Returns whether it is new.
bool add_loss(std::vector<Loss>& losses, const Loss& loss);

/// What nobody has accepted, of one repository or of the vault itself.
struct OpenLosses {
  std::string repository;  // "owner/name"; empty: of the vault itself
  SubjectId id;
  std::vector<Loss> losses;

  friend bool operator==(const OpenLosses&, const OpenLosses&) = default;
};

/// Those with losses alone, the vault first, then by id.
std::vector<OpenLosses> open_losses(const HostState& state);

/// A loss as it stands in a state and in reports.
nlohmann::ordered_json to_json(const Loss& loss);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
Loss loss_from_json(const nlohmann::ordered_json& json);

/// The stored bytes; see SealedLinesWriter.
std::string format_state(const HostState& state);
/// Throws Error(corrupt) unless the stored bytes are whole and in order.
HostState parse_state(std::string_view stored);

}  // namespace hubkeep
