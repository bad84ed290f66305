#include "vault/run_report.h"

#include <nlohmann/json.hpp>

#include "base/zstd.h"
#include "vault/object_record.h"

namespace hubkeep {

struct RunReport::State {
  StringSink compressed;
  ZstdCompressor compressor{compressed};
};

RunReport::RunReport() : state_(std::make_unique<State>()) {}

RunReport::~RunReport() = default;

void RunReport::add(const nlohmann::ordered_json& line) {
  // Names may hold bytes that are no UTF-8: they must not cost the report.
  state_->compressor.write(line.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void RunReport::commit(ObjectStore& store, const SnapshotId& run) {
  state_->compressor.finish();
  RecordedWriter writer(store, "", "/runs/" + run.str() + ".jsonl.zst", "zstd");
  writer.write(state_->compressed.str());
  writer.commit();
}

}  // namespace hubkeep
