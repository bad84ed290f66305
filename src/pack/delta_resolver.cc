#include "pack/delta_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "git/apply_delta.h"
#include "git/pack_stream.h"

namespace hubkeep {
namespace {

constexpr ByteCount kMegabyte = ByteCount{1} << 20U;
constexpr ByteCount kSmallestCache = kMegabyte;
// Per object, beside the table: where the cache has it, and the links to it.
constexpr ByteCount kBytesAnObject = EntryTable::kBytesAnEntry + 4 + 16;
constexpr std::size_t kDeltaChunk = std::size_t{256} << 10U;
constexpr std::size_t kLargestKeptDelta = kDeltaChunk / 4;
constexpr ByteCount kBytesAName = 96;  // in lists_by_name_
constexpr unsigned kLongestChain = 10'000;
constexpr std::size_t kMostUnwalkable = 100;

ByteCount cache_size(const IndexingOptions& options, std::uint32_t objects) {
  const ByteCount tables = objects * kBytesAnObject;
  if (tables + kSmallestCache > options.memory)
    throw DeltaResolver::NotEnoughMemory{
        fmt::format("{} objects need {} MiB of memory", objects, (tables + kSmallestCache) / kMegabyte + 1)};
  return std::min(options.cache, options.memory - tables);
}

}  // namespace

struct DeltaResolver::Again {
  EntryReader& reader;
  ObjectSource& elsewhere;
  const std::stop_token& stop;
};

DeltaResolver::DeltaResolver(ObjectFormat format, const IndexingOptions& options, std::uint32_t objects)
    : format_(format),
      options_(options),
      objects_(objects),
      namer_(format),
      table_(format),
      cache_(cache_size(options, objects)) {
  table_.reserve(objects);
}

template <typename Action>
auto DeltaResolver::at(std::uint32_t entry, Action&& action) const {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    throw error.with_context(entry_place(entry + std::uint64_t{1}, objects_, table_[entry].offset));
  }
}

ByteCount DeltaResolver::memory() const {
  return table_.memory() + cache_.memory() + links_.memory() + waiting_.capacity() * sizeof(Waiting) +
         lists_.capacity() * sizeof(std::uint32_t) + lists_by_name_.size() * kBytesAName +
         outside_.capacity() * sizeof(Outside) + delta_chunks_.size() * kDeltaChunk + held_.capacity();
}

void DeltaResolver::need(ByteCount more) {
  const ByteCount all = memory() + more;
  if (all > options_.memory)
    throw NotEnoughMemory{fmt::format("it needs more than {} MiB of memory", options_.memory / kMegabyte)};
  counts_.most_memory = std::max(counts_.most_memory, all);
}

void DeltaResolver::take(const PassedEntry& passed) {
  const std::uint32_t entry = table_.add(passed.header.offset, passed.crc32);
  need(0);
  if (is_delta(passed.header.type)) return at(entry, [&] { wait(entry, passed); });
  const auto type = static_cast<ObjectType>(passed.header.type);
  name(entry, passed.name, type);
  if (!passed.content) {
    if (type != ObjectType::blob && options_.collects_links) large_with_links_.push_back(entry);
    return;
  }
  note_links(entry, type, *passed.content);
  const auto room = cache_.reserve(passed.content->size());
  std::memcpy(room.data(), passed.content->data(), room.size());
  cache_.keep(entry);
}

void DeltaResolver::name(std::uint32_t entry, const Oid& oid, ObjectType type) {
  table_.set_name(entry, oid, type);
}

void DeltaResolver::note_links(std::uint32_t entry, ObjectType type, std::string_view content) {
  if (!options_.collects_links || type == ObjectType::blob) return;
  try {
    for_each_link(type, content, format_, [&](const ObjectLink& link) { links_.add(link); });
  } catch (const Error& error) {
    if (unwalkable_.size() < kMostUnwalkable)
      unwalkable_.push_back(
          fmt::format("{} {}: {}", to_string(type), table_[entry].oid.hex(), error.message()));
  }
}

void DeltaResolver::follow(std::uint32_t entry, std::uint32_t base) {
  const unsigned depth = base < table_.size() ? table_.depth(base) + 1 : 1;
  if (depth > kLongestChain)
    throw Error(ErrorKind::corrupt, fmt::format("it is at the end of more than {} deltas", kLongestChain));
  table_.set_base(entry, base, depth);
}

// Makes it now where that can be.
void DeltaResolver::wait(std::uint32_t entry, const PassedEntry& passed) {
  const auto& header = passed.header;
  const auto base =
      header.type == kOfsDelta ? table_.at(header.offset - header.base_distance) : table_.named(header.base);
  if (!base && header.type == kOfsDelta)
    throw Error(ErrorKind::corrupt, "no object begins where its base should");
  if (base && passed.content && make_now(entry, *base, *passed.content)) return;
  ++counts_.waited;
  Waiting waiting{.entry = entry};
  if (passed.content && passed.content->size() <= kLargestKeptDelta) {
    waiting.delta = keep_delta(*passed.content);
    waiting.size = static_cast<std::uint32_t>(passed.content->size());
  }
  waiting_.push_back(waiting);
  if (base)
    table_.set_base(entry, *base, 0);
  else
    wait_for_name(header.base, static_cast<std::uint32_t>(waiting_.size() - 1));
}

void DeltaResolver::wait_for_name(const Oid& base, std::uint32_t place) {
  const auto [list, is_new] = lists_by_name_.try_emplace(base, place);
  if (!is_new) waiting_[place].next = std::exchange(list->second, place);
}

// Null where there is no memory for it: it is read again.
const char* DeltaResolver::keep_delta(std::string_view delta) {
  if (delta_chunks_.empty() || kDeltaChunk - chunk_used_ < delta.size()) {
    if (memory() + kDeltaChunk > options_.memory - options_.memory / 8) return nullptr;
    delta_chunks_.push_back(std::make_unique_for_overwrite<char[]>(kDeltaChunk));
    chunk_used_ = 0;
  }
  char* const kept = delta_chunks_.back().get() + chunk_used_;
  std::memcpy(kept, delta.data(), delta.size());
  chunk_used_ += delta.size();
  return kept;
}

bool DeltaResolver::make_now(std::uint32_t entry, std::uint32_t base, std::string_view delta) {
  if (!table_.has_name(base)) return false;
  const DeltaSizes sizes = read_delta_sizes(delta);
  if (sizes.result > cache_.largest() || !cache_.find(base)) return false;
  const auto room = cache_.reserve(sizes.result);
  const auto content = cache_.find(base);
  if (!content) return false;
  apply_delta(*content, delta, room);
  follow(entry, base);
  const std::string_view made(room.data(), room.size());
  const ObjectType type = table_.type(base);
  name(entry, namer_.name(type, made), type);
  note_links(entry, type, made);
  cache_.keep(entry);
  return true;
}

std::uint64_t DeltaResolver::count_unnamed(const OidSet& wanted) {
  return static_cast<std::uint64_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const Oid& oid) { return !table_.named(oid); }));
}

IndexedPack DeltaResolver::resolve(ByteSource& pack, ByteCount end, ObjectSource& elsewhere,
                                   const std::stop_token& stop) {
  EntryReader reader(table_, pack, end, format_);
  Again again{reader, elsewhere, stop};
  link_lists();
  for (std::uint32_t entry = 0; entry < table_.size(); ++entry)
    if (lists_[entry] != kNoEntry && table_.has_name(entry)) make_all_on(entry, again);
  make_on_bases_elsewhere(again);
  if (!lists_by_name_.empty()) fail_for_missing_base();
  note_large_links(again);
  for (std::uint32_t entry = 0; entry < table_.size(); ++entry)
    links_.found(table_[entry].oid, table_.type(entry));
  counts_.bytes_again = reader.bytes();
  IndexedPack indexed;
  for (const Outside& base : outside_) indexed.bases_elsewhere.push_back(base.oid);
  indexed.unwalkable = std::move(unwalkable_);
  indexed.links = std::move(links_);
  indexed.entries = table_.take_sorted();
  return indexed;
}

void DeltaResolver::link_lists() {
  need(table_.size() * sizeof(std::uint32_t));
  lists_.assign(table_.size(), kNoEntry);
  for (auto list = lists_by_name_.begin(); list != lists_by_name_.end();) {
    const auto base = table_.named(list->first);
    if (!base) {
      ++list;
      continue;
    }
    for (std::uint32_t place = list->second; place != kNoEntry; place = waiting_[place].next)
      table_.set_base(waiting_[place].entry, *base, 0);
    list = lists_by_name_.erase(list);
  }
  for (auto place = static_cast<std::uint32_t>(waiting_.size()); place-- > 0;) {
    const std::uint32_t base = table_.base(waiting_[place].entry);
    if (base != kNoEntry) waiting_[place].next = std::exchange(lists_[base], place);
  }
}

void DeltaResolver::make_all_on(std::uint32_t base, Again& again) {
  std::vector<std::uint32_t> path{base};
  while (!path.empty()) {
    const std::uint32_t top = path.back();
    const std::uint32_t place = lists_[top];
    if (place == kNoEntry) {
      path.pop_back();
      continue;
    }
    if (again.stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    lists_[top] = waiting_[place].next;
    make_waiting(place, top, again);
    if (lists_[waiting_[place].entry] != kNoEntry) path.push_back(waiting_[place].entry);
  }
}

void DeltaResolver::make_waiting(std::uint32_t place, std::uint32_t base, Again& again) {
  const Waiting waiting = waiting_[place];
  const std::uint32_t entry = waiting.entry;
  at(entry, [&] { follow(entry, base); });
  std::string read;
  if (waiting.delta == nullptr) read = read_again(entry, again).content;
  std::string made = made_from(
      entry, base, waiting.delta == nullptr ? read : std::string_view(waiting.delta, waiting.size), again);
  const ObjectType type = type_of(base);
  const Oid oid = namer_.name(type, made);
  name(entry, oid, type);
  note_links(entry, type, made);
  claim_list_of(oid, entry);
  if (lists_[entry] != kNoEntry) put(entry, std::move(made));
}

// What waits for this name, behind what waits for the entry.
void DeltaResolver::claim_list_of(const Oid& oid, std::uint32_t entry) {
  const auto list = lists_by_name_.find(oid);
  if (list == lists_by_name_.end()) return;
  std::uint32_t last = list->second;
  while (waiting_[last].next != kNoEntry) last = waiting_[last].next;
  waiting_[last].next = std::exchange(lists_[entry], list->second);
  lists_by_name_.erase(list);
}

// As git completes a thin pack: in the order of the deltas, each base followed by all that it makes.
void DeltaResolver::make_on_bases_elsewhere(Again& again) {
  std::vector<std::pair<std::uint32_t, Oid>> wanted;
  for (const auto& [oid, list] : lists_by_name_) {
    std::uint32_t first = list;
    for (std::uint32_t place = list; place != kNoEntry; place = waiting_[place].next)
      first = std::min(first, place);
    wanted.emplace_back(first, oid);
  }
  need(wanted.capacity() * sizeof wanted.front());
  std::sort(wanted.begin(), wanted.end());
  for (const auto& [place, oid] : wanted) {
    const auto list = lists_by_name_.find(oid);
    if (list == lists_by_name_.end()) continue;
    auto base = again.elsewhere.read(oid, again.stop);
    if (!base) continue;
    need(base->content.size());
    const auto number = static_cast<std::uint32_t>(table_.size() + outside_.size());
    outside_.push_back({oid, base->type});
    lists_.push_back(kNoEntry);
    claim_list_of(oid, number);
    put(number, std::move(base->content));
    make_all_on(number, again);
  }
}

std::string DeltaResolver::made_from(std::uint32_t entry, std::uint32_t base, std::string_view delta,
                                     Again& again) {
  const std::string_view content = content_of(base, again);
  return at(entry, [&] {
    const DeltaSizes sizes = read_delta_sizes(delta);
    need(delta.size() + sizes.result);
    std::string made(static_cast<std::size_t>(sizes.result), '\0');
    apply_delta(content, delta, made);
    return made;
  });
}

std::string_view DeltaResolver::content_of(std::uint32_t wanted, Again& again) {
  std::vector<std::uint32_t> chain;
  std::string_view content;
  for (std::uint32_t entry = wanted;; entry = table_.base(entry)) {
    if (const auto found = cache_.find(entry)) {
      content = *found;
      break;
    }
    if (entry == held_number_) {
      content = held_;
      break;
    }
    if (entry >= table_.size()) {
      auto base = again.elsewhere.read(outside_[entry - table_.size()].oid, again.stop);
      if (!base) throw Error(ErrorKind::corrupt, "a base of the pack is gone");
      content = put(entry, std::move(base->content));
      break;
    }
    chain.push_back(entry);
    if (table_.base(entry) == kNoEntry) break;
  }
  for (; !chain.empty(); chain.pop_back()) {
    const std::uint32_t entry = chain.back();
    auto read = read_again(entry, again);
    content = at(entry, [&] {
      if (is_delta(read.header.type)) {
        need(read.content.size() + read_delta_sizes(read.content).result);
        read.content = apply_delta(content, read.content);
      }
      if (namer_.name(table_.type(entry), read.content) != table_[entry].oid)
        throw Error(ErrorKind::corrupt, "it is not what it was when it came");
      return put(entry, std::move(read.content));
    });
    ++counts_.remade;
  }
  return content;
}

std::string_view DeltaResolver::put(std::uint32_t entry, std::string content) {
  if (content.size() > cache_.largest()) {
    held_ = std::move(content);
    held_number_ = entry;
    return held_;
  }
  const auto room = cache_.reserve(content.size());
  std::memcpy(room.data(), content.data(), content.size());
  cache_.keep(entry);
  return {room.data(), room.size()};
}

EntryReader::Entry DeltaResolver::read_again(std::uint32_t entry, Again& again) {
  return at(entry, [&] { return again.reader.read(entry, [&](ByteCount more) { need(more); }, again.stop); });
}

ObjectType DeltaResolver::type_of(std::uint32_t entry) const {
  return entry < table_.size() ? table_.type(entry) : outside_[entry - table_.size()].type;
}

void DeltaResolver::note_large_links(Again& again) {
  for (const std::uint32_t entry : large_with_links_)
    note_links(entry, table_.type(entry), read_again(entry, again).content);
}

void DeltaResolver::fail_for_missing_base() const {
  const auto first = std::min_element(lists_by_name_.begin(), lists_by_name_.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::uint32_t entry = waiting_[first->second].entry;
  throw Error(
      ErrorKind::corrupt,
      fmt::format("{}: its base {} is neither in the pack nor elsewhere",
                  entry_place(entry + std::uint64_t{1}, objects_, table_[entry].offset), first->first.hex()));
}

}  // namespace hubkeep
