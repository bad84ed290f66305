// A plan's batch, which travels through Step Functions: what is taken for one is the same when it travels on.

#include "run/batch.h"

#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "fuzz/fuzz_support.h"

using namespace hubkeep;
using Json = nlohmann::ordered_json;

namespace {

Json items_of(const Batch& batch) {
  Json items = Json::array();
  for (const WorkItem& item : batch.items()) {
    fuzz::require(item.repository || item.known, "an item is of a repository");
    items.push_back(to_json(item));
  }
  return items;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::as_text(data, size));
  fuzz::error_of([&] {
    check_json_depth(text);  // as its readers do
    const Batch batch(Json::parse(text, nullptr, false));
    const Json items = items_of(batch);
    const Batch again({{"number", batch.number()}, {"items", items}});
    fuzz::require(items_of(again) == items, "what was read can be written");
  });
  return 0;
}
