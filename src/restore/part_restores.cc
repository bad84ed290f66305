#include "restore/part_restores.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "restore/attachments_restore.h"
#include "restore/lfs_restore.h"
#include "restore/meta_restore.h"
#include "restore/releases_restore.h"
#include "restore/wiki_restore.h"
#include "vault/git_part.h"
#include "vault/lfs_part.h"
#include "vault/meta_part.h"

namespace hubkeep {
namespace {

struct Step {
  std::string_view part;
  std::optional<ContentKind> kind;  // none: of a gist it belongs to the history, else it has several
  std::unique_ptr<PartRestore> (*make)(const PartRestoreWork& work);
};

constexpr std::array kSteps = {
    Step{"wiki", ContentKind::wiki, wiki_restore},
    Step{"lfs", ContentKind::lfs, lfs_restore},
    Step{"releases", ContentKind::releases, releases_restore},
    Step{"attachments", ContentKind::attachments, attachments_restore},
    Step{"meta", std::nullopt, meta_restore},
};

/// What shows to be of no use before it has begun.
class RefusedRestore final : public PartRestore {
 public:
  RefusedRestore(std::string_view part, Error error) : part_(part), error_(std::move(error)) {}
  std::string_view name() const override { return part_; }
  ByteCount disk_needed() override { return 0; }
  void run(PartRestored&) override { throw error_; }

 private:
  const std::string_view part_;
  const Error error_;
};

std::unique_ptr<PartRestore> make(const Step& step, const PartRestoreWork& work) {
  try {
    return step.make(work);
  } catch (const Error& error) {
    return std::make_unique<RefusedRestore>(step.part, error);
  }
}

// A part of which nothing is kept names no object.
bool has_content(const Part& part) {
  bool has_any = false;
  visit_named_objects(part, [&](const ObjectRecord&) { has_any = true; });
  return has_any;
}

// What `left_out` names is told by the part's own step.
bool is_all_there(const Part& part) {
  return is_settled(part) && part.status() != PartStatus::not_permitted;
}

bool is_chosen(const Step& step, const Part& part, const RestoreChoice& choice) {
  if (step.kind) return choice.has(*step.kind);
  return !is_meta_part(part) || choice.has_any_documents();
}

// For people.
std::string what_happened(const PartStatus& status) {
  if (status == PartStatus::failed) return "its backup failed";
  if (status == PartStatus::not_permitted) return "the token was not permitted to read it";
  return status.word();
}

void tell_of_lfs_without_part(const PartRestoreWork& work) {
  if (status_of(statuses_of(work.manifest.parts), kLfsPart) != PartStatus::absent) return;
  const std::uint64_t pointers = git_part(work.manifest.parts).lfs_pointers;
  if (pointers == 0) return;
  work.notice(fmt::format("{}: what {} at is not in the vault", count_of(pointers, "LFS pointer"),
                          pointers == 1 ? "it points" : "they point"));
}

}  // namespace

PartRestores part_restores(const PartRestoreWork& work, const RestoreChoice& choice) {
  PartRestores restores;
  for (const Step& step : kSteps) {
    const auto part = work.manifest.parts.find(PartName(step.part));
    if (part != work.manifest.parts.end() && is_chosen(step, part->second, choice) &&
        has_content(part->second))
      restores.push_back(make(step, work));
  }
  return restores;
}

bool has_step(std::string_view part) {
  return std::any_of(kSteps.begin(), kSteps.end(), [&](const Step& step) { return step.part == part; });
}

void tell_what_is_not_complete(const PartRestoreWork& work, const RestoreChoice& choice) {
  for (const Step& step : kSteps) {
    const auto part = work.manifest.parts.find(PartName(step.part));
    if (part == work.manifest.parts.end() || !is_chosen(step, part->second, choice) ||
        is_all_there(part->second))
      continue;
    work.notice(fmt::format("{}: {}: not all that GitHub had then is in the snapshot", step.part,
                            printable(what_happened(part->second.status()))));
  }
  if (choice.has(ContentKind::lfs)) tell_of_lfs_without_part(work);
}

}  // namespace hubkeep
