#include "backup/work_item.h"

#include <algorithm>

#include "backup/unchanged.h"
#include "base/text.h"

namespace hubkeep {
namespace {

const CatalogEntry* find_known(const Catalog& catalog, const RepositoryKey& key) {
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
                     .known = find_known(catalog, {context.host, repository.id})});
  }
  std::sort(items.begin(), items.end(), [](const WorkItem& a, const WorkItem& b) {
    return a.repository->size != b.repository->size ? a.repository->size > b.repository->size
                                                    : a.id() < b.id();
  });
  return items;
}

}  // namespace

bool is_lock_due(const BackupContext& context, const CatalogEntry& entry) {
  if (entry.newest.empty()) return false;
  const auto plan = context.vault.store().lock_plan(context.clock.now());
  return plan && !(entry.locked_until >= plan->renew_before);
}

std::vector<WorkItem> plan_work(const BackupContext& context, const RepositoryList& list,
                                const Catalog& catalog) {
  return largest_first(context, list, catalog);
}

std::vector<WorkItem> plan_repair(const BackupContext& context, const RepositoryList& list,
                                  const Catalog& catalog, const DamagedRepositories& damaged) {
  std::vector<WorkItem> items = largest_first(context, list, catalog);
  std::erase_if(items, [&](const WorkItem& item) { return !damaged.contains({context.host, item.id()}); });
  for (WorkItem& item : items) item.lost = damaged.at({context.host, item.id()}).lost;
  return items;
}

bool needs_nothing(const BackupContext& context, const WorkItem& item) {
  if (item.kind != WorkKind::back_up || !item.known || !item.lost.empty()) return false;
  const Freshness freshness =
      judge_freshness(*item.known, Listing::of(*item.repository), context.clock.now(), context.recheck);
  return freshness == Freshness::unchanged && !is_lock_due(context, *item.known);
}

}  // namespace hubkeep
