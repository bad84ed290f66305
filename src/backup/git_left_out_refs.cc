// A ref that cannot be had keeps the value that it had before, or is absent; the list of them says why. Only
// what is listed at the very object that was refused before counts as refused again: a push may have mended
// it.
#include "backup/git_left_out_refs.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "backup/git_slice_plan.h"

namespace hubkeep {

Refusals refusals_of(const std::vector<LeftOutRef>& left_out, const RefState& listed) {
  std::unordered_map<std::string_view, const LeftOutRef*> by_name;
  for (const LeftOutRef& ref : left_out)
    if (!ref.is_unasked) by_name.emplace(ref.name, &ref);
  Refusals refused;
  const auto add = [&](std::string_view name, const std::optional<Oid>& oid) {
    const auto known = by_name.find(name);
    if (oid && known != by_name.end() && known->second->oid == oid) refused.emplace(*oid, known->second->why);
  };
  if (by_name.empty()) return refused;
  for (const Ref& ref : listed.refs) add(ref.name, ref.oid);
  add("HEAD", listed.head.oid);
  return refused;
}

RefState without_refused(const RefState& listed, const std::optional<RefState>& before,
                         const Refusals& refused) {
  if (refused.empty()) return listed;  // a copy that shares all
  return held_refs(listed, before, [&](const Oid& oid) { return !refused.contains(oid); });
}

std::vector<LeftOutRef> left_out_of(const RefState& listed, const Refusals& refused,
                                    const std::vector<LeftOutRef>& nameless) {
  std::vector<LeftOutRef> left_out = nameless;
  const auto add = [&](const std::string& name, const Oid& oid) {
    const auto found = refused.find(oid);
    if (found != refused.end()) left_out.push_back({.name = name, .oid = oid, .why = found->second});
  };
  bool has_branch = false;  // that HEAD names
  for (const Ref& ref : listed.refs) {
    add(ref.name, ref.oid);
    has_branch = has_branch || ref.name == listed.head.symref_target;
  }
  if (listed.head.oid && !has_branch) add("HEAD", *listed.head.oid);
  std::sort(left_out.begin(), left_out.end(), [](const LeftOutRef& a, const LeftOutRef& b) {
    return std::tie(a.name, a.why) < std::tie(b.name, b.why);
  });
  return left_out;
}

bool cut_left_out(std::vector<LeftOutRef>& left_out) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  std::size_t bytes = 0;
  std::size_t kept = 0;
  for (; kept < std::min(left_out.size(), kMaxLeftOut); ++kept) {
    bytes += left_out[kept].name.size() + left_out[kept].why.size();
    if (bytes > kMaxBytes) break;
  }
  const bool is_longer = kept < left_out.size();
  left_out.resize(kept);
  return is_longer;
}

}  // namespace hubkeep
