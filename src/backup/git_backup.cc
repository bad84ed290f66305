// The history goes on from the newest snapshot whose refs and bundles are all there; else it begins anew.
// Refs are listed, and where they are as before nothing is fetched. Else one pack brings what is new; it
// becomes the next bundle of the chain, on the last snapshot or, where the chain has grown long, on an older
// one.
//
// Two requests are no transaction: a ref may move between the list and the pack, and a server that has
// forgotten its old object says "not our ref"; then refs are listed again. A pack that keeps breaking (a
// proxy that cuts after some minutes, a line that drops) or that the server gives up on (out of memory while
// packing, an object that it has lost) is fetched in slices; see git_slices.h.
//
// A repository without a history is an error, but one without a wiki is not: what is saved under another name
// than the history's may be missing on the server. Where it was there before, GitHub's API is asked whether
// the repository is still there.
#include "backup/git_backup.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backup/chain_proof.h"
#include "backup/git_base.h"
#include "backup/git_fetch.h"
#include "backup/git_left_out_refs.h"
#include "backup/git_missing.h"
#include "backup/git_server.h"
#include "backup/git_shorter_chain.h"
#include "backup/git_slices.h"
#include "base/caught_error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kMaxRefRaces =
    4;  // pushes that may come between listing the refs and fetching them, in one run
constexpr std::chrono::minutes kTrustedListing{5};  // a rename within it is left to chance
constexpr int kMaxBreaks = 3;                       // of one pack, before it is fetched in slices
// Of which so much had come: where a history can be cut, it does not begin at 0 again.
constexpr ByteCount kTooMuchToBeginAgain = ByteCount{1} << 20;

bool have_common_object(const RefState& before, const RefState& now) {
  const OidSet known = oids_of(before);
  return std::any_of(now.refs.begin(), now.refs.end(),
                     [&](const Ref& ref) { return known.contains(ref.oid); });
}

// When the part was asked for all that the server has; nothing: not known.
std::optional<UtcTime> last_check(const CatalogEntry& known, const PartName& part) {
  if (part == kGitPart) return known.refs_checked_at;
  const auto found = known.checked.find(part);
  return found == known.checked.end() ? std::nullopt : std::optional(found->second);
}

// What is asked for, and on top of which snapshot.
struct Question {
  SnapshotId builds_on;
  const FetchPlan& plan;
};

class GitSave {
 public:
  GitSave(RepositoryWork& work, PartPlace place, const std::string& clone_url)
      : work_(work), place_(std::move(place)), clone_url_(clone_url), proof_(work, place_) {}

  PartResult run(const std::optional<PartBefore>& before) {
    BaseFound found = find_base(work_, before);
    base_ = std::move(found.base);
    had_refs_ = found.had_refs;
    // Beyond this point what there is to build on can be read; nothing means that all is fetched anew.
    server_.emplace(work_, place_, clone_url_);
    checked_at_ = work_.context().now_by_github();
    const bool asks_for_all = !base_ || is_asked_again(*base_);
    for (int race = 1;; ++race) {
      const auto listed = list_refs(before);
      if (!listed) return none_there(before);
      const RefState& now = *listed;
      if (!asks_for_all) refuse_what_was_refused(now);
      if (base_ && is_as_before(*base_, now) && !is_worth_another_look(asks_for_all))
        return unchanged(*base_);
      require_same(now);
      if (begins_in_slices()) return save_in_slices(now, last_foundation(now), nullptr);
      if (base_ && has_same_refs(*base_, now) && !lacks_unnamed_objects(base_->git))
        return save_with_same_refs(now);
      PackArrival arrival;
      Foundation last;
      try {
        last = last_foundation(now);
        return finish(now, save_whole(now, last, arrival));
      } catch (const Error& error) {
        if (not_there_.is_any() || is_cause_for_slices(error, arrival))
          return save_in_slices(now, std::move(last), &error);
        // A ref moved between the two requests and the server has forgotten its old object: list again.
        if (error.kind() != ErrorKind::not_found || race >= kMaxRefRaces) throw;
        work_.retrying(error);
      }
    }
  }

  /// Also after an Error.
  PartOutcome told() const { return server_ ? server_->told() : PartOutcome{.part = place_.name}; }
  ProofReads proof_reads() const { return proof_.reads(); }

 private:
  // A large history in one piece would begin at 0 wherever it is cut. So would what came in slices before.
  bool begins_in_slices() {
    if ((is_history() && work_.options().in_slices) || (base_ && !base_->git.held.empty())) return true;
    return !base_ && size() >= kLargeHistory && server_->features().shallow;
  }

  // What is known of an attempt before, or of a size, is of the repository's own history.
  bool is_history() const { return place_.name == kGitPart; }
  ByteCount size() const { return is_history() ? work_.size() : 0; }

  // Nothing: the server has none of it.
  std::optional<RefState> list_refs(const std::optional<PartBefore>& before) {
    const ObjectFormat format = base_ ? base_->refs.format : ObjectFormat::sha1;
    if (is_history()) return server_->list_refs(format, had_refs_);
    const bool was_there = before && is_git_part(before->part) && before->part.status() != PartStatus::gone;
    if (!was_there) server_->expect_absence();
    try {
      return server_->list_refs(format, had_refs_);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
    }
    // A repository that is gone, or hidden from the token, answers the same.
    if (was_there) require_name();
    return std::nullopt;
  }

  // What was kept stays, and the snapshot says since then that the server has it no longer.
  PartResult none_there(const std::optional<PartBefore>& before) const {
    PartResult result{.part = {}, .outcome = told(), .checked_at = checked_at_};
    result.outcome.kind = PartOutcomeKind::absent;
    if (!before || !is_git_part(before->part)) return result;
    result.part = with_status(before->part, PartStatus::gone);
    if (before->part.status() != PartStatus::gone) result.outcome.detail = "gone from GitHub, and kept";
    return result;
  }

  const Patience& patience() const { return server_->patience(); }

  bool is_cause_for_slices(const Error& error, const PackArrival& arrival) const {
    if (patience().is_over()) return false;
    const bool is_worth_less = error.kind() == ErrorKind::transient || error.kind() == ErrorKind::gave_up;
    return may_be_few_refs(error) || (is_worth_less && arrival.broke());
  }

  bool may_be_few_refs(const Error& error) const {
    const bool is_believed =
        patience().believes(error) || work_.context().retries.max_attempts < kTimesToBelieve;
    return error.kind() == ErrorKind::gave_up && is_believed;
  }

  // What could not be had is asked for again as often as refs are compared that seem unchanged.
  bool is_asked_again(const Base& base) const {
    const BackupContext& context = work_.context();
    return work_.is_repair() || is_due(asked_at(base), context.now_by_github(), context.recheck,
                                       base.before.manifest.repository_id.spread());
  }

  UtcTime asked_at(const Base& base) const {
    const CatalogEntry* const known = work_.known();
    const bool is_known =
        known && !known->newest.empty() && known->newest.front().snapshot == base.snapshot();
    return is_known ? last_check(*known, place_.name).value_or(UtcTime{}) : time_of(base.before.manifest);
  }

  void refuse_what_was_refused(const RefState& now) {
    auto refused = refusals_of(base_->git.left_out, now);
    if (!refused.empty() && work_.known())  // asked for then
      checked_at_ = last_check(*work_.known(), place_.name).value_or(checked_at_);
    refused_.merge(refused);
  }

  // Git names a repository by its name alone, and that may be another's by now. A gist's is its id.
  void require_same(const RefState& now) const {
    if (!work_.id().is_repository()) return;
    const Listing& listing = work_.listing();
    const UtcTime now_here = work_.context().clock.now();
    const UtcTime latest = std::max(now_here, work_.context().now_by_github());  // a clock may be behind
    const bool is_just_listed = latest - listing.listed_at < kTrustedListing;
    if (is_just_listed || (base_ && have_common_object(base_->refs, now))) return;
    require_name();  // then its history was written anew
  }

  void require_name() const {
    const Listing& listing = work_.listing();
    const auto name = work_.context().github.full_name_of(work_.id().number(), work_.stop());
    if (name && equals_ignoring_case(*name, listing.full_name)) return;
    if (!name) throw Error(ErrorKind::not_found, "it is gone from GitHub, or hidden, since it was listed");
    throw Error(ErrorKind::transient,
                fmt::format("it has become {} since it was listed: the next run takes it from there",
                            printable(*name)));
  }

  bool has_same_refs(const Base& base, const RefState& now) const {
    return base.is_settled() && base.refs == without_refused(now, base.refs, refused_);
  }

  // But for what is refused, and was before.
  bool is_as_before(const Base& base, const RefState& now) const {
    return has_same_refs(base, now) && base.git.left_out == left_out_of(now, refused_, server_->nameless());
  }

  // Of a run that was interrupted nobody was told.
  PartResult unchanged(const Base& base) const {
    PartOutcome outcome = told();
    tell_of(base.git, outcome);
    outcome.detail.clear();
    if (base.git.refs_vanished && work_.committed_unnoticed()) outcome.refs_vanished = true;
    return {.part = {}, .outcome = std::move(outcome), .checked_at = checked_at_};
  }

  // What was missing is asked for again as often as what was left out.
  bool is_worth_another_look(bool asks_for_all) const {
    return base_->lacks_index || (asks_for_all && base_->git.missing_objects > 0);
  }

  PartResult save_with_same_refs(const RefState& listed) {
    const RefState& refs = base_->refs;
    GitPart git = with_left_out(base_->git, listed);
    if (base_->lacks_index) proof_.prove_stored(git, refs);
    if (git.missing_objects == 0) return server_->result_of(std::move(git), work_.snapshot(), checked_at_);
    const auto filled = fetch_missing(git_work(), git, refs);
    return server_->result_of(with_left_out(filled.value_or(git), listed), work_.snapshot(), checked_at_);
  }

  // What is missing is said in a snapshot before it is asked for once more: whatever ends the run then, what
  // came is kept.
  PartResult finish(const RefState& listed, GitPart git) {
    if (git.missing_objects == 0) return server_->result_of(std::move(git), work_.snapshot(), checked_at_);
    const RefState refs = read_refs(work_, git);
    work_.commit_partial(server_->result_of(git, work_.snapshot(), checked_at_));
    const auto filled = fetch_missing(git_work(), git, refs);
    if (!filled) return {.part = {}, .outcome = told(), .checked_at = checked_at_};
    return server_->result_of(with_left_out(*filled, listed), work_.snapshot(), checked_at_);
  }

  GitWork git_work() { return {work_, *server_, place_, proof_}; }

  GitPart with_left_out(GitPart git, const RefState& listed) const {
    git.left_out = left_out_of(listed, refused_, server_->nameless());
    const bool is_whole = git.left_out.empty() && git.missing_objects == 0;
    git.status = is_whole ? PartStatus::ok : PartStatus::partial;
    git.lacks_others = cut_left_out(git.left_out);
    return git;
  }

  // A server that sends what does not fit to what it was told that we have is not told again.
  GitPart save_whole(const RefState& listed, const Foundation& last, PackArrival& arrival) {
    try {
      return save_on(last, listed, arrival);
    } catch (const Error& error) {
      if (!arrival.is_not_what_was_asked || last.chain.empty()) throw;
      begin_anew(work_, error.message());
      return save_on({}, listed, arrival);
    }
  }

  GitPart save_on(const Foundation& last, const RefState& listed, PackArrival& arrival) {
    const RefState now = without_refused(listed, last.refs, refused_);
    const Foundation foundation = shortened(last, now == listed);
    const FetchPlan plan = plan_fetch(foundation.refs, now, foundation.held);
    GitPart git = with_left_out(foundation.begin(now), listed);
    if (!plan.request.wants.empty())
      git = with_left_out(fetch_whole(git, now, {foundation.snapshot, plan}, arrival), listed);
    // Beyond this point all that was asked for is in the chain; refs come next, because they name objects.
    const auto stored = base_ ? std::optional(StoredRefs{base_->git.refs, base_->refs}) : std::nullopt;
    git.refs = store_refs(place_, work_.snapshot(), stored, now, work_);
    return git;
  }

  // A large pack that broke a few times will break again: then slices are worth more than further attempts.
  GitPart fetch_whole(const GitPart& before, const RefState& now, const Question& question,
                      PackArrival& arrival) {
    std::optional<Error> broken;
    int breaks = 0;
    GitPart fetched = work_.retried([&]() -> GitPart {
      try {
        return fetch_and_prove(git_work(), before, now, {work_.snapshot(), question.builds_on, question.plan},
                               arrival);
      } catch (const Error& error) {
        if (const auto lost = not_there_.believed(error, question.plan.request.wants))
          refused_.emplace(*lost, error.message());
        if (error.kind() != ErrorKind::transient || !arrival.broke()) throw;
        if (++breaks < kMaxBreaks && !is_better_cut(arrival)) throw;
        broken = error;
        return {};
      }
    });
    if (broken) throw Error(*broken);
    return fetched;
  }

  bool is_better_cut(const PackArrival& arrival) {
    return arrival.bytes >= kTooMuchToBeginAgain && server_->features().shallow;
  }

  Foundation last_foundation(const RefState& now) {
    return base_ ? hubkeep::last_foundation(work_, place_, *base_, now.format) : Foundation();
  }

  // Not amid slices, what came must not come again, and not while a ref stays at a value that the server
  // lists no longer.
  Foundation shortened(const Foundation& last, bool is_as_listed) {
    if (!base_ || !base_->is_settled() || !is_as_listed || last.chain.empty() || last.missing_objects > 0)
      return last;
    return hubkeep::shortened(work_, place_, last);
  }

  // From the last snapshot, however long its chain: the smallest fetch is the likeliest to arrive.
  PartResult save_in_slices(const RefState& now, Foundation foundation, const Error* cause) {
    SliceStart start;
    start.foundation = std::move(foundation);
    start.checked_at = checked_at_;
    start.refused = refused_;
    start.is_refused = not_there_.is_any() || (cause != nullptr && may_be_few_refs(*cause));
    start.not_there = not_there_;
    if (is_history()) start.open = work_.options().open;
    start.slices = slices_for(base_ && base_->git.held.empty() ? 0 : size(),
                              is_history() ? work_.options().cuts_in_vain : 0);
    if (cause != nullptr) tell_why_in_slices(*cause, start.is_refused);
    if (base_) {
      start.stored = base_->git;
      start.stored_state = base_->refs;
    }
    const bool has_committed = back_up_in_slices(git_work(), std::move(start), now);
    if (!has_committed && base_) return unchanged(*base_);
    PartResult result{.part = {}, .outcome = told(), .checked_at = checked_at_};
    result.outcome.detail = "fetched in slices";
    return result;
  }

  void tell_why_in_slices(const Error& cause, bool is_refused) const {
    work_.notice((not_there_.is_any() ? "the server lacks what it lists, so it is fetched in slices: "
                  : is_refused        ? "the server gives up on its pack, so it is fetched in slices: "
                                      : "the connection breaks in its pack, so it is fetched in slices: ") +
                 cause.message());
  }

  RepositoryWork& work_;
  const PartPlace place_;
  const std::string& clone_url_;
  ChainProof proof_;
  std::optional<GitServer> server_;
  std::optional<Base> base_;
  bool had_refs_ = false;  // the snapshot before
  UtcTime checked_at_;
  Refusals refused_;
  ObjectsNotThere not_there_;
};

}  // namespace

GitBackup::GitBackup(PartName name, CloneUrl clone_url)
    : name_(std::move(name)), clone_url_(std::move(clone_url)) {}

bool GitBackup::is_for(SubjectKind kind) const {
  return kind == SubjectKind::repository || (kind == SubjectKind::gist && name_ == kGitPart);
}

Freshness GitBackup::judge(const CatalogEntry& known, const Listing& listed, const Recheck& recheck) const {
  return judge_freshness(known, listed, recheck.now, recheck.interval, name_);
}

PartResult GitBackup::save(const std::optional<PartBefore>& before, const SnapshotId& /*snapshot*/,
                           RepositoryWork& work) const {
  const std::string clone_url = clone_url_(work.listing());
  GitSave save(work, {work.folder(), name_}, clone_url);
  PartResult result;
  const auto error = caught_error([&] { result = save.run(before); });
  if (error) {
    result = {.part = {}, .outcome = save.told()};
    result.outcome.kind = PartOutcomeKind::failed;
    result.outcome.error = error;
  }
  result.outcome.proof_reads = save.proof_reads();
  return result;
}

void GitBackup::note_check(CatalogEntry& entry, UtcTime checked_at) const {
  if (name_ == kGitPart)
    entry.refs_checked_at = checked_at;
  else
    PartBackup::note_check(entry, checked_at);
}

PartOutcome GitBackup::outcome_of(const Part& kept) const {
  PartOutcome outcome{.part = name_};
  if (!is_git_part(kept)) return outcome;
  const GitPart git = git_part(kept);
  tell_of(git, outcome);
  outcome.refs_vanished = git.refs_vanished;
  return outcome;
}

std::shared_ptr<const PartBackup> git_backup() {
  return std::make_shared<GitBackup>(PartName(kGitPart),
                                     [](const Listing& listing) { return listing.clone_url; });
}

std::optional<GitPart> history_of(const RepositoryWork& work) {
  const Part* const part = work.part(kGitPart);
  return part != nullptr && is_git_part(*part) ? std::optional(git_part(*part)) : std::nullopt;
}

bool has_news_of_history(const RepositoryWork& work) {
  if (work.newest().empty()) return true;
  const Parts& before = work.newest().front().manifest.parts;
  const auto found = before.find(PartName(kGitPart));
  const Part* const now = work.part(kGitPart);
  return found == before.end() || now == nullptr || !(found->second == *now);
}

bool is_history_kept(const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::failed && outcome.kind != OutcomeKind::not_done) return true;
  bool has_another_failed = false;
  for (const PartOutcome& part : outcome.parts) {
    if (part.kind != PartOutcomeKind::failed) continue;
    if (part.part == kGitPart) return false;
    has_another_failed = true;
  }
  return has_another_failed;
}

}  // namespace hubkeep
