// What a verification has found, and who is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/run_observer.h"
#include "store/object_info.h"
#include "vault/names.h"
#include "vault/subject.h"

namespace hubkeep {

enum class DamageKind {
  missing,
  size,      // has not as many bytes as were written
  checksum,  // the store's own checksum is another than that of what was written
  content,   // was read: other bytes than were written
  /// Was read and is as it was written, but what comes out of it lacks what a snapshot needs.
  connectivity,
  /// The same of an index: it is not that of its bundle's pack. A backup makes it again.
  index,
};

/// How snapshots are proved, if at all.
enum class ProofKind { none, restore, deep };

std::string_view to_string(DamageKind kind);

struct Damage {
  ObjectKey key;
  DamageKind kind = DamageKind::missing;
  std::string detail;
  std::vector<SnapshotId> snapshots;  // that need it, newest first; none for a zip
  bool accepted = false;              // `backup --repair` has written down that it is lost
};

/// What lies in a vault and is named by nothing that can be read.
struct Unnamed {
  ObjectKey key;
  ByteCount size = 0;
  std::string what;  // "a symbolic link": see VaultObjects::obstacle(); empty for an object
};

/// Of one repository.
struct Verdict {
  std::string repository;  // owner/name
  SubjectId id;
  std::string host;
  std::size_t snapshots = 0;
  std::size_t removed = 0;  // snapshots that a policy has removed
  std::size_t objects = 0;  // manifests, bundles, refs objects, records of removed snapshots: each once
  ByteCount bytes = 0;
  /// Of these: what another repository shares and is counted with that one already.
  std::size_t shared_objects = 0;
  ByteCount shared_bytes = 0;
  std::size_t checksums = 0;  // of objects whose checksum the store was asked for
  std::size_t objects_read = 0;
  ByteCount bytes_read = 0;
  std::size_t cold = 0;  // in an archive class: there, not to be read now, and counted with no other
  std::vector<Damage> damages;
  std::vector<Unnamed> unnamed;  // none where a manifest is in an archive class
  /// Snapshots with something that could not be seen in what the server sent; 0 where they were rebuilt.
  std::size_t not_proved = 0;
  ProofKind proof = ProofKind::none;
  std::optional<std::size_t> proved;  // snapshots that were proved to be whole, where that was asked
  std::size_t restorable = 0;         // snapshots of which all is there and nothing damaged
  std::optional<SnapshotId> newest_restorable;  // of those that are complete
  std::optional<Error> error;                   // why it was not looked at to the end
  bool keeps_state = false;                     // of a vault whose hosts have states

  /// Whole, as far as it was looked at; what was accepted before counts as well.
  bool is_good() const;
};

class VerifyObserver : public RunObserver {
 public:
  virtual void finished(const Verdict& verdict) = 0;
};

}  // namespace hubkeep
