// What a run did with one repository, and who is told.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_sink.h"
#include "base/error.h"
#include "base/run_observer.h"
#include "git/left_out.h"
#include "vault/git_part.h"
#include "vault/host_state.h"
#include "vault/names.h"
#include "vault/part.h"
#include "vault/zip_record.h"

namespace hubkeep {

enum class OutcomeKind {
  unchanged,  // as in the last snapshot; nothing was written
  saved,      // a new snapshot
  gone,       // not on GitHub any more, or hidden from the token; kept and marked
  failed,     // see error; what was there before stays
  not_done,   // the run was stopped before
};

std::string_view to_string(OutcomeKind kind);

enum class PartOutcomeKind {
  unchanged,      // as in the last snapshot
  saved,          // anew, or what it lacked
  absent,         // GitHub has none of it
  not_permitted,  // the token may not see it
  failed,         // see error; what was there before stays
};

std::string_view to_string(PartOutcomeKind kind);

/// What a proof read of bundles, piece by piece.
struct ProofReads {
  std::uint64_t requests = 0;
  ByteCount bytes = 0;
};

/// Files that stand beside a history: LFS objects, assets of releases, attachments.
struct FileCounts {
  std::uint64_t saved = 0;          // by this run
  ByteCount bytes = 0;              // of these
  std::uint64_t newly_lacking = 0;  // that this run was the first to find lacking on the server

  FileCounts& operator+=(const FileCounts& more);
  friend bool operator==(const FileCounts&, const FileCounts&) = default;
};

/// What GitHub knows of a repository beside its contents; see MetaPart.
struct DocumentCounts {
  std::uint64_t saved = 0;        // by this run
  std::uint64_t newly_gone = 0;   // that this run was the first to miss on GitHub
  std::uint64_t unexplained = 0;  // by how many the vault and GitHub differ, without a reason

  DocumentCounts& operator+=(const DocumentCounts& more);
  friend bool operator==(const DocumentCounts&, const DocumentCounts&) = default;
};

/// What came of one part of a repository.
struct PartOutcome {
  PartName part;  // "git"
  PartOutcomeKind kind = PartOutcomeKind::unchanged;
  std::string detail = {};      // why it was looked at, or what is special: "empty"
  std::string permission = {};  // of not_permitted: the one that is missing, as GitHub names it
  std::optional<Error> error = {};
  std::uint64_t requests = 0;
  ByteCount bytes_received = 0;
  ByteCount bytes_stored = 0;
  FileCounts files = {};
  int shares = 0;  // into which its files are divided, for other workers to fetch; 0: they are not
  DocumentCounts documents = {};
  std::string unfinished = {};  // the file that it was at when it was stopped: "LFS object 3f9a… of 2.0 GiB"
  ProofReads proof_reads = {};
  std::vector<LeftOutRef> left_out = {};  // as in Outcome, as all that follows
  std::uint32_t objects = 0;
  std::uint64_t not_proved = 0;
  std::uint64_t lfs_pointers = 0;
  bool lfs_pointers_may_be_more = false;
  bool saves_lfs = false;  // what these point at is saved, or told of: nobody need know how many they are
  bool refs_vanished = false;
  std::string not_proved_because = {};
  std::vector<MissingObject> missing = {};
  std::uint64_t missing_objects = 0;
};

struct Outcome {
  std::string repository;   // owner/name, or what the user named
  SubjectId id;             // 0 when it could not be found
  bool is_private = false;  // as far as is known
  OutcomeKind kind = OutcomeKind::unchanged;
  std::string detail;  // why it was looked at, or what is special: "empty"
  SnapshotId snapshot;
  std::optional<ZipRecord> zip;  // that was saved
  bool is_of_old_zip = false;    // what came of a damaged one: it says nothing of the repository as it is now
  std::optional<Error> error;
  std::vector<Loss> losses;  // what it met lost or damaged in the vault
  /// Of a repair: keys that were to be given up, and that its snapshot needs still.
  std::vector<std::string> still_needed = {};
  std::vector<LeftOutRef> left_out = {};  // what the newest snapshot lacks, because it cannot be had
  std::uint64_t requests = 0;
  ByteCount bytes_received = 0;
  ByteCount bytes_stored = 0;
  ProofReads proof_reads = {};
  std::uint32_t objects = 0;
  std::uint64_t not_proved = 0;             // of what was fetched; see Bundle and GitPart
  std::uint64_t lfs_pointers = 0;           // in the snapshot; 0 also where no manifest was read
  bool lfs_pointers_may_be_more = false;    // in what was fetched
  bool refs_vanished = false;               // the server lists no ref any more
  std::string not_proved_because = {};      // of its newest snapshot; empty: it is proved, or nobody looked
  std::vector<MissingObject> missing = {};  // see GitPart
  std::uint64_t missing_objects = 0;
  bool was_begun = false;               // of what is not done: it was under way when the run was stopped
  std::vector<PartOutcome> parts = {};  // of which all of the above is the sum; see sum_up()
};

/// The outcome of a repository's parts together, added to what `outcome` says of the repository itself: gone,
/// a new snapshot, traffic, or an Error of its own. One part that has failed makes it failed; a new snapshot
/// makes it saved. `is_stopping`: the run is being stopped. Pure.
Outcome sum_up(Outcome outcome, std::vector<PartOutcome> parts, bool is_stopping);

/// The same outcome after `error`, unless it had failed before; what a stop ends is not done. Pure.
Outcome failed(Outcome outcome, const Error& error, bool is_stopping);

/// What two attempts made of a repository's parts, `second` after `first`: whatever either has saved is
/// saved, and the second's failure counts. Pure.
std::vector<PartOutcome> merge_attempts(std::vector<PartOutcome> first,
                                        const std::vector<PartOutcome>& second);

/// Whether anything of it is in the vault that was not there before: a snapshot, or a file. Pure.
bool has_gained(const Outcome& outcome);

/// Into how many shares the files of a part are divided that it waits for; 0: none are. Pure.
int shares_of(const Outcome& outcome);

/// Whether at least one of its parts is as it should be, whatever became of the others. Pure.
bool has_kept_anything(const Outcome& outcome);

nlohmann::ordered_json to_json(const Outcome& outcome);
/// Throws Error(corrupt), or nlohmann::json's exceptions for what is missing or of another type.
Outcome outcome_from_json(const nlohmann::ordered_json& json);

class BackupObserver : public RunObserver {
 public:
  virtual void started(const std::string& repository) = 0;
  virtual void finished(const Outcome& outcome) = 0;
  /// At the end of a run: what of a repository, or of the vault itself, is lost and not accepted.
  virtual void lost(const OpenLosses& losses) = 0;
};

}  // namespace hubkeep
