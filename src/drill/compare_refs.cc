#include "drill/compare_refs.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

void compare_lists(const RefList& restored, const RefList& there,
                   const std::function<void(const std::string&, const Oid*, const Oid*)>& differs) {
  auto a = restored.begin();
  auto b = there.begin();
  while (a != restored.end() || b != there.end()) {
    if (b == there.end() || (a != restored.end() && a->name < b->name)) {
      differs(a->name, &a->oid, nullptr);
      ++a;
    } else if (a == restored.end() || b->name < a->name) {
      differs(b->name, nullptr, &b->oid);
      ++b;
    } else {
      if (a->oid != b->oid) differs(a->name, &a->oid, &b->oid);
      ++a;
      ++b;
    }
  }
}

// Empty: not told. Which object a branch leads to is the ref's own matter.
std::string head_text(const Head& head) {
  if (!head.symref_target.empty()) return head.symref_target;
  return head.oid ? head.oid->hex() : "";
}

}  // namespace

void compare_refs(const RefState& restored, const RefState& there, const std::string& against,
                  const Explain& explain, DrillDifferences& differences) {
  const auto hex = [](const Oid* oid) { return oid == nullptr ? std::string() : oid->hex(); };
  compare_lists(restored.refs, there.refs, [&](const std::string& name, const Oid* a, const Oid* b) {
    differences.add({.against = against,
                     .what = name,
                     .restored = hex(a),
                     .there = hex(b),
                     .explanation = explain(name)});
  });
  const std::string mine = head_text(restored.head);
  const std::string other = head_text(there.head);
  if (mine == other || mine.empty() || other.empty()) return;
  differences.add(
      {.against = against, .what = "HEAD", .restored = mine, .there = other, .explanation = explain("HEAD")});
}

// Times of GitHub's are compared for equality only: an older one than before would explain nothing, and is
// not one that GitHub shows.
ChangesSince changes_between(const Listing& before, const Listing& now) {
  ChangesSince changes;
  if (now.pushed_at && before.pushed_at && *now.pushed_at != *before.pushed_at)
    changes.pushed_at = *now.pushed_at;
  if (!before.default_branch.empty() && before.default_branch != now.default_branch)
    changes.default_branch = now.default_branch;
  return changes;
}

std::string explain_ref(const std::string& name, const ChangesSince& changes) {
  if (changes.left_out.contains(name)) return "GitHub could not hand it over when the snapshot was made";
  if (name == "HEAD" && !changes.default_branch.empty())
    return "the default branch is now " + changes.default_branch;
  if (!changes.pushed_at.empty()) return "pushed since, at " + changes.pushed_at;
  // Somebody else's fork: no push to this repository.
  if (name.starts_with("refs/pull/")) return "pull requests come and go without a push";
  return "";
}

}  // namespace hubkeep
