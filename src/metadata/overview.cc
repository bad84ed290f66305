#include "metadata/overview.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/text.h"
#include "metadata/conversation_text.h"
#include "metadata/document_words.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// What GraphQL says beside of what is counted already.
bool is_beside(std::string_view kind) {
  return kind == "issue_graph" || kind == "comment_graph";
}

// All that the part says something of, the known ones in the order of the words.
std::vector<std::string> kinds_of(const MetaPart& meta) {
  std::set<std::string> said;
  for (const auto& [kind, count] : meta.counts) said.insert(kind);
  for (const auto& [kind, permission] : meta.not_permitted) said.insert(kind);
  for (const auto& [kind, why] : meta.lacking) said.insert(kind);
  said.insert(meta.absent.begin(), meta.absent.end());
  std::vector<std::string> kinds;
  for (const DocumentWord& word : document_words())
    for (const std::string_view kind : {word.kind, word.graph})
      if (said.erase(std::string(kind)) > 0) kinds.emplace_back(kind);
  kinds.insert(kinds.end(), said.begin(), said.end());
  return kinds;
}

const MetaCount& count_in(const MetaPart& meta, const std::string& kind) {
  static const MetaCount kNone;
  const auto found = meta.counts.find(kind);
  return found == meta.counts.end() ? kNone : found->second;
}

std::string words_for(const std::string& kind) {
  if (kind == "issue") return "issues and pull requests";
  if (kind == "pull_request") return "of these pull requests";
  const DocumentWord* const word = word_of_kind(kind);
  std::string text(word == nullptr ? kind : word->word);
  for (char& c : text)
    if (c == '-' || c == '_') c = ' ';
  return text;
}

std::string notes_of(const MetaPart& meta, const std::string& kind, const MetaCount& count) {
  std::vector<std::string> notes;
  if (count.gone > 0) notes.push_back(fmt::format("{} more not on GitHub any more", count.gone));
  if (count.github && *count.github != count.kept)
    notes.push_back(fmt::format("GitHub says {}", *count.github));
  if (const auto found = meta.not_permitted.find(kind); found != meta.not_permitted.end())
    notes.push_back("not permitted: the token lacks " + found->second);
  if (meta.absent.contains(kind)) notes.emplace_back("switched off");
  if (const auto found = meta.lacking.find(kind); found != meta.lacking.end())
    notes.push_back("GitHub gives no more: " + found->second);
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? " (" : "; ") + printable(note);
  return text.empty() ? "" : text + ")";
}

std::string line_of(std::uint64_t count, const std::string& words, const std::string& notes,
                    std::size_t width) {
  constexpr std::size_t kNumber = 9;
  std::string text =
      wrapped(fmt::format("{}{}", printable(words), notes), width, std::string(kNumber + 2, ' '));
  const std::string number = fmt::format("{:>{}}", count, kNumber);
  return text.replace(0, number.size(), number);
}

}  // namespace

std::string overview_text(const SavedDocuments& documents, std::size_t width) {
  std::string text;
  if (const auto& meta = documents.meta()) {
    for (const std::string& kind : kinds_of(*meta)) {
      const MetaCount& count = count_in(*meta, kind);
      const std::string notes = notes_of(*meta, kind, count);
      if (!is_beside(kind) || !notes.empty()) text += line_of(count.kept, words_for(kind), notes, width);
    }
    if (meta->pending > 0)
      text += wrapped(fmt::format("{} still to be asked for: the next backup goes on with that",
                                  count_of(meta->pending, "document is", "documents are")),
                      width, "");
  }
  if (const auto& releases = documents.releases())
    text += line_of(releases->releases, "releases",
                    releases->is_cut_by_limit ? " (GitHub gives no more)" : "", width);
  return text;
}

Json overview_json(const SavedDocuments& documents) {
  Json json = {{"kinds", Json::object()}};
  if (const auto& meta = documents.meta()) {
    for (const std::string& kind : kinds_of(*meta)) {
      const MetaCount& count = count_in(*meta, kind);
      Json& said = json["kinds"][kind];
      said["kept"] = count.kept;
      if (count.gone > 0) said["gone"] = count.gone;
      if (count.github) said["github"] = *count.github;
      if (const auto lack = meta->not_permitted.find(kind); lack != meta->not_permitted.end())
        said["not_permitted"] = lack->second;
      if (meta->absent.contains(kind)) said["absent"] = true;
      if (const auto lack = meta->lacking.find(kind); lack != meta->lacking.end())
        said["lacking"] = lack->second;
    }
    json["pending"] = meta->pending;
  }
  if (const auto& releases = documents.releases()) json["releases"] = releases->releases;
  return json;
}

}  // namespace hubkeep
