#include "localgit/work_tree_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "git/work_path.h"

namespace hubkeep {
namespace {

// A few small trees can name each other so often that no disk holds their files.
constexpr std::size_t kMaxEntries = 4'000'000;

// A tree that is being read, and where its files go: "", or a path with a '/' at its end.
struct OpenFolder {
  std::string prefix;
  std::vector<PlannedEntry> entries;  // `path` is the name
  std::size_t next = 0;
};

OpenFolder open_folder(std::string prefix, const Oid& tree, const ReadTree& read) {
  OpenFolder folder{.prefix = std::move(prefix), .entries = {}};
  for_each_tree_entry(read(tree), tree.format(), [&](const TreeEntry& entry) {
    folder.entries.push_back({std::string(entry.name), entry.mode, entry.oid});
  });
  return folder;
}

// Which entries another one excludes: it has one of the folders above it for a name. Of both the later one in
// the order of the tree stays. `entries` is sorted by path, each path once, `order` parallel to it.
std::vector<bool> excluded(const std::vector<PlannedEntry>& entries, const std::vector<std::size_t>& order) {
  std::vector<bool> result(entries.size());
  std::unordered_map<std::string_view, std::size_t> files;
  for (std::size_t i = 0; i < entries.size(); ++i) files.emplace(entries[i].path, i);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view path = entries[i].path;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      const auto file = files.find(path.substr(0, slash));
      if (file != files.end()) result[order[file->second] < order[i] ? file->second : i] = true;
    }
  }
  return result;
}

}  // namespace

bool WorkTreePlan::takes_path(const std::string& path, EntryMode mode) {
  if (path.size() >= PATH_MAX) {
    report_.add(path, "its path is too long");
  } else if (!may_be_checked_out(path, mode)) {
    report_.add(path, "git allows no such name in a work tree");
  } else {
    return true;
  }
  return false;
}

bool WorkTreePlan::takes_folder(const std::string& path) {
  return takes_path(path, EntryMode::folder);
}

void WorkTreePlan::add(PlannedEntry entry) {
  if (!takes_path(entry.path, entry.mode)) return;
  if (entries_.size() == kMaxEntries) {
    report_.add(std::move(entry.path), fmt::format("there are more than {} files", kMaxEntries));
    return;
  }
  entries_.push_back(std::move(entry));
}

std::vector<PlannedEntry> WorkTreePlan::finish() {
  std::vector<std::size_t> order(entries_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int compared = entries_[a].path.compare(entries_[b].path);
    return compared != 0 ? compared < 0 : a < b;
  });
  std::vector<PlannedEntry> sorted;
  std::vector<std::size_t> kept;
  sorted.reserve(order.size());
  kept.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    PlannedEntry& entry = entries_[order[i]];
    if (i + 1 < order.size() && entries_[order[i + 1]].path == entry.path) {
      report_.add(entry.path, "the tree has this name twice: the later one is written");
      continue;
    }
    kept.push_back(order[i]);
    sorted.push_back(std::move(entry));
  }
  const auto out = excluded(sorted, kept);
  std::vector<PlannedEntry> result;
  result.reserve(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (!out[i]) {
      result.push_back(std::move(sorted[i]));
    } else {
      report_.add(sorted[i].path, "the tree has a file and a folder of one name: the later one is written");
    }
  }
  return result;
}

std::vector<PlannedEntry> plan_work_tree(const Oid& tree, const ReadTree& read, CheckOutReport& report) {
  WorkTreePlan plan(report);
  std::vector<OpenFolder> open;
  const auto descend = [&](std::string prefix, const Oid& oid) {
    try {
      open.push_back(open_folder(prefix, oid, read));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      report.add(std::move(prefix), error.message());
    }
  };
  descend("", tree);
  while (!open.empty()) {
    OpenFolder& folder = open.back();
    if (folder.next == folder.entries.size()) {
      open.pop_back();
      continue;
    }
    PlannedEntry entry = std::move(folder.entries[folder.next++]);
    entry.path.insert(0, folder.prefix);
    if (entry.mode != EntryMode::folder) {
      plan.add(std::move(entry));
    } else if (plan.takes_folder(entry.path)) {
      descend(entry.path + "/", entry.oid);
    }
  }
  return plan.finish();
}

}  // namespace hubkeep
