// What a drill found: a document of drills/ in the vault; docs/storage-format.md, "Drill".
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_count.h"
#include "base/clock.h"
#include "base/error.h"
#include "vault/names.h"
#include "vault/subject.h"

namespace hubkeep {

/// Why a repository was drilled.
enum class ChosenAs { largest, longest_not_drilled, random, named, all };

enum class DrillResult {
  restored,   // whatever was found out about it then; an error came after it
  failed,     // see error
  too_large,  // for the disk
  not_done,   // the drill was stopped before
};

enum class FsckResult { ok, problems, not_run };

std::string_view to_string(ChosenAs as);
std::string_view to_string(DrillResult result);
std::string_view to_string(FsckResult result);

/// Something that is otherwise in the restored repository than where it was compared with.
struct DrillDifference {
  std::string against;      // "snapshot", "vault", "github"
  std::string what;         // a ref, "HEAD", "objects", "repository"
  std::string restored;     // what the restored repository has; empty: nothing
  std::string there;        // what is there; empty: nothing
  std::string explanation;  // empty: nothing explains it

  friend bool operator==(const DrillDifference&, const DrillDifference&) = default;
};

/// Differences by the thousand are counted, and some of them named: those without an explanation first.
struct DrillDifferences {
  static constexpr std::size_t kNamed = 50;

  std::uint64_t explained = 0;
  std::uint64_t unexplained = 0;
  std::vector<DrillDifference> named;

  void add(DrillDifference difference);
};

struct DrillOutcome {
  std::string repository;  // owner/name
  SubjectId id;
  std::string host;
  ChosenAs chosen_as = ChosenAs::named;
  DrillResult result = DrillResult::not_done;
  SnapshotId snapshot = {};
  ByteCount bytes = 0;        // read from the vault
  ByteCount disk_needed = 0;  // as restore reckons
  std::uint64_t objects = 0;  // that the packs of the restored repository have
  std::uint64_t refs = 0;     // that it has
  std::chrono::milliseconds restoring{};
  FsckResult fsck = FsckResult::not_run;
  std::chrono::milliseconds checking{};  // how long git fsck took
  std::vector<std::string> fsck_lines;   // what it said, some of it
  bool compared_with_github = false;
  DrillDifferences differences;
  std::vector<std::string> notes;  // for people
  std::optional<Error> error = {};

  /// Nothing failed, and nothing is without an explanation. One that is too large is good when the drill may
  /// choose: then it is told.
  bool is_good() const;
};

struct DrillTotals {
  std::size_t restored = 0;
  std::size_t failed = 0;
  std::size_t too_large = 0;
  std::size_t not_done = 0;
  ByteCount bytes = 0;
  std::uint64_t objects = 0;
  std::uint64_t unexplained = 0;
  std::chrono::milliseconds restoring{};
};

struct DrillReport {
  SnapshotId drill;  // its id
  std::string program;
  std::string vault;  // its id
  std::string place;  // where the vault is; not kept in it
  UtcTime started;
  UtcTime finished;
  std::uint64_t seed = 0;
  std::size_t count = 0;  // as asked for; 0 where repositories were named, or all were drilled
  bool against_github = false;
  bool stopped = false;
  std::vector<DrillOutcome> outcomes = {};
  std::vector<std::string> too_large = {};  // that could not be chosen

  /// Something was restored, and all that was tried is good.
  bool is_good() const;
  DrillTotals totals() const;
};

nlohmann::ordered_json to_json(const DrillReport& report);

/// "drills/<drill>.json"
std::string drill_key(const SnapshotId& drill);
/// The drill whose object is called that, below drills/; nothing for any other name.
std::optional<SnapshotId> drill_of(std::string_view name);

/// Which repositories a stored drill has restored. Throws Error(corrupt).
std::vector<SubjectKey> restored_in(const std::string& json);

}  // namespace hubkeep
