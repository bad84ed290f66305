#include "pack/delta_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "git/apply_delta.h"

namespace hubkeep {
namespace {

constexpr ByteCount kMegabyte = ByteCount{1} << 20U;
constexpr ByteCount kSmallestCache = kMegabyte;
// Per object, beside the table: where the caches have it, and the links to it.
constexpr ByteCount kBytesAnObject = EntryTable::kBytesAnEntry + 8 + 16;
constexpr ByteCount kQueues = 12 * kMegabyte;
constexpr ByteCount kBytesAName = 96;  // in lists_by_name_
constexpr unsigned kLongestChain = 10'000;
constexpr std::size_t kWorthAJob = 1024;  // smaller objects are named at once
constexpr std::size_t kMostUnwalkable = 100;

// What is left of the memory, at most what the options say.
ByteCount cache_size(const IndexingOptions& options, std::uint32_t objects) {
  const ByteCount tables = objects * kBytesAnObject + std::min(kQueues, options.memory / 8);
  if (tables + kSmallestCache > options.memory)
    throw DeltaResolver::NotEnoughMemory{
        fmt::format("{} objects need {} MiB of memory", objects, (tables + kSmallestCache) / kMegabyte + 1)};
  return std::min(options.cache, options.memory - tables);
}

}  // namespace

// Contents need much room and are made again quickly: they get the smaller part.
DeltaResolver::DeltaResolver(ObjectFormat format, const IndexingOptions& options, std::uint32_t objects)
    : format_(format),
      options_(options),
      objects_(objects),
      namer_(format),
      names_(format, table_),
      contents_(cache_size(options, objects) / 4,
                [this](std::uint32_t job) { names_.wait_for(job, namer_); }),
      packed_(cache_size(options, objects) / 4 * 3) {
  table_.reserve(objects);
  if (options.written != nullptr) written_.emplace(table_, *options.written, 0, format);
}

ByteCount DeltaResolver::memory() const {
  return queued_ + table_.memory() + contents_.memory() + packed_.memory() + scratch_.capacity() +
         held_.capacity() + links_.memory() + waiting_.capacity() * sizeof(Waiting) +
         lists_.capacity() * sizeof(std::uint32_t) + lists_by_name_.size() * kBytesAName +
         outside_.capacity() * sizeof(Outside);
}

// Before more is taken. Where a large object needs it, the entries that are kept are given up.
void DeltaResolver::need(ByteCount more) {
  if (memory() + more > options_.memory) packed_.clear();
  const ByteCount all = memory() + more;
  if (all > options_.memory)
    throw NotEnoughMemory{fmt::format("it needs more than {} MiB of memory", options_.memory / kMegabyte)};
  counts_.most_memory = std::max(counts_.most_memory, all);
}

void DeltaResolver::take(const EntryBatch& batch, ByteCount queued) {
  queued_ = queued;
  std::string_view rest = batch.bytes;
  const auto next = [&rest](std::size_t size) {
    const std::string_view piece = rest.substr(0, size);
    rest.remove_prefix(size);
    return piece;
  };
  for (const PassedEntry& passed : batch.entries) {
    Bytes bytes;
    if (passed.has_content) bytes.content = next(passed.content_size);
    bytes.compressed = next(passed.compressed_size);
    take(passed, bytes);
  }
}

ByteCount DeltaResolver::size_made(const PassedEntry& passed, const Bytes& bytes) {
  if (!is_delta(passed.header.type) || !bytes.content) return passed.header.size;
  return read_delta_sizes(*bytes.content).result;
}

void DeltaResolver::take(const PassedEntry& passed, const Bytes& bytes) {
  const std::uint32_t entry = table_.add(passed.header.offset, passed.crc32);
  need(0);
  if (is_delta(passed.header.type))
    at(entry, [&] { take_delta(entry, passed, bytes); });
  else
    take_whole(entry, passed, bytes);
  if (!bytes.compressed.empty())
    packed_.put(entry, bytes.compressed, passed.header.size, size_made(passed, bytes));
}

void DeltaResolver::take_whole(std::uint32_t entry, const PassedEntry& passed, const Bytes& bytes) {
  const auto type = static_cast<ObjectType>(passed.header.type);
  table_.set_type(entry, type);
  table_.set_oid(entry, passed.name);
  if (finds_names_) table_.add_name(entry);
  if (bytes.content) {
    note_links(entry, type, *bytes.content);
    store(entry, bytes.content->size(), kNoEntry,
          [&](std::span<char> room) { std::memcpy(room.data(), bytes.content->data(), room.size()); });
  } else if (type != ObjectType::blob && options_.collects_links) {
    large_with_links_.push_back(entry);
  }
}

void DeltaResolver::take_delta(std::uint32_t entry, const PassedEntry& passed, const Bytes& bytes) {
  const auto& header = passed.header;
  const auto base =
      header.type == kOfsDelta ? table_.at(header.offset - header.base_distance) : named(header.base);
  if (!base && header.type == kOfsDelta)
    throw Error(ErrorKind::corrupt, "no object begins where its base should");
  if (base && bytes.content && make_now(entry, *base, *bytes.content)) return;
  ++counts_.waited;
  waiting_.push_back({.entry = entry});
  if (base)
    table_.set_base(entry, *base, 0);
  else
    wait_for_name(header.base, static_cast<std::uint32_t>(waiting_.size() - 1));
}

// From the first question on, names are found at once, and no later on.
std::optional<std::uint32_t> DeltaResolver::named(const Oid& oid) {
  if (!finds_names_) {
    names_.wait_for_all(namer_);
    for (std::uint32_t entry = 0; entry < table_.size(); ++entry)
      if (table_.is_made(entry)) table_.add_name(entry);
    finds_names_ = true;
  }
  return table_.named(oid);
}

void DeltaResolver::wait_for_name(const Oid& base, std::uint32_t place) {
  const auto [list, is_new] = lists_by_name_.try_emplace(base, place);
  if (!is_new) waiting_[place].next = std::exchange(list->second, place);
}

bool DeltaResolver::make_now(std::uint32_t entry, std::uint32_t base, std::string_view delta) {
  if (!table_.is_made(base) || read_delta_sizes(delta).result > contents_.largest() || !bring_now(base))
    return false;
  make(entry, base, delta);
  return true;
}

bool DeltaResolver::bring_now(std::uint32_t base) {
  if (!written_) return bring(base, nullptr);
  NoObjects nowhere;
  Again again{*written_, nowhere, {}};
  return bring(base, &again);
}

// Its base is at hand.
void DeltaResolver::make(std::uint32_t entry, std::uint32_t base, std::string_view delta) {
  follow(entry, base);
  const auto content = store(entry, read_delta_sizes(delta).result, base,
                             [&](std::span<char> room) { apply_delta(find(base).value(), delta, room); });
  name(entry, content, type_of(base));
}

void DeltaResolver::follow(std::uint32_t entry, std::uint32_t base) {
  const unsigned depth = base < table_.size() ? table_.depth(base) + 1 : 1;
  if (depth > kLongestChain)
    throw Error(ErrorKind::corrupt, fmt::format("it is at the end of more than {} deltas", kLongestChain));
  table_.set_base(entry, base, depth);
}

void DeltaResolver::name(std::uint32_t entry, std::string_view content, ObjectType type) {
  table_.set_type(entry, type);
  note_links(entry, type, content);
  if (type == ObjectType::blob) lfs_pointers_.saw_blob(content);
  if (options_.threads > 1 && !finds_names_ && content.size() >= kWorthAJob && entry != held_number_)
    return contents_.lend(entry, names_.push({.entry = entry, .type = type, .content = content}, namer_));
  table_.set_oid(entry, namer_.name(type, content));
  if (finds_names_) table_.add_name(entry);
}

// What was read again must be what it was.
void DeltaResolver::check_name(std::uint32_t entry, std::string_view content) {
  const ObjectType type = table_.type(entry);
  names_.wait_for_name_of(entry, namer_);
  if (namer_.name(type, content) != table_[entry].oid)
    throw Error(ErrorKind::corrupt, "it is not what it was when it came");
}

void DeltaResolver::note_links(std::uint32_t entry, ObjectType type, std::string_view content) {
  if (!options_.collects_links || type == ObjectType::blob) return;
  try {
    for_each_link(type, content, format_, [&](const ObjectLink& link) { links_.add(link); });
  } catch (const Error& error) {
    if (unwalkable_.size() < kMostUnwalkable) unwalkable_.emplace_back(entry, error.message());
  }
}

ObjectType DeltaResolver::type_of(std::uint32_t number) const {
  return number < table_.size() ? table_.type(number) : outside_[number - table_.size()].type;
}

std::optional<std::string_view> DeltaResolver::find(std::uint32_t number) {
  if (number == held_number_) return held_;
  return contents_.find(number);
}

// Sees to it that find() finds it. Without `again` false where it would have to be read again.
bool DeltaResolver::bring(std::uint32_t number, Again* again) {
  packed_.was_used(number);
  std::vector<std::uint32_t> chain;
  for (std::uint32_t entry = number; !find(entry); entry = table_.base(entry)) {
    if (entry >= table_.size()) {
      bring_from_elsewhere(entry, *again);
      break;
    }
    if (again == nullptr && !packed_.contains(entry)) return false;
    if (entry != number) packed_.was_used(entry);
    chain.push_back(entry);
    if (table_.base(entry) == kNoEntry) break;
  }
  for (; !chain.empty(); chain.pop_back())
    if (!remake(chain.back(), again)) return false;
  return true;
}

bool DeltaResolver::remake(std::uint32_t entry, Again* again) {
  const bool was_kept = packed_.contains(entry);
  if (again == nullptr && !was_kept) return false;  // given up since, for an object before it in the chain
  const std::uint32_t base = table_.base(entry);
  return at(entry, [&] {
    const std::string_view bytes = inflated(entry, again);
    const ByteCount size = base == kNoEntry ? bytes.size() : read_delta_sizes(bytes).result;
    if (again == nullptr && size > contents_.largest()) return false;
    const auto content = store(entry, size, base, [&](std::span<char> room) {
      if (base == kNoEntry)
        std::memcpy(room.data(), bytes.data(), bytes.size());
      else
        apply_delta(find(base).value(), bytes, room);
    });
    ++counts_.remade;
    if (!was_kept) check_name(entry, content);
    return true;
  });
}

// An object or a delta, until the next one.
std::string_view DeltaResolver::inflated(std::uint32_t entry, Again* again) {
  PackedEntries::Entry packed;
  EntryReader::Entry read;
  if (packed_.contains(entry)) {
    packed = packed_.get(entry);
  } else {
    read = again->reader.read(entry, [&](ByteCount size) { need(size); }, again->stop);
    packed = {read.compressed(), read.header.size};
  }
  need(packed.inflated);
  scratch_.resize(static_cast<std::size_t>(packed.inflated));
  inflater_.inflate(packed.compressed, scratch_);
  if (!read.bytes.empty())
    packed_.put(entry, packed.compressed, packed.inflated,
                is_delta(read.header.type) ? read_delta_sizes(scratch_).result : packed.inflated);
  return scratch_;
}

void DeltaResolver::bring_from_elsewhere(std::uint32_t number, Again& again) {
  const auto base = again.elsewhere.read(outside_[number - table_.size()].oid, again.stop);
  if (!base) throw Error(ErrorKind::corrupt, "a base of the pack is gone");
  store(number, base->content.size(), kNoEntry,
        [&](std::span<char> room) { std::memcpy(room.data(), base->content.data(), room.size()); });
}

std::uint64_t DeltaResolver::count_unnamed(const OidSet& wanted) {
  return static_cast<std::uint64_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const Oid& oid) { return !named(oid); }));
}

}  // namespace hubkeep
