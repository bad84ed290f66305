// Makes the objects of a pack from its entries and names them.
//
// While the pack passes, a delta is applied when its base is in the cache. What has no base there waits: its
// base left the cache, comes later, or is in another pack. At the end, what waits is a forest whose roots are
// objects that were made, and bases elsewhere; each tree is gone through depth first, without recursion. An
// object that is needed again and is not in the cache is made again: its chain is followed down to what is
// there, or whole, and up again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "git/oid_set.h"
#include "git/pack_entry.h"
#include "pack/entry_reader.h"
#include "pack/entry_table.h"
#include "pack/indexed_pack.h"
#include "pack/object_cache.h"
#include "pack/object_namer.h"
#include "pack/object_source.h"

namespace hubkeep {

/// An entry that passed. Whole objects have their names.
struct PassedEntry {
  const PackEntryHeader& header;
  std::uint32_t crc32 = 0;
  Oid name;
  std::optional<std::string_view> content;  // inflated; nothing where it was too large to be kept
};

/// Throws NotEnoughMemory from any of its functions, and is of no use afterwards. One thread.
class DeltaResolver {
 public:
  struct NotEnoughMemory {
    std::string why;
  };

  DeltaResolver(ObjectFormat format, const IndexingOptions& options, std::uint32_t objects);

  /// The largest object or delta of which take() wants the content.
  ByteCount largest_kept() const { return cache_.largest(); }
  /// In the order of the pack. Throws Error(corrupt), naming object and offset.
  void take(const PassedEntry& entry);
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
    const char* delta = nullptr;    // where it was kept
    std::uint32_t size = 0;
  };
  struct Again;

  void wait(std::uint32_t entry, const PassedEntry& passed);
  void wait_for_name(const Oid& base, std::uint32_t place);
  const char* keep_delta(std::string_view delta);
  bool make_now(std::uint32_t entry, std::uint32_t base, std::string_view delta);
  void name(std::uint32_t entry, const Oid& oid, ObjectType type);
  void note_links(std::uint32_t entry, ObjectType type, std::string_view content);
  void follow(std::uint32_t entry, std::uint32_t base);

  void link_lists();
  void make_all_on(std::uint32_t base, Again& again);
  void make_waiting(std::uint32_t place, std::uint32_t base, Again& again);
  void claim_list_of(const Oid& oid, std::uint32_t entry);
  void make_on_bases_elsewhere(Again& again);
  std::string made_from(std::uint32_t entry, std::uint32_t base, std::string_view delta, Again& again);
  std::string_view content_of(std::uint32_t entry, Again& again);
  std::string_view put(std::uint32_t entry, std::string content);
  EntryReader::Entry read_again(std::uint32_t entry, Again& again);
  ObjectType type_of(std::uint32_t entry) const;
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
  EntryTable table_;
  ObjectCache cache_;
  LinkSet links_;
  std::vector<std::uint32_t> large_with_links_;
  std::vector<std::string> unwalkable_;

  std::vector<Waiting> waiting_;
  std::unordered_map<Oid, std::uint32_t> lists_by_name_;  // first in waiting_, while the name is nowhere
  std::vector<std::uint32_t> lists_;                      // by base, in resolve()
  std::vector<std::unique_ptr<char[]>> delta_chunks_;
  std::size_t chunk_used_ = 0;

  struct Outside {
    Oid oid;
    ObjectType type;
  };
  std::vector<Outside> outside_;  // bases elsewhere: numbered after the entries
  std::uint32_t held_number_ = kNoEntry;
  std::string held_;  // the last object that the cache does not take

  IndexingCounts counts_;
};

}  // namespace hubkeep
