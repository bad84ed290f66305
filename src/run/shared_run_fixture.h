// For tests: a shared run over a vault in a scratch folder, step by step.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "backup/backup_fakes.h"
#include "base/byte_sink.h"
#include "run/shared_run.h"

namespace hubkeep {

class SharedRun : public testing::Test {
 protected:
  using Json = nlohmann::ordered_json;

  void list(int count) {
    RepositoryList& list = bench_.github.list;
    list = {};
    for (int id = 1; id <= count; ++id) {
      list.seen_ids.push_back(id);
      list.repositories.push_back(BackupBench::repository(id, "r" + std::to_string(id)));
    }
    list.seen = list.repositories.size();
  }
  SharedPlan plan() { return plan_shared_run(bench_.context, {.contents = contents_}, "monday", {}); }
  std::vector<Json> batches(const SharedPlan& plan) {
    StringSink text;
    bench_.vault.objects().read(plan.key, text, {});
    return Json::parse(text.str()).get<std::vector<Json>>();
  }
  BatchSummary work(const SharedPlan& plan, const Json& batch, int attempt = 1, const StopTokens& stops = {},
                    int share = 0) {
    MemoryBudget memory(ByteCount{64} << 20);
    return work_on_batch(bench_.context, memory, {.jobs = 1, .stops = stops, .contents = contents_},
                         {.run = plan.run, .attempt = attempt, .batch = batch, .share = share});
  }
  RunSummary finish(const SharedPlan& plan) { return finish_shared_run(bench_.context, plan.run, {}); }
  RunSummary whole_run() {
    const SharedPlan made = plan();
    for (const Json& batch : batches(made)) work(made, batch);
    return finish(made);
  }
  Catalog catalog() { return *bench_.vault.read_catalog({}); }

  BackupBench bench_;
  RunContents contents_;
};

}  // namespace hubkeep
