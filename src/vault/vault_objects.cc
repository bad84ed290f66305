// Two things are decided here for all objects.
//
// What is written once is believed to be there after a look: a store that says "it is there already" may
// answer a request that was sent twice, or may be wrong (a gateway whose listing is ahead of its data).
//
// What several runs change is read with its version, changed, and written on the condition that the version
// still stands; where it does not, all of that is done again.
#include "vault/vault_objects.h"

#include <fmt/format.h>

#include "base/counted_sink.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/find_objects.h"
#include "store/leftovers.h"
#include "store/object_store.h"
#include "vault/key_kind.h"
#include "vault/object_encoding.h"

namespace hubkeep {
namespace {

constexpr int kMaxRaces = 100;  // each of them means that another run got its own change in

std::string hash_of(ObjectStore& store, const ObjectKey& key, const std::stop_token& stop) {
  Hasher hasher(HashKind::sha256);
  store.read(key, hasher, stop);
  return to_hex(hasher.finish());
}

// What is under `key` is what was written, or Error. Its bytes are read only where the store keeps no CRC-32.
// Objects.ThatAreNotThereAreNotBelievedToBeThere, OfAnotherWithTheSameBytesAreTakenForTheirOwn.
void require_same(ObjectStore& store, const ObjectKey& key, const ObjectRecord& written,
                  const std::stop_token& stop) {
  const auto there = store.find(key);
  if (!there)
    throw Error(ErrorKind::transient,
                fmt::format("{}: the store says that it is there already, and it is not", printable(key)));
  if (there->size != written.size)
    throw Error(ErrorKind::corrupt,
                fmt::format("{} is there already, with {} bytes where {} were to be written", printable(key),
                            there->size, written.size));
  const bool is_same = there->crc32 && written.crc32 ? *there->crc32 == *written.crc32
                                                     : hash_of(store, key, stop) == written.sha256;
  if (!is_same)
    throw Error(ErrorKind::corrupt,
                fmt::format("{} is there already, with other bytes than were to be written", printable(key)));
}

std::optional<VersionedBytes> read_versioned(ObjectStore& store, const ObjectKey& key,
                                             const std::stop_token& stop) {
  try {
    return store.read_versioned(key, stop);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return std::nullopt;
  }
}

// Says whose bytes it was that nobody could decode, or read when they were decoded. The store names the key
// itself.
class NamedSink final : public ByteSink {
 public:
  NamedSink(ByteSink& next, const ObjectKey& key) : next_(next), key_(key) {}
  void write(std::string_view bytes) override {
    with_context(key_, [&] { next_.write(bytes); });
  }

 private:
  ByteSink& next_;
  const ObjectKey& key_;
};

}  // namespace

struct RecordedWriter::State {
  State(ObjectStore& to, const std::string& folder, std::string key_of_record, Encoding encoding,
        std::optional<ByteCount> expected = {})
      : store(to),
        key(resolve_key(folder, key_of_record)),
        record_key(std::move(key_of_record)),
        writer(store.create(key, expected)),
        stored(record, *writer),
        encoder(encoding, stored) {}

  ObjectRecord finish() {
    encoder.finish();
    return record.finish(record_key, std::string(name_of(encoding_of(key))));
  }

  // False when it was there already.
  bool commit(const ObjectRecord& written, const std::stop_token& stop) {
    if (writer->commit(Precondition::absent()) == CommitResult::committed) return true;
    require_same(store, key, written, stop);
    return false;
  }

  ObjectStore& store;
  const ObjectKey key;
  const std::string record_key;
  const std::unique_ptr<ObjectWriter> writer;
  RecordingSink record;
  TeeSink stored;
  EncodingSink encoder;
};

RecordedWriter::RecordedWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

RecordedWriter::~RecordedWriter() = default;

void RecordedWriter::write(std::string_view bytes) {
  state_->encoder.write(bytes);
}

ObjectRecord RecordedWriter::commit() {
  ObjectRecord record = state_->finish();
  state_->commit(record, {});
  return record;
}

ObjectRecord RecordedWriter::finish() {
  return state_->finish();
}

bool RecordedWriter::commit_as(const ObjectRecord& written, const std::stop_token& stop) {
  return state_->commit(written, stop);
}

std::optional<ObjectRecord> RecordedWriter::commit_if_absent() {
  ObjectRecord record = state_->finish();
  if (state_->writer->commit(Precondition::absent()) != CommitResult::committed) return std::nullopt;
  return record;
}

VaultObjects::VaultObjects(std::unique_ptr<ObjectStore> store) : store_(std::move(store)) {}

VaultObjects::~VaultObjects() = default;

std::string VaultObjects::description() const {
  return store_->description();
}

ByteCount VaultObjects::writer_memory() const {
  return store_->writer_memory();
}

RecordedWriter VaultObjects::create(const std::string& folder, const std::string& record_key) {
  const ObjectKey key = resolve_key(folder, record_key);
  if (!kind_of(key))
    throw Error(ErrorKind::invalid, "not the key of an object that a vault has: " + printable(key));
  return RecordedWriter(
      std::make_unique<RecordedWriter::State>(*store_, folder, record_key, encoding_of(key)));
}

RecordedWriter VaultObjects::create_stored(const std::string& folder, const std::string& record_key,
                                           std::optional<ByteCount> expected) {
  return RecordedWriter(
      std::make_unique<RecordedWriter::State>(*store_, folder, record_key, Encoding::identity, expected));
}

void VaultObjects::read(const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                        const std::stop_token& stop) {
  const Encoding encoding = encoding_named(record.encoding);
  if (encoding == Encoding::identity) return read_stored(folder, record, sink, stop);
  const ObjectKey key = resolve_key(folder, record.key);
  DecodingSink decoder(encoding, sink);
  NamedSink named(decoder, key);
  read_stored(folder, record, named, stop);
  with_context(key, [&] { decoder.finish(); });
}

void VaultObjects::read_stored(const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                               const std::stop_token& stop) {
  const ObjectKey key = resolve_key(folder, record.key);
  Hasher hasher(HashKind::sha256);
  TeeSink tee(hasher, sink);
  ByteCount count = 0;
  CountedSink counter(tee, [&](ByteCount bytes) { count += bytes; });
  store_->read(key, counter, stop);
  // The sink has had every byte before this is known: nobody may keep what came of them until this returns.
  if (count != record.size) {
    throw Error(ErrorKind::corrupt,
                fmt::format("{} has {} bytes where {} were written", key, count, record.size));
  }
  if (to_hex(hasher.finish()) != record.sha256) {
    throw Error(ErrorKind::corrupt, fmt::format("{} is not what was written: its SHA-256 differs", key));
  }
}

void VaultObjects::read_piece(const std::string& folder, const ObjectRecord& record, ByteCount offset,
                              ByteCount length, ByteSink& sink, const std::stop_token& stop) {
  store_->read(resolve_key(folder, record.key), offset, length, sink, stop);
}

void VaultObjects::read(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop) {
  DecodingSink decoder(encoding_of(key), sink);
  store_->read(key, decoder, stop);
  decoder.finish();
}

void VaultObjects::read_stored(const ObjectKey& key, ByteSink& sink, const std::stop_token& stop) {
  store_->read(key, sink, stop);
}

void VaultObjects::decode(const ObjectKey& key, std::string_view stored, ByteSink& sink) {
  DecodingSink decoder(encoding_of(key), sink);
  decoder.write(stored);
  decoder.finish();
}

void VaultObjects::require_written(const std::string& folder, const ObjectRecord& written,
                                   const std::stop_token& stop) {
  require_same(*store_, resolve_key(folder, written.key), written, stop);
}

std::optional<std::string> VaultObjects::read_if_there(const ObjectKey& key, const std::stop_token& stop) {
  auto stored = read_versioned(*store_, key, stop);
  return stored ? std::optional(std::move(stored->bytes)) : std::nullopt;
}

void VaultObjects::update(const ObjectKey& key, const Change& change, const std::stop_token& stop) {
  for (int race = 0; race < kMaxRaces; ++race) {
    auto stored = read_versioned(*store_, key, stop);
    const auto precondition = stored ? Precondition::unchanged(stored->version) : Precondition::absent();
    auto bytes = stored ? std::optional(std::move(stored->bytes)) : std::nullopt;
    // Nothing to change: nothing is written. Objects.AreLeftAsTheyAreWhereNothingChanges.
    const auto changed = change(bytes);
    if (!changed) return;
    const auto writer = store_->create(key);
    writer->write(*changed);
    if (writer->commit(precondition) == CommitResult::committed) return;
  }
  throw Error(ErrorKind::transient, fmt::format("{} was changed by other runs again and again", key));
}

std::optional<ObjectInfo> VaultObjects::find(const ObjectKey& key) {
  return store_->find(key);
}

void VaultObjects::find_objects(std::vector<ObjectKey> keys,
                                const std::function<void(const ObjectInfo&)>& visit) {
  hubkeep::find_objects(*store_, std::move(keys), visit);
}

void VaultObjects::list(const std::string& folder, const std::string& start_after,
                        const std::function<bool(const ObjectInfo&)>& visit) {
  store_->list(folder, start_after, visit);
}

void VaultObjects::list_children(const std::string& folder,
                                 const std::function<bool(std::string_view)>& visit) {
  store_->list_children(folder, visit);
}

std::string VaultObjects::obstacle(const ObjectKey& key) {
  return store_->obstacle(key);
}

void VaultObjects::list_obstacles(const std::string& folder, const ObstacleVisitor& visit) {
  store_->list_obstacles(folder, visit);
}

std::string VaultObjects::describe_absence(const ObjectKey& key) {
  const std::string what = obstacle(key);
  return what.empty() ? "is missing" : fmt::format("is {}, not a file", what);
}

std::vector<std::optional<Error>> VaultObjects::remove(std::span<const ObjectKey> keys,
                                                       const std::stop_token& stop) {
  return store_->remove(keys, stop);
}

Access VaultObjects::thaw(const ObjectKey& key, const ThawRequest& request) {
  return store_->thaw(key, request);
}

std::optional<LockPlan> VaultObjects::lock_plan(UtcTime now) {
  return store_->lock_plan(now);
}

void VaultObjects::extend_lock(const ObjectKey& key, UtcTime until) {
  store_->extend_lock(key, until);
}

Leftovers VaultObjects::clean_up(std::chrono::seconds age,
                                 const std::function<void(const std::string&)>& notice) {
  return hubkeep::clean_up(*store_, age, notice);
}

std::optional<Leftovers> VaultObjects::leftovers() {
  return store_->leftovers();
}

}  // namespace hubkeep
