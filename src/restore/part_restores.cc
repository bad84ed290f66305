#include "restore/part_restores.h"

#include <algorithm>
#include <array>

#include "restore/attachments_restore.h"
#include "restore/lfs_restore.h"
#include "restore/meta_restore.h"
#include "restore/releases_restore.h"
#include "restore/wiki_restore.h"

namespace hubkeep {
namespace {

struct Step {
  std::string_view part;
  std::optional<ContentKind> kind;  // none: it belongs to the history
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

}  // namespace

PartRestores part_restores(const PartRestoreWork& work, const RestoreChoice& choice) {
  PartRestores restores;
  for (const Step& step : kSteps) {
    const auto part = work.manifest.parts.find(PartName(step.part));
    if (part != work.manifest.parts.end() && (!step.kind || choice.has(*step.kind)) &&
        has_content(part->second))
      restores.push_back(make(step, work));
  }
  return restores;
}

bool has_step(std::string_view part) {
  return std::any_of(kSteps.begin(), kSteps.end(), [&](const Step& step) { return step.part == part; });
}

}  // namespace hubkeep
