#include "browse/compare_trees.h"

#include <algorithm>
#include <map>

#include "base/error.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMostFiles = 1'000'000;
constexpr std::size_t kLongestPath = 64 << 10;         // trees may be nested without end
constexpr ByteCount kMostNames = ByteCount{64} << 20;  // of all paths: a long one may stand before each

struct Pair {
  std::string path;  // with a '/' behind it, but for the root
  std::optional<Oid> before;
  std::optional<Oid> after;
};

// Executable or not, a file is a file.
EntryMode type_of(const NamedEntry& entry) {
  return entry.mode == EntryMode::executable ? EntryMode::file : entry.mode;
}

using Sides = std::pair<std::optional<NamedEntry>, std::optional<NamedEntry>>;

std::map<std::string, Sides> entries_of(PackChain& objects, const Pair& pair, const std::stop_token& stop) {
  std::map<std::string, Sides> entries;
  if (pair.before)
    for (NamedEntry& entry : read_tree(objects, *pair.before, stop))
      entries[entry.name].first = std::move(entry);
  if (pair.after)
    for (NamedEntry& entry : read_tree(objects, *pair.after, stop))
      entries[entry.name].second = std::move(entry);
  return entries;
}

// Null: nothing, or a folder.
const NamedEntry* file_of(const std::optional<NamedEntry>& entry) {
  return entry && entry->mode != EntryMode::folder ? &*entry : nullptr;
}

std::optional<char> kind_of(const Sides& sides) {
  const NamedEntry* const before = file_of(sides.first);
  const NamedEntry* const after = file_of(sides.second);
  if (before == nullptr) return after != nullptr ? std::optional('A') : std::nullopt;
  if (after == nullptr) return 'D';
  if (type_of(*before) != type_of(*after)) return 'T';
  return *before == *after ? std::nullopt : std::optional('M');
}

std::optional<Oid> folder_of(const std::optional<NamedEntry>& entry) {
  return entry && entry->mode == EntryMode::folder ? std::optional(entry->oid) : std::nullopt;
}

}  // namespace

FileChanges compare_trees(PackChain& objects, const std::optional<Oid>& before,
                          const std::optional<Oid>& after, const std::stop_token& stop) {
  FileChanges changes;
  std::vector<Pair> open;
  ByteCount names = 0;
  const auto has_room_for = [&](const std::string& path) {
    names += path.size();
    changes.is_cut = changes.is_cut || names > kMostNames;
    return !changes.is_cut;
  };
  const auto add = [&](Pair pair) {
    if (pair.before != pair.after && has_room_for(pair.path)) open.push_back(std::move(pair));
  };
  add({"", before, after});
  while (!open.empty()) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    const Pair pair = std::move(open.back());
    open.pop_back();
    if (names > kMostNames || pair.path.size() > kLongestPath ||
        changes.files.size() + open.size() > kMostFiles) {
      changes.is_cut = true;
      continue;
    }
    for (const auto& [name, sides] : entries_of(objects, pair, stop)) {
      const std::string path = pair.path + name;
      const auto kind = kind_of(sides);
      if (kind && has_room_for(path)) changes.files.push_back({*kind, path});
      if (names > kMostNames) break;
      add({path + "/", folder_of(sides.first), folder_of(sides.second)});
    }
  }
  std::sort(changes.files.begin(), changes.files.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return changes;
}

}  // namespace hubkeep
