#include "drill/drill_record.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/error_json.h"
#include "base/json.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFolder = "drills/";
constexpr std::string_view kSuffix = ".json";

double seconds_of(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json to_json(const DrillDifferences& differences) {
  Json named = Json::array();
  for (const DrillDifference& difference : differences.named)
    named.push_back({{"against", difference.against},
                     {"what", difference.what},
                     {"restored", text_or_null(difference.restored)},
                     {"there", text_or_null(difference.there)},
                     {"explanation", text_or_null(difference.explanation)}});
  return {{"explained", differences.explained}, {"unexplained", differences.unexplained}, {"named", named}};
}

Json to_json(const DrillOutcome& outcome) {
  Json json = {{"repository", outcome.repository},
               {"id", outcome.id},
               {"host", outcome.host},
               {"chosen_as", to_string(outcome.chosen_as)},
               {"result", to_string(outcome.result)},
               {"good", outcome.is_good()},
               {"snapshot", text_or_null(outcome.snapshot.str())},
               {"bytes", outcome.bytes},
               {"disk_needed", outcome.disk_needed},
               {"objects", outcome.objects},
               {"refs", outcome.refs},
               {"seconds", seconds_of(outcome.restoring)},
               {"fsck", to_string(outcome.fsck)},
               {"fsck_seconds", seconds_of(outcome.checking)},
               {"fsck_lines", outcome.fsck_lines},
               {"compared_with_github", outcome.compared_with_github},
               {"differences", to_json(outcome.differences)},
               {"notes", outcome.notes}};
  add_kind(json, outcome.id);
  if (outcome.error) json["error"] = hubkeep::to_json(*outcome.error);
  return json;
}

Json to_json(const DrillTotals& totals) {
  return {{"restored", totals.restored},
          {"failed", totals.failed},
          {"too_large", totals.too_large},
          {"not_done", totals.not_done},
          {"bytes", totals.bytes},
          {"objects", totals.objects},
          {"unexplained", totals.unexplained},
          {"seconds", seconds_of(totals.restoring)}};
}

}  // namespace

std::string_view to_string(ChosenAs as) {
  switch (as) {
    case ChosenAs::largest:
      return "largest";
    case ChosenAs::longest_not_drilled:
      return "longest_not_drilled";
    case ChosenAs::random:
      return "random";
    case ChosenAs::named:
      return "named";
    case ChosenAs::all:
      return "all";
  }
  return "";
}

std::string_view to_string(DrillResult result) {
  switch (result) {
    case DrillResult::restored:
      return "restored";
    case DrillResult::failed:
      return "failed";
    case DrillResult::too_large:
      return "too_large";
    case DrillResult::not_done:
      return "not_done";
  }
  return "";
}

std::string_view to_string(FsckResult result) {
  switch (result) {
    case FsckResult::ok:
      return "ok";
    case FsckResult::problems:
      return "problems";
    case FsckResult::not_run:
      return "not_run";
  }
  return "";
}

void DrillDifferences::add(DrillDifference difference) {
  const bool is_explained = !difference.explanation.empty();
  ++(is_explained ? explained : unexplained);
  const auto first_explained =
      std::find_if(named.begin(), named.end(), [](const auto& other) { return !other.explanation.empty(); });
  if (named.size() < kNamed) {
    named.insert(is_explained ? named.end() : first_explained, std::move(difference));
  } else if (!is_explained && first_explained != named.end()) {
    named.insert(first_explained, std::move(difference));
    named.pop_back();
  }
}

bool DrillOutcome::is_good() const {
  if (result == DrillResult::too_large) return chosen_as != ChosenAs::named && chosen_as != ChosenAs::all;
  return result == DrillResult::restored && !error && fsck != FsckResult::problems &&
         differences.unexplained == 0;
}

DrillTotals DrillReport::totals() const {
  DrillTotals totals;
  totals.too_large = too_large.size();
  for (const DrillOutcome& outcome : outcomes) {
    if (outcome.result == DrillResult::failed) ++totals.failed;
    if (outcome.result == DrillResult::too_large) ++totals.too_large;
    if (outcome.result == DrillResult::not_done) ++totals.not_done;
    totals.unexplained += outcome.differences.unexplained;
    if (outcome.result != DrillResult::restored) continue;
    ++totals.restored;
    totals.bytes += outcome.bytes;
    totals.objects += outcome.objects;
    totals.restoring += outcome.restoring;
  }
  return totals;
}

bool DrillReport::is_good() const {
  return !stopped && totals().restored > 0 &&
         std::all_of(outcomes.begin(), outcomes.end(), [](const auto& outcome) { return outcome.is_good(); });
}

Json to_json(const DrillReport& report) {
  Json json = {{"drill", report.drill.str()},
               {"program", report.program},
               {"vault", report.vault},
               {"started", format_time(report.started)},
               {"finished", format_time(report.finished)},
               {"good", report.is_good()},
               {"stopped", report.stopped},
               {"seed", report.seed},
               {"count", report.count},
               {"against_github", report.against_github},
               {"totals", to_json(report.totals())},
               {"too_large", report.too_large},
               {"repositories", Json::array()}};
  for (const DrillOutcome& outcome : report.outcomes) json["repositories"].push_back(to_json(outcome));
  return json;
}

std::string drill_key(const SnapshotId& drill) {
  return std::string(kFolder) + drill.str() + std::string(kSuffix);
}

std::optional<SnapshotId> drill_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  return SnapshotId::parse(name.substr(0, name.size() - kSuffix.size()));
}

std::vector<SubjectKey> restored_in(const std::string& json) {
  constexpr ByteCount kLargest = ByteCount{64} << 20;  // a hundred thousand repositories
  constexpr std::array<std::string_view, 5> kNeeded = {"repositories", "result", "host", "id", "kind"};
  const auto is_needed = [&](int, Json::parse_event_t event, const Json& key) {
    return event != Json::parse_event_t::key ||
           std::find(kNeeded.begin(), kNeeded.end(), key.get_ref<const std::string&>()) != kNeeded.end();
  };
  std::vector<SubjectKey> keys;
  try {
    const Json drill = parse_ordered_json(json, kLargest, is_needed);
    for (const Json& repository : drill.at("repositories"))
      if (repository.at("result") == to_string(DrillResult::restored))
        keys.push_back({repository.at("host"), subject_id_from_json(repository)});
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, std::string("not the result of a drill: ") + error.what());
  }
  return keys;
}

}  // namespace hubkeep
