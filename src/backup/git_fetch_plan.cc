#include "backup/git_fetch_plan.h"

#include <list>
#include <unordered_map>
#include <vector>

#include "vault/refs_object.h"

namespace hubkeep {
namespace {

// The first object names of those it is given, each once, up to a limit.
class OidCollector {
 public:
  explicit OidCollector(std::size_t limit) : limit_(limit) {}
  void add(const Oid& oid) {
    if (oids_.size() < limit_) oids_.insert(oid);
  }
  bool contains(const Oid& oid) const { return oids_.contains(oid); }
  std::vector<Oid> list() const { return {oids_.begin(), oids_.end()}; }

 private:
  std::size_t limit_;
  OidSet oids_;
};

bool is_head(const Ref& ref) {
  return ref.name.starts_with("refs/heads/");
}
bool is_tag(const Ref& ref) {
  return ref.name.starts_with("refs/tags/");
}

bool is_pull_request(const Ref& ref) {
  return ref.name.starts_with("refs/pull/");
}

// ls-refs does not say types; a blob or a tag as prerequisite makes git refuse the bundle.
bool is_likely_commit(const Ref& ref) {
  return is_head(ref) || is_pull_request(ref);
}

// Not any branch: git lets none point at a blob or tree, but other servers may, and a pack that lacks what
// is surely a commit is refused. Without its HEAD no repository is checked out.
bool is_surely_commit(const Ref& ref, const RefState& now) {
  return is_pull_request(ref) || ref.name == now.head.symref_target || ref.oid == now.head.oid;
}

// The last refs of those it is given, of each object the last, and the last of all first: names of tags
// mostly grow with time.
class LastRefs {
 public:
  void add(const Ref& ref) {
    if (const auto known = places_.find(ref.oid); known != places_.end()) refs_.erase(known->second);
    refs_.push_front(ref);
    places_[ref.oid] = refs_.begin();
    if (refs_.size() <= kMaxHaves) return;
    places_.erase(refs_.back().oid);
    refs_.pop_back();
  }
  const std::list<Ref>& list() const { return refs_; }

 private:
  std::list<Ref> refs_;
  std::unordered_map<Oid, std::list<Ref>::iterator> places_;
};

// The first refs of those it is given, of each object the first.
class FirstRefs {
 public:
  void add(const Ref& ref) {
    if (refs_.size() < kMaxHaves && oids_.insert(ref.oid)) refs_.push_back(ref);
  }
  const std::vector<Ref>& list() const { return refs_; }

 private:
  std::vector<Ref> refs_;
  OidSet oids_;
};

// Old tips in the order in which they are worth telling: first of what moved or vanished, since the new
// objects build on those. As many of each kind as can be told at most.
std::vector<Ref> by_worth(const RefState& before, const RefState& now) {
  FirstRefs moved_heads;
  FirstRefs moved_others;
  LastRefs heads;
  LastRefs tags;
  LastRefs others;
  auto current = now.refs.begin();
  const auto end = now.refs.end();
  for (const Ref& ref : before.refs) {
    while (current != end && current->name < ref.name) ++current;
    const bool stayed = current != end && *current == ref;
    if (stayed) {
      (is_head(ref) ? heads : is_tag(ref) ? tags : others).add(ref);
    } else {
      (is_head(ref) ? moved_heads : moved_others).add(ref);
    }
  }
  std::vector<Ref> ordered = moved_heads.list();
  if (before.head.oid) ordered.push_back({"HEAD", *before.head.oid});
  ordered.insert(ordered.end(), moved_others.list().begin(), moved_others.list().end());
  for (const LastRefs* refs : {&heads, &tags, &others})
    ordered.insert(ordered.end(), refs->list().begin(), refs->list().end());
  return ordered;
}

// What is surely a commit comes first.
void choose_wants(const std::optional<RefState>& before, const RefState& now, FetchRequest& request) {
  const OidSet held = oids_of(before);
  OidSet& wants = request.wants;
  const auto want = [&](const Oid& oid) {
    if (!held.contains(oid)) wants.insert(oid);
  };
  for (const Ref& ref : now.refs)
    if (is_surely_commit(ref, now)) want(ref.oid);
  if (now.head.oid) want(*now.head.oid);
  request.commits = wants.size();
  for (const Ref& ref : now.refs)
    if (!is_surely_commit(ref, now)) want(ref.oid);
}

RefList header_refs(const std::optional<RefState>& before, const RefState& now) {
  RefList refs;
  if (before) {
    for (const Ref& change : ref_changes(before->refs, now.refs, now.format))
      if (!change.oid.is_zero()) refs.push_back(change);
  } else {
    refs = now.refs;
  }
  const bool head_is_new = now.head.oid && (!before || before->head.oid != now.head.oid);
  if (head_is_new) refs.add("HEAD", *now.head.oid);  // last, so that the copy above stays one
  return refs;
}

}  // namespace

FetchPlan plan_fetch(const std::optional<RefState>& before, const RefState& now,
                     const std::vector<Oid>& held) {
  FetchPlan plan;
  plan.request.format = now.format;
  choose_wants(before, now, plan.request);
  plan.header.format = now.format;
  plan.header.refs = header_refs(before, now);
  if (!before) return plan;
  OidCollector haves(kMaxHaves);
  OidCollector prerequisites(kMaxPrerequisites);
  for (const Oid& commit : held) {
    haves.add(commit);
    prerequisites.add(commit);
  }
  for (const Ref& ref : by_worth(*before, now)) {
    haves.add(ref.oid);
    if (haves.contains(ref.oid) && (is_likely_commit(ref) || ref.name == "HEAD")) prerequisites.add(ref.oid);
  }
  plan.request.haves = haves.list();
  plan.header.prerequisites = prerequisites.list();
  return plan;
}

FetchPlan plan_slice(const std::optional<RefState>& before, const RefState& now, const std::vector<Oid>& held,
                     const std::vector<Oid>& wants) {
  FetchPlan plan = plan_fetch(before, now, held);
  const OidSet listed = oids_of(now);
  for (const Oid& want : wants)
    if (!listed.contains(want)) plan.header.refs.add("refs/hubkeep/held/" + want.hex(), want);
  plan.request.wants = {};
  for (const Oid& want : wants) plan.request.wants.insert(want);
  plan.request.commits = 0;
  plan.request.with_tags = true;
  return plan;
}

// What a ref of the header leads to is in the pack, or behind a prerequisite.
FetchPlan without_haves(FetchPlan plan) {
  plan.request.haves.clear();
  plan.header.prerequisites.clear();
  RefList wanted;
  for (const Ref& ref : plan.header.refs)
    if (plan.request.wants.contains(ref.oid)) wanted.push_back(ref);
  plan.header.refs = wanted;
  return plan;
}

}  // namespace hubkeep
