#include "metadata/document_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "vault/manifest.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// Numbers as numbers: without leading zeros, the shorter is the less.
bool is_before(const Json& a, const Json& b) {
  const auto& first = a.at("id").get_ref<const std::string&>();
  const auto& second = b.at("id").get_ref<const std::string&>();
  return first.size() != second.size() ? first.size() < second.size() : first < second;
}

}  // namespace

Json document_json(const MetaLine& line) {
  Json json = {{"kind", line.kind}, {"id", line.id}};
  if (!line.parent.empty()) json["parent"] = line.parent;
  json["gone"] = line.gone ? Json(format_time(*line.gone)) : Json(nullptr);
  json["document"] = parse_ordered_json(line.document, kLargestDocument);
  return json;
}

void JsonList::add(const Json& item) {
  print_((is_empty_ ? "[\n" : ",\n") + item.dump(-1, ' ', true, Json::error_handler_t::replace));
  is_empty_ = false;
}

void JsonList::finish() const {
  print_(is_empty_ ? "[]\n" : "\n]\n");
}

Json conversation_json(const MetaDocuments& documents, std::int64_t number) {
  Json json = {{"item", nullptr},
               {"graph", nullptr},
               {"comments", Json::array()},
               {"review_comments", Json::array()},
               {"comment_graphs", Json::array()}};
  const MetaFilter filter{.kinds = {"issue", "issue_graph", "pull_request", "discussion", "comment",
                                    "review_comment", "comment_graph"},
                          .number = std::to_string(number)};
  documents.visit(filter, [&](const MetaLine& line) {
    Json document = document_json(line);
    if (line.kind == "issue" || line.kind == "discussion")
      json["item"] = std::move(document);
    else if (line.kind == "issue_graph" || line.kind == "pull_request")
      json["graph"] = std::move(document);
    else
      json[std::string(line.kind) + "s"].push_back(std::move(document));
  });
  if (json["item"].is_null()) return nullptr;
  for (const char* list : {"comments", "review_comments", "comment_graphs"})
    std::sort(json[list].begin(), json[list].end(), is_before);
  return json;
}

}  // namespace hubkeep
