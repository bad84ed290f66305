// Fetches the history behind some commits in slices that HistoryPlan cuts: asks what it wants to know, has
// fetched what it wants to have, and remembers between refs what has shown itself.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "backup/git_history_plan.h"
#include "backup/git_work.h"
#include "git/history_question.h"

namespace hubkeep {

/// How a slice ended; see git_slices.cc.
enum class SliceEnd { arrived, broke, refused };

/// What it is done with.
struct HistoryHands {
  /// Fetches `wants` and commits them; `held_then`: what is held without a ref when they have come.
  std::function<SliceEnd(const std::vector<Oid>& wants, const std::vector<Oid>& held_then)> fetch;
  IsHeldCommit is_held;
  IsHeldCommit is_tip;  // whether a ref that is listed names it
  /// What the server is told of.
  std::function<std::vector<Oid>()> haves;
};

/// Of one repository. One thread. Keeps references.
class HistorySlices {
 public:
  struct Start {
    ObjectFormat format;
    std::vector<Oid> held;
    std::uint64_t slices;
  };
  HistorySlices(const GitWork& git, HistoryHands hands, Start start);

  /// Whether the server can be asked where to cut.
  bool can_cut() const { return features_.shallow; }
  /// Whether several commits together can be looked at.
  bool can_count() const { return features_.shallow && features_.filter; }
  /// `whole_first`: where the server does not count, a history is cut only when it broke. broke: see stuck().
  /// Throws Error as GitServer does.
  SliceEnd fetch(const std::vector<Oid>& wants, bool whole_first);

  const std::vector<Oid>& held() const { return held_; }
  /// The commit that does not come.
  const std::optional<HistoryPlan::Stuck>& stuck() const { return stuck_; }

 private:
  std::optional<SliceEnd> take(HistoryPlan& plan, const std::vector<Oid>& wants,
                               const std::vector<Oid>& slice);
  SliceEnd take_uncut(const std::vector<Oid>& wants);
  bool find_out(HistoryPlan& plan, const HistoryPlan::Step& step);
  std::optional<HistoryAnswer> ask(HistoryQuestion question);

  const GitWork git_;
  const HistoryHands hands_;
  const ObjectFormat format_;
  FetchFeatures features_;
  SlicePace pace_;
  std::vector<Oid> held_;
  OidSet stuck_commits_;
  std::optional<HistoryPlan::Stuck> stuck_;
  int not_there_ = 0;  // so often the server did not have what it was asked about
};

}  // namespace hubkeep
