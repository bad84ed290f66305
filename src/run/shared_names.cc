#include "run/shared_names.h"

#include <fmt/format.h>

#include <charconv>

namespace hubkeep {
namespace {

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

std::string shared_run_folder(const SnapshotId& run) {
  return "runs/" + run.str() + "/";
}

std::optional<ResultOrder> parse_result_name(std::string_view name) {
  const auto batch = take_number(name);
  if (!batch || !name.starts_with('.')) return std::nullopt;
  name.remove_prefix(1);
  const auto attempt = take_number(name);
  if (!attempt || name != ".jsonl.zst") return std::nullopt;
  return ResultOrder{*batch, *attempt};
}

int commit_result(VaultObjects& objects, RunReport& report, const SnapshotId& run, ResultOrder order) {
  auto [batch, attempt] = order;
  // The same event may come twice, with the same attempt: both results stay.
  while (!report.commit(objects, fmt::format("{}{}.{}.jsonl.zst", shared_run_folder(run), batch, attempt)))
    ++attempt;
  return attempt;
}

}  // namespace hubkeep
