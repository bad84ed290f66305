// A queue of commits by their committer's time; of the same second, the one that was named first goes first.
#include "browse/history_log.h"

#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "browse/tree_path.h"

namespace hubkeep {
namespace {

Commit read_commit(PackChain& objects, const Oid& oid, const std::stop_token& stop) {
  return parse_commit(oid, read_object(objects, oid, ObjectType::commit, stop));
}

class Walk {
 public:
  Walk(PackChain& objects, const LogRequest& request, const std::stop_token& stop)
      : objects_(objects), path_(request.path), stop_(stop) {
    add(request.from);
  }

  std::optional<Commit> next() {
    while (!queue_.empty()) {
      Commit commit = std::move(queue_.extract(queue_.begin()).mapped());
      const auto same = path_.empty() ? std::nullopt : parent_with_same_path(commit);
      if (same) {
        add(*same);
        continue;
      }
      for (const Oid& parent : commit.parents) add(parent);
      if (path_.empty() || !commit.parents.empty() || find_path(objects_, commit.tree, path_, stop_))
        return commit;
    }
    return std::nullopt;
  }

 private:
  void add(const Oid& oid) {
    if (!seen_.insert(oid).second) return;
    Commit commit = read_commit(objects_, oid, stop_);
    const std::pair key(-commit.committer.time, count_++);
    queue_.emplace(key, std::move(commit));
  }

  std::optional<Oid> parent_with_same_path(const Commit& commit) {
    for (const Oid& parent : commit.parents)
      if (has_same_path(commit.tree, read_commit(objects_, parent, stop_).tree)) return parent;
    return std::nullopt;
  }

  // Without reading what both have in common.
  bool has_same_path(Oid a, Oid b) {
    for (std::string_view rest = path_; a != b && !rest.empty();) {
      const auto slash = rest.find('/');
      const std::string_view name = rest.substr(0, slash);
      rest = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
      if (name.empty() || name == ".") continue;
      const auto in_a = find_path(objects_, a, name, stop_);
      const auto in_b = find_path(objects_, b, name, stop_);
      if (rest.empty()) return in_a == in_b;
      const auto folder_in_a = folder_of(in_a);
      const auto folder_in_b = folder_of(in_b);
      if (!folder_in_a || !folder_in_b) return !has_below(folder_in_a, rest) && !has_below(folder_in_b, rest);
      a = *folder_in_a;
      b = *folder_in_b;
    }
    return a == b;
  }

  static std::optional<Oid> folder_of(const std::optional<NamedEntry>& entry) {
    return entry && entry->mode == EntryMode::folder ? std::optional(entry->oid) : std::nullopt;
  }
  bool has_below(const std::optional<Oid>& folder, std::string_view path) {
    return folder && find_path(objects_, *folder, path, stop_);
  }

  PackChain& objects_;
  const std::string path_;
  const std::stop_token stop_;
  std::unordered_set<Oid> seen_;
  std::map<std::pair<std::int64_t, std::uint64_t>, Commit> queue_;
  std::uint64_t count_ = 0;
};

}  // namespace

void walk_log(PackChain& objects, const LogRequest& request, const std::function<bool(const Commit&)>& visit,
              const std::stop_token& stop) {
  Walk walk(objects, request, stop);
  while (const auto commit = walk.next()) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
    if (!visit(*commit)) return;
  }
}

}  // namespace hubkeep
