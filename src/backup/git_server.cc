#include "backup/git_server.h"

#include <utility>

#include "base/error.h"
#include "base/null_sink.h"

namespace hubkeep {
GitServer::GitServer(RepositoryWork& work, PartPlace place, const std::string& clone_url)
    : work_(work),
      place_(std::move(place)),
      remote_(work.context().open_remote(clone_url)),
      patience_(work.context().clock.now()) {
  told_.part = place_.name;
}

// The remote's own waits are no lost time: the server has asked for them.
template <typename Action>
auto GitServer::judged(Action&& action) -> decltype(action()) {
  Clock& clock = work_.context().clock;
  const auto waited = remote_->waited();
  try {
    auto result = action();
    patience_.answered(clock.now());
    return result;
  } catch (const Error& error) {
    patience_.excuse(remote_->waited() - waited);
    throw Error(patience_.judge(error, clock.now()));
  }
}

// GitHub has shown empty lists of repositories that were full, for a moment: hence the second look.
RefState GitServer::list_refs(ObjectFormat expected, bool had_refs) {
  const auto list = [&] {
    RefState refs =
        work_.retried([&] { return judged([&] { return remote_->list_refs(expected, work_.stop()); }); });
    nameless_ = remote_->left_out();
    return refs;
  };
  const auto has_none = [&](const RefState& state) {
    return state.refs.empty() && !state.head.oid && nameless_.empty();
  };
  RefState now = list();
  if (had_refs && has_none(now)) {
    work_.context().clock.sleep(kSecondLook, work_.stop());
    now = list();
  }
  told_.refs_vanished = had_refs && has_none(now);
  return now;
}

FetchedPack GitServer::fetch(const BundleRequest& request, PackArrival& arrival) {
  FetchedPack fetched = judged([&] { return fetch_bundle(place_, request, work_, *remote_, arrival); });
  patience_.gained(work_.context().clock.now());
  if (fetched.bundle) told_.objects += fetched.bundle->objects;
  told_.not_proved += fetched.not_proved;
  return fetched;
}

void GitServer::tell_of_lfs(const LfsPointers& pointers) {
  told_.lfs_pointers_may_be_more = told_.lfs_pointers_may_be_more || pointers.may_be_more();
}

FetchFeatures GitServer::features() {
  if (features_) return *features_;
  try {
    features_ = work_.retried([&] { return judged([&] { return remote_->fetch_features(work_.stop()); }); });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled || is_worth_another_try(error)) throw;
    features_ = FetchFeatures{};
  }
  return *features_;
}

HistoryAnswer GitServer::ask(const HistoryQuestion& question) {
  return work_.retried([&] { return judged([&] { return remote_->ask_history(question, work_.stop()); }); });
}

bool GitServer::is_handed_over(const Oid& held, ObjectFormat format) {
  NullSink pack;  // of no object: the server is told that we have it
  try {
    remote_->fetch_pack({.format = format, .wants = {held}, .haves = {held}}, pack, work_.stop());
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    return false;
  }
}

PartResult GitServer::result_of(GitPart git, const SnapshotId& snapshot, UtcTime checked_at) {
  if (told_.refs_vanished) git.refs_vanished = true;
  if (git.proved.value_or(false)) told_.not_proved = 0;
  told_.kind = PartOutcomeKind::saved;
  tell_of(git, told_);
  for (const Bundle& bundle : git.bundles)
    if (bundle.snapshot == snapshot) told_.bytes_stored += bundle.record.size;
  return {.part = to_part(git), .outcome = told(), .checked_at = checked_at};
}

PartOutcome GitServer::told() const {
  PartOutcome told = told_;
  told.requests = remote_->request_count();
  told.bytes_received = remote_->bytes_received();
  return told;
}

void tell_of(const GitPart& git, PartOutcome& outcome) {
  outcome.lfs_pointers = git.lfs_pointers;
  outcome.left_out = git.left_out;
  outcome.not_proved_because = git.proved.value_or(true) ? std::string() : git.not_proved_because;
  outcome.missing = git.missing;
  outcome.missing_objects = git.missing_objects;
  if (git.refs.empty() || (git.bundles.empty() && !git.head.oid)) outcome.detail = "empty";
}

}  // namespace hubkeep
