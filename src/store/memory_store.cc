// A map under a lock: the plainest store that does what the contract suite asks of every store.
#include "store/memory_store.h"

#include <algorithm>
#include <utility>

#include "store/object_key.h"
#include "store/remove_each.h"

namespace hubkeep {
namespace {

constexpr std::size_t kPieceSize = 64 << 10;  // of a read; between two of them it may be stopped

}  // namespace

class MemoryStore::Writer final : public ObjectWriter {
 public:
  Writer(std::shared_ptr<Content> content, Clock& clock, ObjectKey key)
      : content_(std::move(content)), clock_(clock), key_(std::move(key)) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() override {
    const std::scoped_lock lock(content_->mutex);
    end();
  }

  void write(std::string_view bytes) override {
    if (!std::exchange(counts_, true)) {
      const std::scoped_lock lock(content_->mutex);
      ++content_->writers;
    }
    bytes_ += bytes;
  }

  CommitResult commit(const Precondition& precondition) override {
    const std::scoped_lock lock(content_->mutex);
    end();
    if (!holds(precondition)) return CommitResult::precondition_failed;
    content_->objects[key_] = {.bytes = std::make_shared<const std::string>(std::move(bytes_)),
                               .version = std::to_string(++content_->commits),
                               .modified = clock_.now()};
    return CommitResult::committed;
  }

 private:
  void end() {
    if (std::exchange(counts_, false)) --content_->writers;
  }

  bool holds(const Precondition& precondition) const {
    const auto found = content_->objects.find(key_);
    const bool is_there = found != content_->objects.end();
    if (precondition.kind == Precondition::Kind::absent) return !is_there;
    return precondition.kind == Precondition::Kind::none ||
           (is_there && found->second.version == precondition.version);
  }

  const std::shared_ptr<Content> content_;
  Clock& clock_;
  const ObjectKey key_;
  std::string bytes_;
  bool counts_ = false;  // among the writers
};

MemoryStore::Object MemoryStore::object(const ObjectKey& key) const {
  check_key(key);
  const std::scoped_lock lock(content_->mutex);
  const auto found = content_->objects.find(key);
  if (found == content_->objects.end()) throw Error(ErrorKind::not_found, "there is no " + key);
  return found->second;
}

std::unique_ptr<ObjectWriter> MemoryStore::create(const ObjectKey& key, std::optional<ByteCount>) {
  check_key(key);
  return std::make_unique<Writer>(content_, clock_, key);
}

void MemoryStore::read(const ObjectKey& key, ByteCount offset, std::optional<ByteCount> length,
                       ByteSink& sink, const std::stop_token& stop) {
  const Object object = this->object(key);
  std::string_view rest = *object.bytes;
  const bool is_there = offset <= rest.size() && length.value_or(0) <= rest.size() - offset;
  if (!is_there) throw Error(ErrorKind::corrupt, key + " is too short");
  rest = rest.substr(offset, length.value_or(std::string_view::npos));
  while (!rest.empty()) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while reading " + key);
    const auto piece = rest.substr(0, kPieceSize);
    sink.write(piece);
    rest.remove_prefix(piece.size());
  }
}

VersionedBytes MemoryStore::read_versioned(const ObjectKey& key, const std::stop_token&) {
  const Object object = this->object(key);
  if (object.bytes->size() > kMaxReadWhole) throw Error(ErrorKind::corrupt, key + " is too large");
  return {.bytes = *object.bytes, .version = object.version};
}

std::optional<ObjectInfo> MemoryStore::find(const ObjectKey& key) {
  check_key(key);
  const std::scoped_lock lock(content_->mutex);
  const auto found = content_->objects.find(key);
  if (found == content_->objects.end()) return std::nullopt;
  return ObjectInfo{
      .key = key, .size = found->second.bytes->size(), .modified = found->second.modified, .crc32 = {}};
}

void MemoryStore::list(const std::string& prefix, const std::string& start_after,
                       const std::function<bool(const ObjectInfo&)>& visit) {
  check_prefix(prefix);
  std::vector<ObjectInfo> listed;
  {
    const std::scoped_lock lock(content_->mutex);
    for (auto at = content_->objects.lower_bound(prefix);
         at != content_->objects.end() && at->first.starts_with(prefix); ++at) {
      if (at->first <= start_after) continue;
      listed.push_back(
          {.key = at->first, .size = at->second.bytes->size(), .modified = at->second.modified, .crc32 = {}});
    }
  }
  for (const ObjectInfo& info : listed)
    if (!visit(info)) return;
}

void MemoryStore::list_children(const std::string& prefix,
                                const std::function<bool(std::string_view)>& visit) {
  std::vector<std::string> names;
  list(prefix, {}, [&](const ObjectInfo& info) {
    const std::string below = info.key.substr(prefix.size());
    names.push_back(below.substr(0, std::min(below.find('/'), below.size() - 1) + 1));
    return true;
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names)
    if (!visit(name)) return;
}

std::vector<std::optional<Error>> MemoryStore::remove(std::span<const ObjectKey> keys,
                                                      const std::stop_token& stop) {
  check_keys(keys);
  return remove_each(keys, stop, [&](const ObjectKey& key) {
    const std::scoped_lock lock(content_->mutex);
    content_->objects.erase(key);
  });
}

Leftovers MemoryStore::remove_stale(std::chrono::seconds) {
  const std::scoped_lock lock(content_->mutex);
  return {.left = content_->writers, .problems = {}};
}

}  // namespace hubkeep
