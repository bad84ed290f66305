#include "backup/slices.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/slice_plan.h"
#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr int kAttempts = 2;  // for one slice: a smaller one is worth more than another try
constexpr int kMaxRaces = 4;  // in a row: refs that move between the listing and a slice
constexpr std::size_t kNamedRefs = 5;

std::string names_of(const std::vector<Ref>& refs) {
  std::string text;
  for (std::size_t i = 0; i < std::min(refs.size(), kNamedRefs); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", printable(refs[i].name));
  if (refs.size() > kNamedRefs) text += fmt::format(" and {} more", refs.size() - kNamedRefs);
  return text;
}

class SlicedBackup {
 public:
  SlicedBackup(RepositoryWork& work, SliceStart start, RefState now)
      : work_(work), start_(std::move(start)), now_(std::move(now)), held_(oids_of(start_.foundation.refs)) {}

  void run() {
    try {
      fetch_all();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      throw Error(error.kind(), fmt::format("{} ({})", error.message(), progress()));
    }
  }

 private:
  void fetch_all() {
    for (int race = 1;; ++race) {
      try {
        return fetch_listed(race);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found || race >= kMaxRaces) throw;
        work_.context().observer.retrying(work_.outcome().repository, error, {});
      }
      list_again();
    }
  }

  void list_again() {
    RefState listed = work_.list_refs(now_.format, !now_.refs.empty());
    if (listed.format != now_.format)
      throw Error(ErrorKind::transient, "the repository was made anew while it was fetched");
    now_ = std::move(listed);
  }

  // `race` begins anew with every slice that arrives.
  void fetch_listed(int& race) {
    SlicePlan plan(now_, held_);
    // Listed again there may be nothing left to fetch, but refs that have vanished.
    if (plan.slice().empty()) fetch_slice({});
    while (!plan.slice().empty()) {
      if (fetch_slice(plan.slice())) {
        plan.arrived();
        race = 1;
      } else {
        plan.broke();
      }
    }
    if (const auto refs = plan.passed_over(); !refs.empty()) throw cannot_be_had(refs);
  }

  // False when the connection broke.
  bool fetch_slice(const std::vector<Ref>& slice) {
    OidSet then = held_;
    for (const Ref& ref : slice) then.insert(ref.oid);
    RefState target = held_refs(now_, start_.foundation.refs, then);
    Manifest manifest = work_.new_manifest(start_.repository.id, start_.repository.node_id, start_.listing);
    manifest.git = start_.foundation.begin(target);
    if (target != now_) manifest.git.status = PartStatus::partial;
    if (!fetch_bundle_of(target, manifest)) return false;
    const auto before = start_.stored_refs.empty()
                            ? std::nullopt
                            : std::optional(StoredRefs{start_.stored_refs, start_.stored_state});
    manifest.git.refs =
        store_refs(work_.context().vault, work_.folder(), manifest.snapshot, before, target, work_.stop());
    work_.commit(manifest, start_.checked_at);
    // Beyond this point the next slice builds on this one.
    held_ = std::move(then);
    start_.foundation = Foundation::of(manifest, target);
    start_.stored_refs = std::move(manifest.git.refs);
    start_.stored_state = std::move(target);
    return true;
  }

  // False when the connection broke in the pack; an outage goes on as its Error.
  bool fetch_bundle_of(const RefState& target, Manifest& manifest) {
    const FetchPlan plan = plan_fetch(start_.foundation.refs, target);
    if (plan.request.wants.empty()) return true;
    int attempts = 0;
    int breaks = 0;
    return work_.retried([&] {
      PackArrival arrival;
      ++attempts;
      try {
        work_.fetch(manifest.snapshot, start_.foundation.snapshot, plan, arrival).add_to(manifest.git);
        return true;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::transient || !arrival.broke()) throw;
        if (++breaks < kAttempts && attempts < work_.context().retries.max_attempts) throw;
        last_break_ = error.message();
        tell_of_break(error, plan.request.wants.size());
        return false;
      }
    });
  }

  void tell_of_break(const Error& error, std::size_t wants) const {
    work_.context().observer.retrying(
        work_.outcome().repository,
        error.with_context(fmt::format("a slice of {} {}", wants, wants == 1 ? "ref" : "refs")), {});
  }

  Error cannot_be_had(const std::vector<Ref>& refs) const {
    return {ErrorKind::transient,
            fmt::format("{} {} cannot be had, the connection breaks even when only one is asked for: {}: {}",
                        refs.size(), refs.size() == 1 ? "ref" : "refs", names_of(refs), last_break_)};
  }

  std::string progress() const {
    const auto held = std::count_if(now_.refs.begin(), now_.refs.end(),
                                    [&](const Ref& ref) { return held_.contains(ref.oid); });
    return fmt::format("{} of {} refs are kept, the next run goes on from there", held, now_.refs.size());
  }

  RepositoryWork& work_;
  SliceStart start_;  // moves on with every slice
  RefState now_;
  OidSet held_;
  std::string last_break_;
};

}  // namespace

void back_up_in_slices(RepositoryWork& work, SliceStart start, RefState now) {
  SlicedBackup(work, std::move(start), std::move(now)).run();
}

}  // namespace hubkeep
