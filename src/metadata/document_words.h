// The words by which people ask for documents: "issues", "pulls", "deploy-keys".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metadata/conversation.h"

namespace hubkeep {

// Documents that stand in parts of their own; all others are named by MetaKind.
constexpr std::string_view kRelease = "release";
constexpr std::string_view kGist = "gist";
constexpr std::string_view kGistComment = "gist_comment";

struct DocumentWord {
  std::string_view word;   // in the plural
  std::string_view kind;   // of documents
  std::string_view other;  // what people call them as well; may be empty
  /// Of a conversation.
  std::optional<ItemKind> item = {};
  /// What GraphQL says of the same thing; may be empty.
  std::string_view graph = {};
};

/// In the order in which they are worth most to people. Each MetaKind and kRelease has one at least.
std::span<const DocumentWord> document_words();

/// Also in the singular, in any case, and with '_' for '-'. Null: none is called so.
const DocumentWord* find_document_word(std::string_view text);
/// That of a kind which is no item; null for one that this version does not know.
const DocumentWord* word_of_kind(std::string_view kind);
/// "issues, pulls, …"
std::string all_document_words();

}  // namespace hubkeep
