// The largest repositories come first, so that no long transfer begins when the others are done.
#include "run/work_item.h"

#include <algorithm>

#include "backup/part_backup.h"
#include "base/text.h"
#include "vault/lfs_part.h"

namespace hubkeep {
namespace {

const CatalogEntry* find_known(const Catalog& catalog, const SubjectKey& key) {
  const auto found = catalog.find(key);
  return found == catalog.end() ? nullptr : &found->second;
}

std::vector<WorkItem> largest_first(const BackupContext& context, const RepositoryList& list,
                                    const Catalog& catalog) {
  std::vector<WorkItem> items;
  items.reserve(list.repositories.size());
  for (const auto& repository : list.repositories) {
    items.push_back({.kind = WorkKind::back_up,
                     .repository = &repository,
                     .known = find_known(catalog, {context.host, subject_of(repository)})});
  }
  std::sort(items.begin(), items.end(), [](const WorkItem& a, const WorkItem& b) {
    return a.repository->size != b.repository->size ? a.repository->size > b.repository->size
                                                    : a.id() < b.id();
  });
  return items;
}

bool was_cut(const HostState& state, const SubjectId& id) {
  const auto found = state.repositories.find(id);
  return found != state.repositories.end() && found->second.was_cut;
}

// Keys as records of the repository have them.
std::vector<std::string> given_up(const HostState& state, const CatalogEntry& entry) {
  std::vector<std::string> keys;
  const auto found = state.repositories.find(entry.id);
  if (found == state.repositories.end()) return keys;
  for (const Loss& loss : found->second.losses) {
    if (!loss.accepted_at) continue;
    if (loss.key.starts_with(entry.folder))
      keys.push_back(loss.key.substr(entry.folder.size()));
    else if (std::string of_root = "/" + loss.key; lfs_oid_of(of_root))
      keys.push_back(std::move(of_root));
  }
  return keys;
}

}  // namespace

bool is_lock_due(const BackupContext& context, const CatalogEntry& entry) {
  if (entry.newest.empty()) return false;
  const auto plan = context.vault.objects().lock_plan(context.clock.now());
  return plan && !(entry.locked_until >= plan->renew_before);
}

std::vector<WorkItem> plan_work(const BackupContext& context, const RepositoryList& list,
                                const Catalog& catalog, const HostState& state) {
  std::vector<WorkItem> items = largest_first(context, list, catalog);
  for (WorkItem& item : items) {
    item.was_cut_before = was_cut(state, item.id());
    if (item.known != nullptr) item.given_up = given_up(state, *item.known);
  }
  return items;
}

std::vector<WorkItem> plan_repair(const BackupContext& context, const RepositoryList& list,
                                  const Catalog& catalog, const Findings& damaged) {
  std::vector<WorkItem> items = largest_first(context, list, catalog);
  std::erase_if(items, [&](const WorkItem& item) { return !damaged.contains({context.host, item.id()}); });
  for (WorkItem& item : items) item.lost = damaged.at({context.host, item.id()}).lost;
  return items;
}

bool needs_nothing(const BackupContext& context, const WorkItem& item) {
  if (item.kind != WorkKind::back_up || !item.known || !item.lost.empty()) return false;
  const Recheck recheck{context.now_by_github(), context.recheck};
  const PartBackups parts = parts_for(context.parts, item.id().kind());
  return parts_due(parts, item.known, listing_of(*item.repository), recheck).empty() &&
         !is_lock_due(context, *item.known);
}

}  // namespace hubkeep
