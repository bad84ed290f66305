// The second half of DeltaResolver, at the end of a pack: what waits is a forest, and each tree of it is gone
// through depth first.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "base/error.h"
#include "pack/delta_resolver.h"

namespace hubkeep {
namespace {

// Names objects on a thread of its own.
class Helper {
 public:
  Helper(NameJobs& names, bool is_wanted) : names_(names) {
    if (is_wanted)
      thread_ = std::thread([this] {
        ObjectNamer namer(names_.format());
        names_.help_until([this] { return ends_.load(); }, namer);
      });
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() {
    ends_ = true;
    names_.wake();
    if (thread_.joinable()) thread_.join();
  }

 private:
  NameJobs& names_;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace

IndexedPack DeltaResolver::resolve(ByteSource& pack, ByteCount end, ObjectSource& elsewhere,
                                   const std::stop_token& stop) {
  const Helper helper(names_, options_.threads > 1);
  EntryReader reader(table_, pack, end, format_);
  Again again{reader, elsewhere, stop};
  link_lists();
  for (std::uint32_t entry = 0; entry < table_.size(); ++entry)
    if (lists_[entry] != kNoEntry && table_.is_made(entry)) make_all_on(entry, again);
  make_on_bases_elsewhere(again);
  if (!lists_by_name_.empty()) fail_for_missing_base();
  note_large_links(again);
  names_.wait_for_all(namer_);
  for (std::uint32_t entry = 0; entry < table_.size(); ++entry)
    links_.found(table_[entry].oid, table_.type(entry));
  counts_.bytes_again = reader.bytes() + (written_ ? written_->bytes() : 0);
  IndexedPack indexed;
  for (const Outside& base : outside_) indexed.bases_elsewhere.push_back(base.oid);
  for (const auto& [entry, what] : unwalkable_)
    indexed.unwalkable.push_back(
        fmt::format("{} {}: {}", to_string(table_.type(entry)), table_[entry].oid.hex(), what));
  indexed.links = std::move(links_);
  indexed.lfs_pointers = std::move(lfs_pointers_);
  EntryTable::Sorted sorted = table_.take_sorted();
  indexed.entries = std::move(sorted.entries);
  indexed.types = std::move(sorted.types);
  return indexed;
}

void DeltaResolver::link_lists() {
  need(table_.size() * sizeof(std::uint32_t));
  lists_.assign(table_.size(), kNoEntry);
  for (auto list = lists_by_name_.begin(); list != lists_by_name_.end();) {
    const auto base = named(list->first);
    if (!base) {
      ++list;
      continue;
    }
    for (std::uint32_t place = list->second; place != kNoEntry; place = waiting_[place].next)
      table_.set_base(waiting_[place].entry, *base, 0);
    list = lists_by_name_.erase(list);
  }
  for (const std::uint32_t place : largest_trees_first()) {
    const std::uint32_t base = table_.base(waiting_[place].entry);
    if (base != kNoEntry) waiting_[place].next = std::exchange(lists_[base], place);
  }
}

// So that small ones stand first in each list: while the largest is gone through, nothing of its base is
// needed any more. As far as deltas come after their bases, which is what trees can be told by.
std::vector<std::uint32_t> DeltaResolver::largest_trees_first() {
  need((table_.size() + waiting_.size()) * sizeof(std::uint32_t));
  std::vector<std::uint32_t> sizes(table_.size(), 1);
  std::vector<std::uint32_t> places;
  places.reserve(waiting_.size());
  for (auto place = static_cast<std::uint32_t>(waiting_.size()); place-- > 0;) {
    const std::uint32_t entry = waiting_[place].entry;
    if (table_.base(entry) < table_.size()) sizes[table_.base(entry)] += sizes[entry];
    places.push_back(place);
  }
  std::sort(places.begin(), places.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::uint32_t size_a = sizes[waiting_[a].entry];
    const std::uint32_t size_b = sizes[waiting_[b].entry];
    return size_a != size_b ? size_a > size_b : a > b;
  });
  return places;
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
    const std::uint32_t entry = waiting_[place].entry;
    make_waiting(entry, top, again);
    if (lists_[entry] != kNoEntry) path.push_back(entry);
  }
}

void DeltaResolver::make_waiting(std::uint32_t entry, std::uint32_t base, Again& again) {
  bring(base, &again);
  at(entry, [&] { make(entry, base, inflated(entry, &again)); });
  if (!lists_by_name_.empty()) claim_list_of(table_[entry].oid, entry);
}

// What waits for this name, behind what waits for the object already.
void DeltaResolver::claim_list_of(const Oid& oid, std::uint32_t number) {
  const auto list = lists_by_name_.find(oid);
  if (list == lists_by_name_.end()) return;
  std::uint32_t last = list->second;
  while (waiting_[last].next != kNoEntry) last = waiting_[last].next;
  waiting_[last].next = std::exchange(lists_[number], list->second);
  lists_by_name_.erase(list);
}

// As git completes a thin pack: in the order of the deltas, each base followed by all that it makes.
void DeltaResolver::make_on_bases_elsewhere(Again& again) {
  std::vector<std::pair<std::uint32_t, Oid>> wanted;
  need(lists_by_name_.size() * sizeof wanted.front());
  for (const auto& [oid, list] : lists_by_name_) {
    std::uint32_t first = list;
    for (std::uint32_t place = list; place != kNoEntry; place = waiting_[place].next)
      first = std::min(first, place);
    wanted.emplace_back(first, oid);
  }
  std::sort(wanted.begin(), wanted.end());
  for (const auto& [place, oid] : wanted) {
    if (!lists_by_name_.contains(oid)) continue;
    const auto base = again.elsewhere.read(oid, again.stop);
    if (!base) continue;
    const auto number = static_cast<std::uint32_t>(table_.size() + outside_.size());
    outside_.push_back({oid, base->type});
    lists_.push_back(kNoEntry);
    claim_list_of(oid, number);
    store(number, base->content.size(), kNoEntry,
          [&](std::span<char> room) { std::memcpy(room.data(), base->content.data(), room.size()); });
    make_all_on(number, again);
  }
}

void DeltaResolver::note_large_links(Again& again) {
  for (const std::uint32_t entry : large_with_links_)
    at(entry, [&] { note_links(entry, table_.type(entry), inflated(entry, &again)); });
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
