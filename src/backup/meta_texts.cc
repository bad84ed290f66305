#include "backup/meta_texts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "github/attachment_urls.h"
#include "vault/meta_line.h"

namespace hubkeep {
namespace {

// One of these is in every address of an attachment, and in few other documents: most need no parser.
constexpr std::array<std::string_view, 3> kTraces = {"/assets/", "/files/", "user-images"};

void find_in(const nlohmann::json& json, const GitHubPlaces& places, std::vector<std::string>& found) {
  for (const auto& [name, value] : json.items()) {
    if (value.is_structured()) find_in(value, places, found);
    if (name != "body" || !value.is_string()) continue;
    for (std::string& url : find_attachments(value.get_ref<const std::string&>(), places))
      found.push_back(std::move(url));
  }
}

}  // namespace

bool may_have_attachments(std::string_view document) {
  return std::any_of(kTraces.begin(), kTraces.end(),
                     [&](std::string_view trace) { return document.find(trace) != std::string_view::npos; });
}

std::vector<std::string> attachments_in(std::string_view document, const GitHubPlaces& places) {
  std::vector<std::string> found;
  find_in(parse_json(document, kLargestDocument), places, found);
  return found;
}

}  // namespace hubkeep
