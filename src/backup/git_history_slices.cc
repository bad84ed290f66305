// The plan says what it wants to know or to have; each answer leads to the next step. A server that refuses
// to answer is not asked again: then its refs are fetched as they are.
#include "backup/git_history_slices.h"

#include <algorithm>
#include <utility>

#include "backup/git_server.h"
#include "base/error.h"

namespace hubkeep {
namespace {

constexpr int kTimesItMayHaveMoved = 3;  // a ref, so that the server has forgotten what it listed

// Not alone what says so. A proxy may cut whoever asks for what takes long to answer, and lets packs pass.
bool is_refusal(const Error& error) {
  return error.kind() == ErrorKind::refused || error.kind() == ErrorKind::gave_up ||
         error.kind() == ErrorKind::corrupt || error.kind() == ErrorKind::transient;
}

bool is_subset(const std::vector<Oid>& some, const std::vector<Oid>& all) {
  const OidSet known = all;
  return std::all_of(some.begin(), some.end(), [&](const Oid& oid) { return known.contains(oid); });
}

}  // namespace

HistorySlices::HistorySlices(const GitWork& git, HistoryHands hands, Start start)
    : git_(git),
      hands_(std::move(hands)),
      format_(start.format),
      features_(git.server.features()),
      pace_(start.slices),
      held_(std::move(start.held)) {}

// Nothing where the server refuses.
std::optional<HistoryAnswer> HistorySlices::ask(HistoryQuestion question) {
  question.format = format_;
  try {
    HistoryAnswer answer = git_.server.ask(question);
    for (const Oid& commit : answer.boundary)
      if (commit.format() != format_)
        throw Error(ErrorKind::corrupt, "the server names commits of another object format");
    return answer;
  } catch (const Error& error) {
    // What the server has lost and goes on listing is found out by fetching it.
    const bool is_lost = error.kind() == ErrorKind::not_found && ++not_there_ >= kTimesItMayHaveMoved;
    const bool is_refused = is_refusal(error) && !git_.server.patience().is_over();
    if (!is_refused && !is_lost) throw;
    git_.work.notice("its history cannot be cut: " + error.message());
    features_ = {};
    return std::nullopt;
  }
}

// The same.
bool HistorySlices::find_out(HistoryPlan& plan, const HistoryPlan::Step& step) {
  if (const auto* count = std::get_if<HistoryPlan::Count>(&step)) {
    const auto answer = ask({.wants = count->wants, .haves = hands_.haves()});
    if (answer) plan.counted(answer->commits.value_or(1));
    return answer.has_value();
  }
  const auto& at = std::get<HistoryPlan::Ask>(step);
  const auto answer = ask({.wants = {at.want}, .depth = at.depth});
  if (answer) plan.answered(at.depth, *answer);
  return answer.has_value();
}

SliceEnd HistorySlices::fetch(const std::vector<Oid>& wants, bool whole_first) {
  HistoryPlan plan(
      wants, held_, pace_, hands_.is_held,
      {.counts = can_count(), .whole_first = whole_first, .stuck = stuck_commits_, .is_tip = hands_.is_tip});
  for (;;) {
    const HistoryPlan::Step step = plan.next();
    if (git_.place.name == kGitPart) git_.work.set_open(plan.open());
    if (std::holds_alternative<HistoryPlan::Done>(step)) return SliceEnd::arrived;
    if (const auto* stuck = std::get_if<HistoryPlan::Stuck>(&step)) {
      stuck_ = *stuck;
      stuck_commits_.insert(stuck->commit);
      return SliceEnd::broke;
    }
    if (const auto* next = std::get_if<HistoryPlan::Take>(&step)) {
      if (const auto end = take(plan, wants, next->wants)) return *end;
    } else if (!find_out(plan, step)) {
      return hands_.fetch(wants, held_);
    }
  }
}

// Nothing where it goes on.
std::optional<SliceEnd> HistorySlices::take(HistoryPlan& plan, const std::vector<Oid>& wants,
                                            const std::vector<Oid>& slice) {
  const bool is_named_by_server = !is_subset(slice, wants);
  try {
    switch (hands_.fetch(slice, plan.held_if_arrives())) {
      case SliceEnd::arrived:
        plan.arrived();
        held_ = plan.held();
        return std::nullopt;
      case SliceEnd::broke:
        plan.cut();
        return std::nullopt;
      case SliceEnd::refused:
        break;
    }
    if (!is_named_by_server) return SliceEnd::refused;
  } catch (const Error& error) {
    const bool is_lost = error.kind() == ErrorKind::not_found && !git_.server.patience().is_over();
    if (!is_lost || !is_named_by_server) throw;
  }
  return take_uncut(wants);
}

// The server hands over no commit that it names as a boundary. What was wanted it may hand over all the same;
// where it has lost that as well, a push has come between.
SliceEnd HistorySlices::take_uncut(const std::vector<Oid>& wants) {
  const FetchFeatures before = std::exchange(features_, {});
  try {
    git_.work.notice("its history cannot be cut: the server does not hand over a commit that it has named");
    return hands_.fetch(wants, held_);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) features_ = before;
    throw;
  }
}

}  // namespace hubkeep
