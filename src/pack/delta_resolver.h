// Makes the objects of a pack from its entries and names them.
//
// While the pack passes, a delta is applied when its base is at hand: in a cache of contents, or to be made
// again from entries that are kept as they came, compressed. What has no base there waits: it comes later, is
// in another pack, or was forgotten. At the end, what waits is a forest whose roots are objects that were
// made, and bases elsewhere; each tree is gone through depth first, without recursion, and entries that were
// forgotten are read again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "git/entry_inflater.h"
#include "git/oid_set.h"
#include "git/pack_entry.h"
#include "git/pack_stream.h"
#include "pack/entry_batch.h"
#include "pack/entry_reader.h"
#include "pack/entry_table.h"
#include "pack/indexed_pack.h"
#include "pack/name_jobs.h"
#include "pack/object_cache.h"
#include "pack/object_namer.h"
#include "pack/object_source.h"
#include "pack/packed_entries.h"

namespace hubkeep {

/// Throws NotEnoughMemory from any of its functions, and is of no use afterwards. One thread.
class DeltaResolver {
 public:
  struct NotEnoughMemory {
    std::string why;
  };

  DeltaResolver(ObjectFormat format, const IndexingOptions& options, std::uint32_t objects);

  /// The largest object or delta of which take() wants the content.
  ByteCount largest_kept() const { return std::min(contents_.largest(), options_.memory / 12); }
  /// In the order of the pack; so many bytes are `queued` behind them. Throws Error(corrupt), naming object
  /// and offset.
  void take(const EntryBatch& batch, ByteCount queued = 0);
  NameJobs& names() { return names_; }
  bool all_made() const { return waiting_.empty(); }
  /// How many of them no object has the name of so far.
  std::uint64_t count_unnamed(const OidSet& wanted);

  /// Once: makes what waits. `end`: of the last entry in the pack.
  IndexedPack resolve(ByteSource& pack, ByteCount end, ObjectSource& elsewhere, const std::stop_token& stop);

  const IndexingCounts& counts() const { return counts_; }

 private:
  // A delta that waits. Those that wait for the same are a list.
  struct Waiting {
    std::uint32_t entry = 0;
    std::uint32_t next = kNoEntry;  // in waiting_
  };
  struct Again {  // where entries are read again
    EntryReader& reader;
    ObjectSource& elsewhere;
    std::stop_token stop;
  };

  struct Bytes {
    std::optional<std::string_view> content;
    std::string_view compressed;
  };

  static ByteCount size_made(const PassedEntry& passed, const Bytes& bytes);
  void take(const PassedEntry& passed, const Bytes& bytes);
  void take_whole(std::uint32_t entry, const PassedEntry& passed, const Bytes& bytes);
  void take_delta(std::uint32_t entry, const PassedEntry& passed, const Bytes& bytes);
  std::optional<std::uint32_t> named(const Oid& oid);
  bool make_now(std::uint32_t entry, std::uint32_t base, std::string_view delta);
  bool bring_now(std::uint32_t base);
  void wait_for_name(const Oid& base, std::uint32_t place);

  void make(std::uint32_t entry, std::uint32_t base, std::string_view delta);
  void name(std::uint32_t entry, std::string_view content, ObjectType type);
  void check_name(std::uint32_t entry, std::string_view content);
  void note_links(std::uint32_t entry, ObjectType type, std::string_view content);
  void follow(std::uint32_t entry, std::uint32_t base);
  ObjectType type_of(std::uint32_t number) const;

  template <typename Fill>
  std::string_view store(std::uint32_t number, ByteCount size, std::uint32_t base, Fill&& fill);
  std::optional<std::string_view> find(std::uint32_t number);
  bool bring(std::uint32_t number, Again* again);
  bool remake(std::uint32_t entry, Again* again);
  std::string_view inflated(std::uint32_t entry, Again* again);
  void bring_from_elsewhere(std::uint32_t number, Again& again);

  void link_lists();
  std::vector<std::uint32_t> largest_trees_first();
  void claim_list_of(const Oid& oid, std::uint32_t number);
  void make_all_on(std::uint32_t base, Again& again);
  void make_waiting(std::uint32_t entry, std::uint32_t base, Again& again);
  void make_on_bases_elsewhere(Again& again);
  void note_large_links(Again& again);
  [[noreturn]] void fail_for_missing_base() const;

  ByteCount memory() const;
  void need(ByteCount more);
  template <typename Action>
  auto at(std::uint32_t entry, Action&& action) const;

  const ObjectFormat format_;
  const IndexingOptions options_;
  const std::uint32_t objects_;
  ObjectNamer namer_;
  EntryInflater inflater_;
  EntryTable table_;
  NameJobs names_;
  bool finds_names_ = false;  // they are known at once, as REF_DELTAs need them
  ObjectCache contents_;
  PackedEntries packed_;
  std::optional<EntryReader> written_;
  std::string scratch_;  // a delta, or a content that comes from elsewhere
  // The last object that the cache does not take.
  std::uint32_t held_number_ = kNoEntry;
  std::string held_;

  LinkSet links_;
  LfsPointers lfs_pointers_;  // in what deltas make
  std::vector<std::uint32_t> large_with_links_;
  std::vector<std::pair<std::uint32_t, std::string>> unwalkable_;  // entries, and what is wrong
  ByteCount queued_ = 0;

  std::vector<Waiting> waiting_;
  std::unordered_map<Oid, std::uint32_t> lists_by_name_;  // first in waiting_, while the name is nowhere
  std::vector<std::uint32_t> lists_;                      // by base, in resolve()
  struct Outside {
    Oid oid;
    ObjectType type;
  };
  std::vector<Outside> outside_;  // bases elsewhere: numbered after the entries

  IndexingCounts counts_;
};

template <typename Action>
auto DeltaResolver::at(std::uint32_t entry, Action&& action) const {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt) throw;
    throw error.with_context(entry_place(entry + std::uint64_t{1}, objects_, table_[entry].offset));
  }
}

// Room for a content, which `fill` makes, while that of `base` stays where find() finds it.
template <typename Fill>
std::string_view DeltaResolver::store(std::uint32_t number, ByteCount size, std::uint32_t base, Fill&& fill) {
  if (size <= contents_.largest()) {
    const std::span<char> room = contents_.reserve(size, base);
    fill(room);
    contents_.keep(number);
    return {room.data(), room.size()};
  }
  need(size);
  std::string content(static_cast<std::size_t>(size), '\0');
  fill(std::span<char>(content));
  held_ = std::move(content);
  held_number_ = number;
  return held_;
}

}  // namespace hubkeep
