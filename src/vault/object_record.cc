#include "vault/object_record.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/counted_sink.h"
#include "base/crc32.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/object_key.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

std::string hash_of(ObjectStore& store, const ObjectKey& key, const std::stop_token& stop) {
  Hasher hasher(HashKind::sha256);
  store.read(key, hasher, stop);
  return to_hex(hasher.finish());
}

void check_record_key(const std::string& key) {
  if (is_valid_key(key.starts_with('/') ? std::string_view(key).substr(1) : key)) return;
  throw Error(ErrorKind::corrupt, "a manifest names an object that no vault can hold: " + printable(key));
}

std::uint32_t crc32_from_json(const nlohmann::ordered_json& json) {
  constexpr std::size_t kDigits = 8;
  const auto& text = json.get_ref<const std::string&>();
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != kDigits || error != std::errc() || end != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "not a CRC-32: " + printable(text));
  return value;
}

}  // namespace

nlohmann::ordered_json to_json(const ObjectRecord& record) {
  nlohmann::ordered_json json = {
      {"key", record.key}, {"size", record.size}, {"sha256", record.sha256}, {"encoding", record.encoding}};
  if (record.crc32) json["crc32"] = fmt::format("{:08x}", *record.crc32);
  return json;
}

ObjectRecord object_record_from_json(const nlohmann::ordered_json& json) {
  ObjectRecord record{.key = json.at("key"),
                      .size = integer_from_json<ByteCount>(json.at("size")),
                      .sha256 = json.at("sha256"),
                      .encoding = json.at("encoding")};
  if (json.contains("crc32")) record.crc32 = crc32_from_json(json.at("crc32"));
  check_record_key(record.key);
  if (record.encoding != "identity" && record.encoding != "zstd") {
    throw Error(ErrorKind::invalid, fmt::format("the encoding {} of the object {}",
                                                printable(record.encoding), printable(record.key)));
  }
  return record;
}

ObjectKey resolve_key(const std::string& folder, const std::string& record_key) {
  return record_key.starts_with('/') ? record_key.substr(1) : folder + record_key;
}

void RecordingSink::write(std::string_view bytes) {
  hasher_.write(bytes);
  crc32_ = crc32_of(bytes, crc32_);
  size_ += bytes.size();
}

ObjectRecord RecordingSink::finish(std::string key, std::string encoding) {
  return {.key = std::move(key),
          .size = size_,
          .sha256 = to_hex(hasher_.finish()),
          .encoding = std::move(encoding),
          .crc32 = crc32_};
}

void require_written(ObjectStore& store, const ObjectKey& key, const ObjectRecord& written,
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

bool commit_once(ObjectStore& store, const ObjectKey& key, ObjectWriter& writer, const ObjectRecord& written,
                 const std::stop_token& stop) {
  if (writer.commit(Precondition::absent()) == CommitResult::committed) return true;
  require_written(store, key, written, stop);
  return false;
}

struct RecordedWriter::State {
  ObjectStore& store;
  ObjectKey store_key;
  std::unique_ptr<ObjectWriter> writer;
  std::string key;
  std::string encoding;
  RecordingSink record;
};

RecordedWriter::RecordedWriter(ObjectStore& store, const std::string& folder, std::string record_key,
                               std::string encoding)
    : state_(new State{.store = store,
                       .store_key = resolve_key(folder, record_key),
                       .writer = store.create(resolve_key(folder, record_key)),
                       .key = std::move(record_key),
                       .encoding = std::move(encoding),
                       .record = {}}) {}

RecordedWriter::~RecordedWriter() = default;

void RecordedWriter::write(std::string_view bytes) {
  state_->writer->write(bytes);
  state_->record.write(bytes);
}

ObjectRecord RecordedWriter::commit() {
  ObjectRecord record = state_->record.finish(state_->key, state_->encoding);
  commit_once(state_->store, state_->store_key, *state_->writer, record, {});
  return record;
}

void read_checked(ObjectStore& store, const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                  const std::stop_token& stop) {
  const ObjectKey key = resolve_key(folder, record.key);
  Hasher hasher(HashKind::sha256);
  TeeSink tee(hasher, sink);
  ByteCount count = 0;
  CountedSink counter(tee, [&](ByteCount bytes) { count += bytes; });
  store.read(key, counter, stop);
  if (count != record.size) {
    throw Error(ErrorKind::corrupt,
                fmt::format("{} has {} bytes where {} were written", key, count, record.size));
  }
  if (to_hex(hasher.finish()) != record.sha256) {
    throw Error(ErrorKind::corrupt, fmt::format("{} is not what was written: its SHA-256 differs", key));
  }
}

}  // namespace hubkeep
