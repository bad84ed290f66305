// The one door to a vault's objects. Behind it is a store of bytes; before it are objects, each of a kind
// that its key tells (vault/key_kind.h), which decides how it is stored. Whatever is done to all bytes on
// their way in or out is done here and nowhere else.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_sink.h"
#include "store/object_info.h"
#include "vault/object_record.h"

namespace hubkeep {

class ObjectStore;

/// Writes one new object, once. Without a commit nothing stays. One thread, and not longer than the objects
/// it comes from.
class RecordedWriter final : public ByteSink {
 public:
  ~RecordedWriter() override;
  void write(std::string_view bytes) override;

  /// Makes the object visible and says what is stored. It may be there already with the same bytes, of
  /// another run or copy that was first; Error(corrupt) for other bytes, Error(transient) where the store
  /// says that it is there already, and it is not.
  [[nodiscard]] ObjectRecord commit();
  /// What will be stored, for those who look at it first. Called once, last; then commit_as().
  [[nodiscard]] ObjectRecord finish();
  /// The same for bytes of which `written` says already what they are: finish(), or of create_stored()
  /// whoever has them. False when they were there already.
  bool commit_as(const ObjectRecord& written, const std::stop_token& stop);
  /// Nothing when an object of that key is there already, whatever it holds. That is the store's word.
  [[nodiscard]] std::optional<ObjectRecord> commit_if_absent();

 private:
  friend class VaultObjects;
  struct State;
  explicit RecordedWriter(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Folders end with '/' or are empty; the key of a record is resolved by resolve_key(). Where there is no
/// record, a key is the whole one. Throws Error: not_found, cold, forbidden, transient, internal (disk full),
/// invalid (key), cancelled, all of the store. Thread-safe.
class VaultObjects {
 public:
  explicit VaultObjects(std::unique_ptr<ObjectStore> store);
  ~VaultObjects();
  VaultObjects(const VaultObjects&) = delete;
  VaultObjects& operator=(const VaultObjects&) = delete;

  /// Where they are, for people: "/backups/hubkeep-vault", "s3://bucket/prefix".
  std::string description() const;
  /// What a writer may hold in memory: whoever writes reserves so much for it.
  ByteCount writer_memory() const;

  // What is written once

  /// What is written is stored as the kind of the key says. Throws Error(invalid) for a key that no kind has.
  RecordedWriter create(const std::string& folder, const std::string& record_key);
  /// What is written are the stored bytes themselves: another vault's, or encoded already; `expected` of
  /// them, as ObjectStore::create() has it.
  RecordedWriter create_stored(const std::string& folder, const std::string& record_key,
                               std::optional<ByteCount> expected = {});

  /// Streams an object into `sink`, decoded as its record says. Throws Error(corrupt), naming the key, when
  /// what is stored is not what was written; `sink` has then seen bytes that must not be used. An Error of
  /// `sink` names the key where something had to be decoded for it.
  void read(const std::string& folder, const ObjectRecord& record, ByteSink& sink,
            const std::stop_token& stop);
  /// The same with the stored bytes as they are.
  void read_stored(const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                   const std::stop_token& stop);
  /// A piece of the stored bytes, checked against nothing: whoever reads it checks what it means.
  void read_piece(const std::string& folder, const ObjectRecord& record, ByteCount offset, ByteCount length,
                  ByteSink& sink, const std::stop_token& stop);
  /// What no record names, so that nothing is known to check it against: decoded as its kind says, or as it
  /// is stored. Error(corrupt), of what cannot be decoded, does not name the key.
  void read(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop);
  void read_stored(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop);
  /// Decodes stored bytes that have been read already; for the rest as read().
  static void decode(const ObjectKey& key, std::string_view stored, ByteSink& sink);

  /// What is under the record's key is what was written, by its size and its checksum or, where the store
  /// keeps none, its bytes; or Error: corrupt where it is not, transient where nothing is there.
  void require_written(const std::string& folder, const ObjectRecord& written, const std::stop_token& stop);

  // What is written again and again: small, and read as a whole

  /// Nothing where there is none. Throws Error(corrupt) for more than kMaxReadWhole.
  std::optional<std::string> read_if_there(const ObjectKey& key, const std::stop_token& stop);

  /// What becomes of the object as it is (nothing: there is none); nothing: it is left as it is. It may take
  /// the bytes away, which may be large.
  using Change = std::function<std::optional<std::string>(std::optional<std::string>& stored)>;
  /// Writes what `change` makes of the object, by compare-and-swap: it is called again when another run was
  /// first. Throws Error: what `change` throws; transient where others were first again and again.
  void update(const ObjectKey& key, const Change& change, const std::stop_token& stop);

  // What there is

  std::optional<ObjectInfo> find(const ObjectKey& key);
  /// Visits those of `keys` that are there, in few requests; see find_objects() of the store.
  void find_objects(std::vector<ObjectKey> keys, const std::function<void(const ObjectInfo&)>& visit);
  /// Visits all objects below `folder` whose key is greater than `start_after`, in byte order of the keys,
  /// until `visit` says false.
  void list(const std::string& folder, const std::string& start_after,
            const std::function<bool(const ObjectInfo&)>& visit);
  /// The names right below `folder`: "a/" for what has more below it, "b" for an object. In byte order.
  void list_children(const std::string& folder, const std::function<bool(std::string_view)>& visit);

  /// What stands in an object's place and is none, as only a folder can have it: "a symbolic link". Empty: an
  /// object is there, or nothing.
  std::string obstacle(const ObjectKey& key);
  /// Visits all that obstacle() would name below `folder`, without the folders.
  using ObstacleVisitor = std::function<void(const ObjectKey& key, std::string_view what)>;
  void list_obstacles(const std::string& folder, const ObstacleVisitor& visit);
  /// Of an object that is not there: "is missing", or "is a symbolic link, not a file".
  std::string describe_absence(const ObjectKey& key);

  // What becomes of it

  /// A result for each of `keys`, in their order: the Error of an object that may be there still, nothing for
  /// the others. What is not there is removed.
  [[nodiscard]] std::vector<std::optional<Error>> remove(std::span<const ObjectKey> keys,
                                                         const std::stop_token& stop);
  /// Asks for an object that is cold. Returns what it was before, so cold for one that is asked for now.
  Access thaw(const ObjectKey& key, const ThawRequest& request);
  /// Nothing where objects are not locked. By the store's own clock; `now` is the time where it tells none.
  /// Throws Error(invalid) where the two are too far apart.
  std::optional<LockPlan> lock_plan(UtcTime now);
  /// Locks an object until `until` at least. Throws Error(invalid) where there is no lock_plan().
  void extend_lock(const ObjectKey& key, UtcTime until);

  /// Removes what writers that died have left, as far as it is certain or older than `age`. `notice` is told
  /// of each problem; no Error comes out but cancelled.
  Leftovers clean_up(std::chrono::seconds age, const std::function<void(const std::string&)>& notice);
  /// What writers that died have left; nothing where looking would cost a request.
  std::optional<Leftovers> leftovers();

 private:
  const std::unique_ptr<ObjectStore> store_;
};

}  // namespace hubkeep
