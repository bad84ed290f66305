#include "metadata/document_words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::array kWords = {
    DocumentWord{"issues", "issue", "", ItemKind::issue, "issue_graph"},
    DocumentWord{"pulls", "issue", "prs", ItemKind::pull_request, "pull_request"},
    DocumentWord{"pull-requests", "issue", "", ItemKind::pull_request, "pull_request"},
    DocumentWord{"discussions", "discussion", "", ItemKind::discussion},
    DocumentWord{"releases", kRelease, ""},
    DocumentWord{"comments", "comment", ""},
    DocumentWord{"review-comments", "review_comment", ""},
    DocumentWord{"commit-comments", "commit_comment", ""},
    DocumentWord{"labels", "label", ""},
    DocumentWord{"milestones", "milestone", ""},
    DocumentWord{"repository", "repository", ""},
    DocumentWord{"collaborators", "collaborator", ""},
    DocumentWord{"teams", "team", ""},
    DocumentWord{"invitations", "invitation", ""},
    DocumentWord{"hooks", "hook", "webhooks"},
    DocumentWord{"deploy-keys", "deploy_key", "keys"},
    DocumentWord{"autolinks", "autolink", ""},
    DocumentWord{"environments", "environment", ""},
    DocumentWord{"variables", "variable", ""},
    DocumentWord{"secrets", "secret", ""},
    DocumentWord{"rulesets", "ruleset", ""},
    DocumentWord{"branch-protections", "branch_protection", "protections"},
    DocumentWord{"properties", "property_values", "property-values"},
    DocumentWord{"pages", "pages", ""},
    DocumentWord{"interaction-limits", "interaction_limits", ""},
    DocumentWord{"security-advisories", "security_advisory", "advisories"},
    DocumentWord{"issue-graphs", "issue_graph", ""},
    DocumentWord{"pull-request-graphs", "pull_request", ""},
    DocumentWord{"comment-graphs", "comment_graph", ""},
};

std::string normal(std::string_view text) {
  std::string word = to_lower(text);
  std::replace(word.begin(), word.end(), '_', '-');
  return word;
}

bool is_called(const DocumentWord& each, const std::string& word) {
  if (word == each.word || (!each.other.empty() && word == each.other)) return true;
  if (each.other.ends_with('s') && word == each.other.substr(0, each.other.size() - 1)) return true;
  return word + "s" == each.word || (!each.item && word == normal(each.kind));
}

}  // namespace

std::span<const DocumentWord> document_words() {
  return kWords;
}

const DocumentWord* find_document_word(std::string_view text) {
  const std::string word = normal(text);
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const DocumentWord& each) { return is_called(each, word); });
  return found == kWords.end() ? nullptr : &*found;
}

const DocumentWord* word_of_kind(std::string_view kind) {
  const auto found = std::find_if(kWords.begin(), kWords.end(), [&](const DocumentWord& each) {
    return each.kind == kind && each.item != ItemKind::pull_request;
  });
  return found == kWords.end() ? nullptr : &*found;
}

std::string all_document_words() {
  std::string text;
  for (const DocumentWord& each : kWords) {
    if (each.word == "pull-requests") continue;  // pulls
    text += (text.empty() ? "" : ", ") + std::string(each.word);
  }
  return text;
}

}  // namespace hubkeep
