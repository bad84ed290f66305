// Repositories in which much was said, and what happens in them: from a seed, the same each time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

struct BusyShape {
  std::size_t issues = 100;
  std::size_t pull_requests = 100;
  std::size_t comments = 600;         // on both, in turn
  std::size_t reviews = 200;          // of the pull requests, in turn
  std::size_t review_comments = 200;  // likewise; each third is a reply
  std::size_t events = 1800;          // on both
  std::size_t labels = 10;
  std::size_t milestones = 3;
  std::size_t discussions = 0;
  unsigned seed = 1;
};

/// All of it happens in the past, two things a second; the world's clock stands at its `now` afterwards.
void make_busy(World& world, RepositoryId id, const BusyShape& shape);

/// Random changes of one repository, of every kind that a backup has to see.
class RandomChanges {
 public:
  /// Issues move to `elsewhere`, a repository of the same owner.
  RandomChanges(World& world, RepositoryId id, RepositoryId elsewhere, unsigned seed);

  /// Makes one change, and says in a few words what it was.
  std::string step();

 private:
  struct Action;
  static const std::vector<Action>& actions();
  std::size_t pick(std::size_t count);
  std::string who();
  std::string words();
  std::optional<Place> any_issue();
  std::optional<Place> any_pull_request();
  std::optional<Place> any_discussion();
  std::optional<CommentId> any_comment();
  std::optional<CommentId> any_review_comment();
  std::optional<std::int64_t> any_label();
  std::optional<std::int64_t> any_milestone();
  std::string any_node();

  World& world_;
  Metadata& metadata_;
  const RepositoryId id_;
  const RepositoryId elsewhere_;
  std::mt19937 random_;
};

}  // namespace hubkeep::sim
