#include "backup/fetch_plan.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <unordered_set>

#include "vault/refs_object.h"

namespace hubkeep {
namespace {

// Collects object names, each once, up to a limit, in order of the calls.
class OidCollector {
 public:
  explicit OidCollector(std::size_t limit) : limit_(limit) {}
  void add(const Oid& oid) {
    if (oids_.size() < limit_ && seen_.insert(oid).second) oids_.push_back(oid);
  }
  bool contains(const Oid& oid) const { return seen_.contains(oid); }
  std::vector<Oid> take() { return std::move(oids_); }

 private:
  std::size_t limit_;
  std::vector<Oid> oids_;
  std::unordered_set<Oid> seen_;
};

bool is_head(const Ref& ref) {
  return ref.name.starts_with("refs/heads/");
}
bool is_tag(const Ref& ref) {
  return ref.name.starts_with("refs/tags/");
}

// ls-refs does not say types, but these are always commits; a blob or a tag as prerequisite makes git refuse
// the bundle.
bool is_surely_commit(const Ref& ref) {
  return is_head(ref) || ref.name.starts_with("refs/pull/");
}

// Old tips in the order in which they are worth telling: first of what moved or vanished, since the new
// objects build on those.
std::vector<const Ref*> by_worth(const RefState& before, const std::optional<Ref>& head,
                                 const RefState& now) {
  std::vector<const Ref*> moved;
  std::vector<const Ref*> stayed;
  auto current = now.refs.begin();
  for (const Ref& ref : before.refs) {
    while (current != now.refs.end() && current->name < ref.name) ++current;
    const bool same = current != now.refs.end() && *current == ref;
    (same ? stayed : moved).push_back(&ref);
  }
  // Names of tags mostly grow with time: the last ones are the newest.
  std::reverse(stayed.begin(), stayed.end());
  std::vector<const Ref*> ordered;
  const auto take = [&](const std::vector<const Ref*>& refs, auto&& wanted) {
    std::copy_if(refs.begin(), refs.end(), std::back_inserter(ordered),
                 [&](const Ref* ref) { return wanted(*ref); });
  };
  take(moved, is_head);
  if (head) ordered.push_back(&*head);
  take(moved, std::not_fn(is_head));
  take(stayed, is_head);
  take(stayed, is_tag);
  take(stayed, [](const Ref& ref) { return !is_head(ref) && !is_tag(ref); });
  return ordered;
}

std::vector<Oid> choose_wants(const std::optional<RefState>& before, const RefState& now) {
  std::unordered_set<Oid> held;
  if (before) {
    for (const Ref& ref : before->refs) held.insert(ref.oid);
    if (before->head.oid) held.insert(*before->head.oid);
  }
  OidCollector wants(~std::size_t{0});
  const auto want = [&](const Oid& oid) {
    if (!held.contains(oid)) wants.add(oid);
  };
  for (const Ref& ref : now.refs) want(ref.oid);
  if (now.head.oid) want(*now.head.oid);
  return wants.take();
}

std::vector<Ref> header_refs(const std::optional<RefState>& before, const RefState& now) {
  std::vector<Ref> refs;
  const bool head_is_new = now.head.oid && (!before || before->head.oid != now.head.oid);
  if (head_is_new) refs.push_back({"HEAD", *now.head.oid});
  if (!before) {
    refs.insert(refs.end(), now.refs.begin(), now.refs.end());
    return refs;
  }
  for (Ref& change : ref_changes(before->refs, now.refs, now.format)) {
    if (!change.oid.is_zero()) refs.push_back(std::move(change));
  }
  return refs;
}

}  // namespace

FetchPlan plan_fetch(const std::optional<RefState>& before, const RefState& now) {
  FetchPlan plan;
  plan.request.format = now.format;
  plan.request.wants = choose_wants(before, now);
  plan.header.format = now.format;
  plan.header.refs = header_refs(before, now);
  if (!before) return plan;
  OidCollector haves(kMaxHaves);
  OidCollector prerequisites(kMaxPrerequisites);
  const auto head = before->head.oid ? std::optional(Ref{"HEAD", *before->head.oid}) : std::nullopt;
  for (const Ref* ref : by_worth(*before, head, now)) {
    haves.add(ref->oid);
    if (haves.contains(ref->oid) && (is_surely_commit(*ref) || ref->name == "HEAD"))
      prerequisites.add(ref->oid);
  }
  plan.request.haves = haves.take();
  plan.header.prerequisites = prerequisites.take();
  return plan;
}

}  // namespace hubkeep
