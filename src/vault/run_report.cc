#include "vault/run_report.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "vault/lines.h"
#include "vault/object_encoding.h"

namespace hubkeep {
namespace {

constexpr std::string_view kSuffix = ".jsonl.zst";

}  // namespace

struct RunReport::State {
  LineBudget budget{"the run's report", {}};
  StringSink stored{kMaxReadWhole, "the run's report"};
  EncodingSink encoder{Encoding::zstd, stored};
  bool is_finished = false;
};

RunReport::RunReport() : state_(std::make_unique<State>()) {}

RunReport::~RunReport() = default;

void RunReport::add(const nlohmann::ordered_json& line) {
  // Names may hold bytes that are no UTF-8: they must not cost the report.
  const std::string text = line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  state_->budget.spend(text.size());
  state_->encoder.write(text);
}

bool RunReport::commit(VaultObjects& objects, const ObjectKey& key) {
  if (!std::exchange(state_->is_finished, true)) state_->encoder.finish();
  RecordedWriter writer = objects.create_stored("", key);
  writer.write(state_->stored.str());
  if (writer.commit_if_absent()) return true;
  if (objects.find(key)) return false;
  throw Error(ErrorKind::transient, key + ": the store says that it is there already, and it is not");
}

ObjectKey run_report_key(const SnapshotId& run) {
  return "runs/" + run.str() + std::string(kSuffix);
}

std::optional<SnapshotId> run_of_report(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  return SnapshotId::parse(name.substr(0, name.size() - kSuffix.size()));
}

}  // namespace hubkeep
