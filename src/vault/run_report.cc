#include "vault/run_report.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/zstd.h"
#include "vault/lines.h"

namespace hubkeep {
namespace {

constexpr std::string_view kSuffix = ".jsonl.zst";

}  // namespace

struct RunReport::State {
  LineBudget budget{"the run's report", {}};
  StringSink compressed{kMaxReadWhole, "the run's report"};
  ZstdCompressor compressor{compressed};
  bool is_finished = false;
};

RunReport::RunReport() : state_(std::make_unique<State>()) {}

RunReport::~RunReport() = default;

void RunReport::add(const nlohmann::ordered_json& line) {
  // Names may hold bytes that are no UTF-8: they must not cost the report.
  const std::string text = line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  state_->budget.spend(text.size());
  state_->compressor.write(text);
}

bool RunReport::commit(ObjectStore& store, const ObjectKey& key) {
  if (!std::exchange(state_->is_finished, true)) state_->compressor.finish();
  const auto writer = store.create(key);
  writer->write(state_->compressed.str());
  if (writer->commit(Precondition::absent()) == CommitResult::committed) return true;
  if (store.find(key)) return false;
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
