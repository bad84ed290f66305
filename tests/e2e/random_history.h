// Random changes to a bare repository, of all the kinds that happen on GitHub.
#pragma once

#include <filesystem>
#include <random>
#include <string>

namespace hubkeep {

class RandomHistory {
 public:
  /// Each commit brings up to `most_bytes` that do not compress.
  RandomHistory(std::filesystem::path repository, unsigned seed, unsigned most_bytes = 0)
      : repository_(std::move(repository)), most_bytes_(most_bytes), random_(seed) {}

  /// Between one and five changes: commits, merges, branches, force-pushes, deletions, tags on commits, tags,
  /// blobs and trees, pull request refs, orphans, a branch `a` that becomes `a/b`, another HEAD, gc.
  void step();

 private:
  void change();
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  std::string any_commit();
  std::string commit(const std::string& parents, bool orphan);
  void set(const std::string& ref, const std::string& object);
  void remove_some_branch();
  void remove_conflicting(const std::string& ref);
  void move_head();

  const std::filesystem::path repository_;
  const unsigned most_bytes_;
  std::mt19937 random_;
  int serial_ = 0;
};

}  // namespace hubkeep
