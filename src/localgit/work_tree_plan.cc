// A walk over trees that trusts none of them: a few small trees that name each other many times make files
// without end, so whatever a tree names is counted, and at the limit no further tree is opened
// (WorkTreePlanTest.OpensNoTreeBeyondTheLimitOfEntries). Names that git would refuse are left out one by one.
// Of names that exclude each other the later one stays
// (CheckOutTest.KeepsTheLastOfNamesThatExcludeEachOther).
#include "localgit/work_tree_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <climits>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "git/work_path.h"

namespace hubkeep {
namespace {

void end_on(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped before the files were written");
}

// Which entries another one excludes: it has one of the folders above it for a name. Of both the later one in
// the order of the tree stays. `entries` is sorted by path, each path once, `order` parallel to it.
std::vector<bool> excluded(const std::vector<PlannedEntry>& entries, const std::vector<std::size_t>& order,
                           const std::stop_token& stop) {
  std::vector<bool> result(entries.size());
  std::unordered_map<std::string_view, std::size_t> files;
  for (std::size_t i = 0; i < entries.size(); ++i) files.emplace(entries[i].path, i);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    end_on(stop);
    const std::string_view path = entries[i].path;
    for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      const auto file = files.find(path.substr(0, slash));
      if (file != files.end()) result[order[file->second] < order[i] ? file->second : i] = true;
    }
  }
  return result;
}

// Depth first, with one open folder for each level.
class TreeWalk {
 public:
  TreeWalk(const ReadTree& read, CheckOutReport& report, const WorkTreeLimits& limits)
      : read_(read), report_(report), limits_(limits), plan_(report) {}

  std::vector<PlannedEntry> run(const Oid& tree, const std::stop_token& stop) {
    open("", tree);
    while (!open_.empty()) {
      end_on(stop);
      Folder& folder = open_.back();
      if (folder.next == folder.entries.size()) {
        open_.pop_back();
        continue;
      }
      PlannedEntry entry = std::move(folder.entries[folder.next++]);
      entry.path.insert(0, folder.prefix);
      if (entry.mode != EntryMode::folder) {
        plan_.add(std::move(entry));
      } else if (!is_full_ && plan_.takes_folder(entry.path)) {
        open(entry.path + "/", entry.oid);
      }
    }
    return plan_.finish(stop);
  }

 private:
  // A tree that is being read, and where its files go: "", or a path with a '/' at its end.
  struct Folder {
    std::string prefix;
    std::vector<PlannedEntry> entries;  // `path` is the name
    std::size_t next = 0;
  };

  void open(std::string prefix, const Oid& tree) {
    Folder folder{.prefix = std::move(prefix), .entries = {}};
    try {
      const std::string content = read_(tree);
      bytes_ += content.size();
      for_each_tree_entry(content, tree.format(), [&](const TreeEntry& entry) {
        if (has_room_for(folder.prefix))
          folder.entries.push_back({std::string(entry.name), entry.mode, entry.oid});
      });
      open_.push_back(std::move(folder));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      report_.add(std::move(folder.prefix), error.message());
    }
  }

  // All that a tree names counts, also what is left out: looking at it takes time as well.
  bool has_room_for(const std::string& prefix) {
    if (is_full_) return false;
    bytes_ += prefix.size();
    is_full_ = ++entries_ > limits_.entries || bytes_ > limits_.bytes;
    if (is_full_) {
      report_.add_first("HEAD",
                        fmt::format("it has more than {} files and folders, or {} of trees and paths: the "
                                    "rest was not written",
                                    limits_.entries, human_size(limits_.bytes)));
    }
    return !is_full_;
  }

  const ReadTree& read_;
  CheckOutReport& report_;
  const WorkTreeLimits& limits_;
  WorkTreePlan plan_;
  std::vector<Folder> open_;
  std::size_t entries_ = 0;
  ByteCount bytes_ = 0;
  bool is_full_ = false;
};

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
  if (takes_path(entry.path, entry.mode)) entries_.push_back(std::move(entry));
}

std::vector<PlannedEntry> WorkTreePlan::finish(const std::stop_token& stop) {
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
  const auto out = excluded(sorted, kept, stop);
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

std::vector<PlannedEntry> plan_work_tree(const Oid& tree, const ReadTree& read, CheckOutReport& report,
                                         const WorkTreeLimits& limits, const std::stop_token& stop) {
  return TreeWalk(read, report, limits).run(tree, stop);
}

}  // namespace hubkeep
