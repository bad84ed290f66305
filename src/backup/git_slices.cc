// A slice is a few refs, or a part of the history behind one: its objects are fetched on top of all slices
// before, and committed as a snapshot. Which refs come next is SlicePlan's decision, where a history is cut
// HistoryPlan's; refs that turn out to lie within what is held are set as they come. Each slice ends in one
// of three ways.
//   arrived  committed, and the next one builds on it
//   broke    the connection ended within the pack: a proxy that cuts after a time, a line that drops
//   refused  the server gives up on these refs: an object that it has lost or cannot pack. Delete an object
//            of a repository that `git http-backend` serves to see it
// Halving finds the refs that are the cause. A server that refuses everything looks the same at first, so
// single refs are blamed only when something else has come, or when the server hands over what the vault has
// already.
#include "backup/git_slices.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/chain_proof.h"
#include "backup/git_fetch.h"
#include "backup/git_history_slices.h"
#include "backup/git_missing.h"
#include "backup/git_server.h"
#include "backup/git_slice_plan.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kAttempts = 2;  // for one slice: a smaller one is worth more than another try
constexpr int kMaxRaces = 4;  // in a row: refs that move between the listing and a slice
constexpr std::size_t kNamedRefs = 5;
// Of a server that has handed over nothing at all: more than enough to find what is whole among 24 refs, or
// a sixteenth of however many.
constexpr int kMaxRefusals = 48;

// What is asked for, on top of which snapshot, and how often.
struct Question {
  SnapshotId builds_on;
  FetchPlan plan;
  int attempts = kAttempts;
};

std::string names_of(const std::vector<Ref>& refs) {
  std::string text;
  for (std::size_t i = 0; i < std::min(refs.size(), kNamedRefs); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", printable(refs[i].name));
  if (refs.size() > kNamedRefs) text += fmt::format(" and {} more", refs.size() - kNamedRefs);
  return text;
}

class SlicedBackup {
 public:
  SlicedBackup(const GitWork& git, SliceStart start, RefState now)
      : git_(git),
        work_(git.work),
        server_(git.server),
        place_(git.place),
        start_(std::move(start)),
        now_(std::move(now)),
        listed_(oids_of(now_)),
        held_(oids_of(start_.foundation.refs)),
        history_(git, hands(), {now_.format, start_.foundation.held, start_.slices}),
        is_refused_(start_.is_refused) {
    if (!start_.not_there.is_any()) return;
    words_ = start_.not_there.words();
    ++refusals_;
  }

  bool run() {
    try {
      go_on_with_what_is_open();
      fetch_all();
      require_proof();
      ask_for_missing();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      if (has_gained_ && server_.patience().is_over()) say_what_is_left_out();
      throw Error(error.kind(), fmt::format("{} ({})", error.message(), progress()));
    }
    say_what_is_left_out();
    if (!start_.stored && broken_.empty()) throw refuses_everything();
    if (!broken_.empty()) throw cannot_be_had(broken_);
    if (place_.name == kGitPart) work_.set_open({});
    return has_committed_;
  }

 private:
  HistoryHands hands() {
    return {
        .fetch = [this](const auto& wants, const auto& held_then) { return fetch_commits(wants, held_then); },
        .is_held = [this](const Oid& commit) { return is_held(commit); },
        .is_tip = [this](const Oid& commit) { return listed_.contains(commit); },
        .haves =
            [this] {
              return plan_fetch(start_.foundation.refs, now_, start_.foundation.held).request.haves;
            }};
  }

  // Not where the server refuses something: halving finds what.
  bool cuts_histories() const { return history_.can_cut() && !is_refused_ && refusals_ == 0; }

  bool is_held(const Oid& commit) const {
    const auto& held = start_.foundation.held;
    return held_.contains(commit) || std::find(held.begin(), held.end(), commit) != held.end() ||
           (start_.foundation.proved.value_or(false) && git_.proof.has(commit));
  }

  // A hint: after a push that wrote a history anew the server may have forgotten it.
  void go_on_with_what_is_open() {
    if (start_.open.empty() || !cuts_histories()) return;
    try {
      history_.fetch(start_.open, false);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found || server_.patience().is_over()) throw;
      work_.retrying(error);
    }
  }

  void fetch_all() {
    for (int race = 1;; ++race) {
      try {
        fetch_listed(race);
        // "not our ref" has two causes: a push between list and fetch, or an object that the server has lost
        // and goes on listing. The next list decides. ObjectsThatAreNotThere.ARefThatMovesAmongThemIsSaved.
        if (!std::exchange(may_have_moved_, false)) return;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found || server_.patience().is_over() || race >= kMaxRaces) throw;
        work_.retrying(error);
      }
      list_again();
    }
  }

  // A repository that was deleted and made again, in another object format, in these minutes.
  void list_again() {
    RefState listed = server_.list_refs(now_.format, !now_.refs.empty());
    if (listed.format != now_.format)
      throw Error(ErrorKind::transient, "the repository was made anew while it was fetched");
    now_ = std::move(listed);
    listed_ = oids_of(now_);
  }

  // `race` begins anew with every slice that arrives.
  void fetch_listed(int& race) {
    OidSet known = held_;
    for (const auto& [oid, why] : start_.refused) known.insert(oid);
    SlicePlan plan(now_, known,
                   cuts_histories()    ? SlicePlan::Begin::history
                   : start_.is_refused ? SlicePlan::Begin::refused
                                       : SlicePlan::Begin::anew);
    start_.is_refused = false;
    while (!plan.slice().empty()) {
      switch (fetch_slice(plan.slice())) {
        case SliceEnd::arrived:
          plan.arrived();
          race = 1;  // Slices.GoOnHoweverOftenRefsMoveBetweenThem
          break;
        case SliceEnd::broke:
          plan.broke();
          break;
        case SliceEnd::refused:
          note_refusal(plan.slice());
          plan.refused(std::exchange(culprit_, std::nullopt));
      }
    }
    broken_ = plan.passed_over();
  }

  void note_refusal(const std::vector<Ref>& slice) {
    if (culprit_) start_.refused.emplace(*culprit_, words_);
    if (slice.size() == 1) start_.refused.emplace(slice.front().oid, words_);
    // Refusals.AServerThatRefusesAllIsLeftAloneSoon.
    if (++refusals_ == kMaxRefusals) require_proof();
  }

  // That single refs are the cause is proved by others that come. Where there are none, one that the vault
  // holds already stands for them. Refusals.ANewRefThatIsLostIsToldFromAServerThatIsIll,
  // ObjectsThatAreNotThere.TheOnlyNewRefNeedsTheProof.
  void require_proof() {
    if (refusals_ == 0 || has_gained_ || is_proved_) return;
    const auto held = std::find_if(now_.refs.begin(), now_.refs.end(),
                                   [&](const Ref& ref) { return held_.contains(ref.oid); });
    is_proved_ = held != now_.refs.end() && server_.is_handed_over((*held).oid, now_.format);
    if (!is_proved_) throw refuses_everything();
  }

  Error refuses_everything() const {
    return Error(ErrorKind::gave_up, "the server refuses whatever it is asked for: " + words_).as_final();
  }

  SliceEnd fetch_slice(const std::vector<Ref>& slice) {
    std::vector<Oid> wants;
    for (const Ref& ref : slice)
      if (!held_.contains(ref.oid)) wants.push_back(ref.oid);
    if (wants.empty()) return SliceEnd::arrived;
    if (!cuts_histories() || (wants.size() > 1 && !history_.can_count())) return fetch_refs(wants);
    const SliceEnd end = history_.fetch(wants, has_gained_);
    if (end == SliceEnd::arrived) keep_as_held(wants);
    return end;
  }

  void keep_as_held(const std::vector<Oid>& wants) {
    for (const Oid& want : wants) held_.insert(want);
  }

  SliceEnd fetch_refs(const std::vector<Oid>& wants) {
    OidSet then = held_;
    for (const Oid& want : wants) then.insert(want);
    RefState target = refs_with(then);
    GitPart git = begin(target, then);
    const SliceEnd end = fetch_bundle_of(
        {start_.foundation.snapshot, plan_fetch(start_.foundation.refs, target, start_.foundation.held)},
        target, git);
    if (end != SliceEnd::arrived) return end;
    held_ = std::move(then);
    commit(std::move(git), std::move(target));
    has_gained_ = true;
    return end;
  }

  // Of a history: what refs lie within it shows when it has come.
  SliceEnd fetch_commits(const std::vector<Oid>& wants, const std::vector<Oid>& held_then) {
    const RefState before = refs_with(held_);
    GitPart git = begin(before, held_);
    Question question{start_.foundation.snapshot,
                      plan_slice(start_.foundation.refs, before, start_.foundation.held, wants)};
    question.attempts = 1;
    const SliceEnd end = fetch_bundle_of(question, before, git);
    if (end != SliceEnd::arrived) return end;
    set_refs_within(git, wants);
    RefState target = refs_with(held_);
    // That the server had nothing to send is no news.
    if (git.bundles.size() == start_.foundation.chain.size() && target == before) return end;
    git.head = target.head;
    git.held = held_then;
    say_what_is_missing(git, target, held_);
    commit(std::move(git), std::move(target));
    has_gained_ = true;
    return end;
  }

  // All that a proved chain has leads to nothing that it lacks. Without a proof they are asked for at the
  // end.
  void set_refs_within(const GitPart& git, const std::vector<Oid>& wants) {
    const OidSet asked = wants;
    const auto set = [&](const Oid& oid) {
      if (asked.contains(oid) || (git.proved.value_or(false) && git_.proof.has(oid))) held_.insert(oid);
    };
    for (const Ref& ref : now_.refs) set(ref.oid);
    if (now_.head.oid) set(*now_.head.oid);
  }

  RefState refs_with(const OidSet& held) const {
    return held_refs(now_, start_.foundation.refs, [&](const Oid& oid) { return held.contains(oid); });
  }

  GitPart begin(const RefState& target, const OidSet& held) const {
    GitPart git = start_.foundation.begin(target);
    git.held = start_.foundation.held;
    say_what_is_missing(git, target, held);
    return git;
  }

  // Of what a slice has found missing.
  void ask_for_missing() {
    if (!has_gained_ || !start_.stored || start_.stored->missing_objects == 0) return;
    auto git = fetch_missing(git_, *start_.stored, start_.stored_state);
    if (!git) return;
    say_what_is_missing(*git, start_.stored_state, held_);
    commit(std::move(*git), start_.stored_state);
  }

  void say_what_is_missing(GitPart& git, const RefState& target, const OidSet& held) const {
    git.left_out = left_out_of(now_, start_.refused, server_.nameless());
    const bool is_whole = target == now_ && git.left_out.empty() && git.missing_objects == 0;
    git.status = is_whole ? PartStatus::ok : PartStatus::partial;
    const auto lacks = [&](const Oid& oid) { return !held.contains(oid) && !start_.refused.contains(oid); };
    git.lacks_others =
        (!git.left_out.empty() || git.missing_objects > 0) &&
        (cut_left_out(git.left_out) || (now_.head.oid && lacks(*now_.head.oid)) ||
         std::any_of(now_.refs.begin(), now_.refs.end(), [&](const Ref& ref) { return lacks(ref.oid); }));
    say_what_is_held(git, target);
  }

  // What no ref leads to is of use as long as a ref is still to come.
  void say_what_is_held(GitPart& git, const RefState& target) const {
    const bool is_last = git.status == PartStatus::ok || (!git.left_out.empty() && !git.lacks_others);
    const OidSet named = oids_of(target);
    std::erase_if(git.held, [&](const Oid& commit) { return is_last || named.contains(commit); });
  }

  // The refusals that came last stand in no snapshot yet, and refs that have vanished still do.
  void say_what_is_left_out() {
    RefState target = refs_with(held_);
    GitPart git = begin(target, held_);
    // Also where the bundles of the last snapshot are lost: one without anything must not stand for it.
    // Slices.NoneThatArrivesInPlaceOfALostBundleLeavesTheLastSnapshotTheNewest.
    if (start_.foundation.chain.empty() && oids_of(target).empty() && !oids_of(now_).empty()) return;
    const bool is_said =
        start_.stored && start_.stored->status == git.status && start_.stored->left_out == git.left_out &&
        start_.stored->lacks_others == git.lacks_others && start_.stored->bundles == git.bundles &&
        start_.stored->held == git.held && start_.stored_state == target;
    if (!is_said) commit(std::move(git), std::move(target));
  }

  void commit(GitPart git, RefState target) {
    const auto before =
        start_.stored ? std::optional(StoredRefs{start_.stored->refs, start_.stored_state}) : std::nullopt;
    git.refs = stored_refs(before, target);
    const SnapshotId committed = work_.snapshot();
    work_.commit_partial(server_.result_of(git, committed, start_.checked_at));
    // Beyond this point the next slice builds on this one.
    has_committed_ = true;
    start_.foundation = Foundation::of(committed, git, target);
    start_.stored = std::move(git);
    start_.stored_state = std::move(target);
  }

  // What is lost in the vault is no race with the server: the slice's bundle is there under its name already.
  std::vector<ObjectRecord> stored_refs(const std::optional<StoredRefs>& before, const RefState& target) {
    try {
      return store_refs(place_, work_.snapshot(), before, target, work_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      throw Error(ErrorKind::corrupt, error.message());
    }
  }

  // A server that sends what does not fit to what it was told that we have is not told again.
  SliceEnd fetch_bundle_of(const Question& question, const RefState& target, GitPart& git) {
    if (question.plan.request.wants.empty()) return SliceEnd::arrived;
    PackArrival arrival;
    try {
      return fetch_patiently(question, target, git, arrival);
    } catch (const Error& error) {
      const bool was_told = !question.plan.request.haves.empty();
      if (!arrival.is_not_what_was_asked || !was_told || server_.patience().is_over()) throw;
      work_.notice("a slice is fetched again, with all that it builds on: " + error.message());
    }
    return fetch_patiently({{}, without_haves(question.plan), question.attempts}, target, git, arrival);
  }

  // An outage goes on as its Error.
  SliceEnd fetch_patiently(const Question& question, const RefState& target, GitPart& git,
                           PackArrival& arrival) {
    const FetchPlan& plan = question.plan;
    int attempts = 0;
    int breaks = 0;
    try {
      return work_.retried([&] {
        ++attempts;
        try {
          git = fetch_and_prove(git_, git, target, {work_.snapshot(), question.builds_on, plan}, arrival);
          return SliceEnd::arrived;
        } catch (const Error& error) {
          // Only a break within a pack calls for a smaller one. An outage or a store that fails does not:
          // Slices.AnOutageIsNoReasonForThem, AStoreThatFailsIsNoReasonForThem.
          if (server_.patience().is_over() || error.kind() != ErrorKind::transient || !arrival.broke()) throw;
          if (++breaks < question.attempts && attempts < work_.context().retries.max_attempts) throw;
          words_ = error.message();
          most_that_came_ = std::max(most_that_came_, arrival.bytes);
          tell_of_end(error, plan.request);
          return SliceEnd::broke;
        }
      });
    } catch (const Error& error) {
      if (server_.patience().is_over()) throw;
      culprit_ = start_.not_there.believed(error, plan.request.wants);
      if (!culprit_ && error.kind() != ErrorKind::gave_up) throw;
      words_ = error.message();
      tell_of_end(error, plan.request);
      may_have_moved_ = may_have_moved_ || culprit_.has_value();
      // A server that gives up in other words each time may only be busy: these refs are tried again, as
      // after a break.
      return culprit_ || server_.patience().believes(error) ? SliceEnd::refused : SliceEnd::broke;
    }
  }

  void tell_of_end(const Error& error, const FetchRequest& request) const {
    const auto of_what = request.with_tags ? count_of(request.wants.size(), "history", "histories")
                                           : count_of(request.wants.size(), "ref");
    work_.retrying(error.with_context("a slice of " + of_what));
  }

  Error cannot_be_had(const std::vector<Ref>& refs) const {
    if (const auto& stuck = history_.stuck())
      return Error(ErrorKind::transient,
                   fmt::format("{} cannot be had: {} {}, at most {} of it came before the connection ended "
                               "({}): {} (run hubkeep where a connection holds longer; {})",
                               names_of(refs), stuck->is_single ? "commit" : "the history behind commit",
                               stuck->commit.hex(), human_size(most_that_came_),
                               count_of(kAttemptsAtOne, "attempt"), words_, progress()))
          .as_final();
    return {ErrorKind::transient,
            fmt::format("{} {} cannot be had, the connection breaks even when only one is asked for: {}: {} "
                        "({})",
                        refs.size(), refs.size() == 1 ? "ref" : "refs", names_of(refs), words_, progress())};
  }

  std::string progress() const {
    std::vector<Ref> left;
    for (const Ref& ref : now_.refs)
      if (!held_.contains(ref.oid) && !start_.refused.contains(ref.oid)) left.push_back(ref);
    const auto held = std::count_if(now_.refs.begin(), now_.refs.end(),
                                    [&](const Ref& ref) { return held_.contains(ref.oid); });
    std::string text =
        fmt::format("{} of {} refs are kept{}, the next run goes on from there", held, now_.refs.size(),
                    start_.foundation.held.empty() ? "" : " and a part of the history of others");
    if (server_.patience().is_over() && !left.empty()) text += " with " + names_of(left);
    return text;
  }

  const GitWork git_;
  RepositoryWork& work_;
  GitServer& server_;
  const PartPlace& place_;
  SliceStart start_;  // moves on with every slice
  RefState now_;
  OidSet listed_;  // what its refs name
  OidSet held_;
  HistorySlices history_;
  ByteCount most_that_came_ = 0;  // before a break
  std::vector<Ref> broken_;       // at the end: what breaks even alone
  std::string words_;             // of the last break or refusal
  std::optional<Oid> culprit_;    // that the server has named in the last refusal
  bool may_have_moved_ = false;   // one of them, since the list
  const bool is_refused_;         // all together, as the slices began
  int refusals_ = 0;
  bool is_proved_ = false;  // that the server hands over what it has
  bool has_gained_ = false;
  bool has_committed_ = false;
};

}  // namespace

std::uint64_t slices_for(ByteCount size, int cuts_in_vain) {
  std::uint64_t slices = kSlicesOfAHistory;
  if (size > 0)
    slices = std::max<std::uint64_t>(size / std::clamp(size / slices, kLeastSlice, kMostOfASlice), 2);
  for (int i = 0; i < std::min(cuts_in_vain, kAttemptsAtOne); ++i) slices *= kSlicesOfAHistory;
  return slices;
}

bool back_up_in_slices(const GitWork& git, SliceStart start, RefState now) {
  return SlicedBackup(git, std::move(start), std::move(now)).run();
}

}  // namespace hubkeep
