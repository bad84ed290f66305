#include "backup/outcome.h"

#include <nlohmann/json.hpp>

namespace hubkeep {

std::string_view to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::unchanged:
      return "unchanged";
    case OutcomeKind::saved:
      return "saved";
    case OutcomeKind::gone:
      return "gone";
    case OutcomeKind::not_selected:
      return "not_selected";
    case OutcomeKind::failed:
      return "failed";
    case OutcomeKind::not_done:
      return "not_done";
  }
  return "failed";
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  nlohmann::ordered_json json = {
      {"repository", outcome.repository}, {"id", outcome.id}, {"result", to_string(outcome.kind)}};
  if (!outcome.detail.empty()) json["detail"] = outcome.detail;
  if (!outcome.snapshot.empty()) json["snapshot"] = outcome.snapshot.str();
  if (outcome.zip) json["zip"] = to_json(*outcome.zip);
  if (outcome.error) {
    json["error"] = {{"kind", to_string(outcome.error->kind())}, {"message", outcome.error->message()}};
  }
  json["requests"] = outcome.requests;
  json["bytes_received"] = outcome.bytes_received;
  json["bytes_stored"] = outcome.bytes_stored;
  json["objects"] = outcome.objects;
  return json;
}

}  // namespace hubkeep
