#include "metadata/saved_documents.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "metadata/document_words.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

bool wants(const MetaFilter& filter, std::string_view kind) {
  return filter.number.empty() && (filter.kinds.empty() || filter.kinds.contains(kind));
}

std::vector<ObjectRecord> records_in(const Json& list) {
  std::vector<ObjectRecord> records;
  if (list.is_array())
    for (const Json& each : list) records.push_back(object_record_from_json(each));
  return records;
}

void visit_line(std::string_view kind, std::string_view text, const MetaFilter& filter,
                const MetaDocuments::Visitor& visitor) {
  const Json document = parse_ordered_json(text, kReleaseLimits.line);
  const MetaLine line{.kind = kind, .id = text_at(document, "id"), .parent = {}, .document = text};
  if (filter.matches(line)) visitor(line);
}

}  // namespace

SavedDocuments::SavedDocuments(VaultObjects& objects, std::string folder, const Parts& parts,
                               const std::stop_token& stop)
    : objects_(objects), folder_(std::move(folder)), stop_(stop) {
  if (const auto meta = parts.find(PartName(kMetaPart)); meta != parts.end()) {
    if (is_meta_part(meta->second))
      meta_ = meta_part(meta->second);
    else
      gist_ = records_in(at(meta->second.json(), "documents"));
  }
  if (const auto releases = parts.find(PartName(kReleasesPart)); releases != parts.end())
    releases_ = releases_part(releases->second);
}

void SavedDocuments::visit(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const {
  meta_documents().visit(filter, visitor);
  if (releases_ && wants(filter, kRelease)) visit_releases(filter, visitor);
  if (wants(filter, kGist) || wants(filter, kGistComment)) visit_gist(filter, visitor);
}

void SavedDocuments::visit_releases(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const {
  for (const ObjectRecord& record : releases_->documents) {
    LineSplitter lines([&](std::string_view text) { visit_line(kRelease, text, filter, visitor); },
                       kReleaseLimits);
    objects_.read(folder_, record, lines, stop_);
    lines.finish();
  }
}

void SavedDocuments::visit_gist(const MetaFilter& filter, const MetaDocuments::Visitor& visitor) const {
  std::string_view kind = kGist;
  for (const ObjectRecord& record : gist_) {
    LineSplitter lines(
        [&](std::string_view text) {
          if (wants(filter, kind)) visit_line(kind, text, filter, visitor);
          kind = kGistComment;
        },
        LineLimits());
    objects_.read(folder_, record, lines, stop_);
    lines.finish();
  }
}

}  // namespace hubkeep
