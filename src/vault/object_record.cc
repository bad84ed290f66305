#include "vault/object_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/object_key.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

class CountingSink final : public ByteSink {
 public:
  explicit CountingSink(ByteSink& next) : next_(next) {}
  void write(std::string_view bytes) override {
    count += bytes.size();
    next_.write(bytes);
  }
  ByteCount count = 0;

 private:
  ByteSink& next_;
};

void check_record_key(const std::string& key) {
  if (is_valid_key(key.starts_with('/') ? std::string_view(key).substr(1) : key)) return;
  throw Error(ErrorKind::corrupt, "a manifest names an object that no vault can hold: " + printable(key));
}

}  // namespace

nlohmann::ordered_json to_json(const ObjectRecord& record) {
  return {
      {"key", record.key}, {"size", record.size}, {"sha256", record.sha256}, {"encoding", record.encoding}};
}

ObjectRecord object_record_from_json(const nlohmann::ordered_json& json) {
  ObjectRecord record{.key = json.at("key"),
                      .size = integer_from_json<ByteCount>(json.at("size")),
                      .sha256 = json.at("sha256"),
                      .encoding = json.at("encoding")};
  check_record_key(record.key);
  if (record.encoding != "identity" && record.encoding != "zstd") {
    throw Error(ErrorKind::corrupt,
                "an object has an encoding that this version does not know: " + printable(record.encoding));
  }
  return record;
}

ObjectKey resolve_key(const std::string& folder, const std::string& record_key) {
  return record_key.starts_with('/') ? record_key.substr(1) : folder + record_key;
}

struct RecordedWriter::State {
  std::unique_ptr<ObjectWriter> writer;
  ObjectRecord record;
  Hasher hasher{HashKind::sha256};
};

RecordedWriter::RecordedWriter(ObjectStore& store, const std::string& folder, std::string record_key,
                               std::string encoding)
    : state_(new State{
          .writer = store.create(resolve_key(folder, record_key)),
          .record = {
              .key = std::move(record_key), .size = 0, .sha256 = {}, .encoding = std::move(encoding)}}) {}

RecordedWriter::~RecordedWriter() = default;

void RecordedWriter::write(std::string_view bytes) {
  state_->writer->write(bytes);
  state_->hasher.write(bytes);
  state_->record.size += bytes.size();
}

ObjectRecord RecordedWriter::commit() {
  if (state_->writer->commit(Precondition::absent()) == CommitResult::precondition_failed) {
    throw Error(ErrorKind::internal, "the vault already has an object " + printable(state_->record.key));
  }
  state_->record.sha256 = to_hex(state_->hasher.finish());
  return state_->record;
}

void read_checked(ObjectStore& store, const std::string& folder, const ObjectRecord& record, ByteSink& sink,
                  const std::stop_token& stop) {
  const ObjectKey key = resolve_key(folder, record.key);
  Hasher hasher(HashKind::sha256);
  TeeSink tee(hasher, sink);
  CountingSink counter(tee);
  store.read(key, counter, stop);
  if (counter.count != record.size) {
    throw Error(ErrorKind::corrupt,
                fmt::format("{} has {} bytes where {} were written", key, counter.count, record.size));
  }
  if (to_hex(hasher.finish()) != record.sha256) {
    throw Error(ErrorKind::corrupt, fmt::format("{} is not what was written: its SHA-256 differs", key));
  }
}

}  // namespace hubkeep
