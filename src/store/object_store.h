// A store of named objects: the one thing that a folder and a bucket have in common.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "base/clock.h"
#include "base/error.h"
#include "store/object_info.h"

namespace hubkeep {

/// What must hold when an object is committed.
struct Precondition {
  enum class Kind { none, absent, unchanged };
  Kind kind = Kind::none;
  std::string version;  // for unchanged: what ObjectStore::read_versioned gave

  static Precondition none() { return {}; }
  /// The key must not exist: for everything that is written once.
  static Precondition absent() { return {Kind::absent, {}}; }
  /// The object must still be that version.
  static Precondition unchanged(std::string version) { return {Kind::unchanged, std::move(version)}; }
};

enum class [[nodiscard]] CommitResult { committed, precondition_failed };

/// One object on its way in. Nothing is visible under its key before commit(). Destroyed without commit(), it
/// takes back what it did. Used by one thread.
class ObjectWriter : public ByteSink {
 public:
  /// Makes the object durable and visible, at once or not at all. Throws Error; then nothing is visible.
  /// That the precondition failed is the store's word: whoever writes what is written once looks after it, as
  /// VaultObjects does.
  [[nodiscard]] virtual CommitResult commit(const Precondition& precondition) = 0;
};

struct VersionedBytes {
  std::string bytes;
  std::string version;
};

/// Errors of all functions: not_found (read, read_versioned), forbidden, transient, internal (disk full),
/// invalid (key), cancelled. Thread-safe.
class ObjectStore {
 public:
  ObjectStore() = default;
  ObjectStore(const ObjectStore&) = delete;
  ObjectStore& operator=(const ObjectStore&) = delete;
  virtual ~ObjectStore() = default;

  /// Where this is, for people: "/backups/hubkeep-vault", "s3://bucket/prefix".
  virtual std::string description() const = 0;

  /// `expected`: how many bytes there will be, as far as anybody knows. Where a store has to know that, and
  /// so many are too many for it, it throws Error before the first byte: invalid, or transient where it has
  /// no memory for them now.
  virtual std::unique_ptr<ObjectWriter> create(const ObjectKey& key, std::optional<ByteCount> expected) = 0;
  std::unique_ptr<ObjectWriter> create(const ObjectKey& key) { return create(key, std::nullopt); }

  /// What a writer may hold in memory: whoever writes reserves so much for it.
  virtual ByteCount writer_memory() const = 0;

  /// Streams `length` bytes from `offset` on (to the end when not given) into `sink`.
  /// Asking beyond the end throws Error(corrupt).
  virtual void read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length, ByteSink& sink,
                    const std::stop_token& stop) = 0;
  void read(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop) {
    read(key, 0, {}, sink, stop);
  }

  /// The whole of a small, mutable object, with a version for Precondition::unchanged. Throws Error(corrupt)
  /// for more than kMaxReadWhole.
  virtual VersionedBytes read_versioned(const ObjectKey& key, const std::stop_token& stop) = 0;

  virtual std::optional<ObjectInfo> find(const ObjectKey& key) = 0;

  /// Visits all objects whose key begins with `prefix` (which ends with '/' or is empty) and is greater than
  /// `start_after`, in byte order of the keys, until `visit` says false.
  virtual void list(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const ObjectInfo&)>& visit) = 0;

  /// The names right below `prefix`: "a/" for what has more below it, "b" for an object. In byte order.
  virtual void list_children(const std::string& prefix,
                             const std::function<bool(std::string_view)>& visit) = 0;

  /// What stands in an object's place and is none, as only a folder can have it: "a folder", "a symbolic
  /// link", "a named pipe", "a socket", "a device". For all other functions there is no object then, and what
  /// is written goes into its place, but for a folder's. Empty: an object is there, or nothing.
  virtual std::string obstacle(const ObjectKey& key) = 0;
  /// Visits all that obstacle() would name below `prefix` (as of list()), without the folders.
  using ObstacleVisitor = std::function<void(const ObjectKey& key, std::string_view what)>;
  virtual void list_obstacles(const std::string& prefix, const ObstacleVisitor& visit) = 0;

  /// Removes many objects; removing what is not there is no error. The results stand in the order of `keys`:
  /// the Error of an object that may be there still, forbidden for one that is locked; nothing for the
  /// others. What is no matter of one key (no network, wrong credentials, `stop`) ends the work: its Error is
  /// the result of all keys that are left. Throws Error(invalid), before anything is removed, for what is no
  /// key. A bucket that keeps versions only hides the objects: it marks them as deleted, which a lock does
  /// not forbid, and keeps the versions until a lifecycle rule, or somebody, deletes those.
  [[nodiscard]] virtual std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                                                 const std::stop_token& stop) = 0;
  /// The same for one; its Error is thrown.
  void remove(const ObjectKey& key) {
    const auto results = remove(std::span(&key, 1), {});
    if (const std::optional<Error>& error = results.front()) throw Error(*error);
  }

  /// Asks for an object that is cold. Returns what it was before, so cold for one that is asked for now.
  /// Throws Error(not_found), too, where objects can be cold.
  virtual Access thaw(const ObjectKey& key, const ThawRequest& request) = 0;

  /// Nothing where objects are not locked. What is locked is written all the same, but nobody can delete it.
  /// By the store's own clock; `now` is the time where it tells none. Throws Error(invalid) where the two are
  /// more than kClockTolerance apart: nothing may be locked then.
  virtual std::optional<LockPlan> lock_plan(UtcTime now) = 0;

  /// Locks an object until `until` at least. Throws Error(invalid) where there is no lock_plan().
  virtual void extend_lock(const ObjectKey& key, UtcTime until) = 0;

  /// Removes what writers that died have left (temporary files, unfinished uploads). Where the store can tell
  /// that a writer is dead, at once; else what is older than `age` by the store's own clock. What cannot be
  /// removed is a problem, not an Error; see clean_up().
  virtual Leftovers remove_stale(std::chrono::seconds age) = 0;
  /// What writers that died have left, as `left`; nothing where looking would cost a request.
  virtual std::optional<Leftovers> leftovers() = 0;
};

/// What extend_lock() throws where there are no locks.
inline Error has_no_locks(const ObjectKey& key) {
  return {ErrorKind::invalid, "this store does not lock " + key};
}

}  // namespace hubkeep
