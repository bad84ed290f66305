// A worker's result, line by line, and the names that results have: what is read can be written.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_depth.h"
#include "fuzz/fuzz_support.h"
#include "run/batch.h"
#include "run/shared_names.h"

using namespace hubkeep;
using Json = nlohmann::ordered_json;

namespace {

void check_name(std::string_view name) {
  const auto order = parse_result_name(name);
  if (!order) return;
  const auto [batch, attempt] = *order;
  fuzz::require(batch >= 0 && attempt >= 0, "numbers count");
  fuzz::require(parse_result_name(fmt::format("{}.{}.jsonl.zst", batch, attempt)) == order,
                "what was read can be written");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(fuzz::as_text(data, size));
  check_name(text);
  fuzz::error_of([&] {
    check_json_depth(text);
    try {
      const Json written = to_json(result_from_json(Json::parse(text, nullptr, false)));
      fuzz::require(to_json(result_from_json(written)) == written, "what was read can be written");
    } catch (const nlohmann::json::exception&) {
      return;  // its reader takes it for damage
    }
  });
  return 0;
}
