#include "backup/git_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "backup/repository_work.h"
#include "base/error.h"

namespace hubkeep {
namespace {

// What of a chain is not there as it was written: a bundle built on it could not be restored. One request of
// the store.
std::vector<Loss> lost_bundles(VaultObjects& objects, const PartPlace& place,
                               const std::vector<Bundle>& chain, UtcTime now) {
  std::map<ObjectKey, ByteCount> sizes;
  objects.list(place.prefix(), "", [&](const ObjectInfo& object) {
    sizes.emplace(object.key, object.size);
    return true;
  });
  std::vector<Loss> losses;
  for (const Bundle& bundle : chain) {
    const ObjectKey key = resolve_key(place.folder, bundle.record.key);
    const auto found = sizes.find(key);
    if (found != sizes.end() && found->second == bundle.record.size) continue;
    losses.push_back({.key = key,
                      .detail = found == sizes.end() ? "is missing"
                                                     : fmt::format("has {} bytes where {} were written",
                                                                   found->second, bundle.record.size),
                      .found_at = now,
                      .size = bundle.record.size});
  }
  return losses;
}

bool is_one_of(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// An index is not needed: it can be made again.
bool needs_any(const PartBefore& before, const GitPart& git, const std::vector<std::string>& keys) {
  bool needs = is_one_of(keys, manifest_key(before.manifest.snapshot));
  visit_named_objects(to_part(git),
                      [&](const ObjectRecord& record) { needs = needs || is_one_of(keys, record.key); });
  return needs;
}

// Whether there were any.
bool remove_lost_indexes(GitPart& git, const std::vector<std::string>& keys) {
  bool has_lost = false;
  for (Bundle& bundle : git.bundles) {
    if (!bundle.index || !is_one_of(keys, bundle.index->key)) continue;
    bundle.index.reset();
    has_lost = true;
  }
  return has_lost;
}

std::optional<Base> readable_base(RepositoryWork& work, const PartBefore& before) {
  GitPart git = git_part(before.part);
  try {
    RefState refs = read_refs(work, git);
    return Base{before, std::move(git), std::move(refs)};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::corrupt) throw;
    begin_anew(work, error.message());
    work.lose_unreadable(git.refs);
    return std::nullopt;
  }
}

}  // namespace

RefState read_refs(const RepositoryWork& work, const GitPart& git) {
  return work.context().vault.read_ref_state(work.folder(), git, work.stop());
}

void begin_anew(const RepositoryWork& work, const std::string& reason) {
  work.notice("the last snapshot cannot be built upon, everything is fetched again: " + reason);
}

bool lacks_unnamed_objects(const GitPart& git) {
  return git.missing_objects > git.missing.size();
}

BaseFound find_base(RepositoryWork& work, const std::optional<PartBefore>& before) {
  BaseFound found;
  if (!before || !is_git_part(before->part)) return found;
  std::optional<Base>& base = found.base;
  base = readable_base(work, *before);
  // Also where it is not built upon: an empty list in their place is looked at twice.
  found.had_refs = base && (!base->refs.refs.empty() || base->refs.head.oid || !base->git.held.empty());
  if (!base) return found;
  for (const auto* lost : {&work.options().lost, &work.options().given_up})
    base->lacks_index = remove_lost_indexes(base->git, *lost) || base->lacks_index;
  if (needs_any(*before, base->git, work.options().lost)) {
    begin_anew(work, "it needs what verify found lost or damaged");
    base.reset();
  } else if (needs_any(*before, base->git, work.options().given_up)) {
    begin_anew(work, "it needs what a repair gave up as lost");
    base.reset();
  }
  return found;
}

Foundation last_foundation(RepositoryWork& work, const PartPlace& place, const Base& base,
                           ObjectFormat format) {
  if (base.refs.format != format) return {};
  const GitPart& git = base.git;
  if (git.bundles.empty()) return {};  // nothing was ever there
  if (lacks_unnamed_objects(git)) {
    begin_anew(work, "it lacks more objects than it names");
    return {};
  }
  const BackupContext& context = work.context();
  const auto lost = lost_bundles(context.vault.objects(), place, git.bundles, context.clock.now());
  for (const Loss& loss : lost) work.lose(loss);
  if (!lost.empty()) {
    begin_anew(work, lost.front().key + " " + lost.front().detail);
    return {};
  }
  return Foundation::of(base.snapshot(), git, base.refs);
}

}  // namespace hubkeep
