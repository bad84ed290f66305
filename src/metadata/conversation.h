// An issue, a pull request or a discussion with all that was said and done in it, in its order: what a vault
// has in many documents, some of REST and some of GraphQL, as one.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "vault/meta_documents.h"

namespace hubkeep {

enum class ItemKind { issue, pull_request, discussion, gist };

/// "issue", "pull request", "discussion", "gist"
std::string_view to_string(ItemKind kind);

/// What a list says of one.
struct ItemSummary {
  ItemKind kind = ItemKind::issue;
  std::int64_t number = 0;  // a gist has none
  std::string title;
  std::string state;  // "open", "closed", "merged", "draft", "answered"; of a gist "public", "secret"
  std::string author;
  std::string created_at;  // as GitHub has it, as are all times
  std::string updated_at;
  std::uint64_t comments = 0;
  std::vector<std::string> labels;
  std::optional<UtcTime> gone;  // when it was first missed on GitHub
};

enum class EntryKind {
  text,            // the first of all is the item's own
  review,          // with or without a text
  review_comment,  // at a line
  event,           // something was done
};

struct Reaction {
  std::string content;  // "+1", "heart": as REST has it
  std::uint64_t count = 0;
};

struct ConversationEntry {
  EntryKind kind = EntryKind::text;
  std::string id;  // of a comment or review: the number by which GitHub knows it
  std::string author;
  std::string at;
  std::string text;        // as it was written; of an event what was done: "added the label bug"
  std::string state = {};  // of a review: "approved"
  std::string path = {};   // of a review comment, as all that follows
  std::string line = {};
  std::string diff = {};
  std::string in_reply_to = {};  // also of a reply in a discussion
  bool is_resolved = false;
  bool is_answer = false;  // of a discussion
  std::string edited_at = {};
  std::string hidden_because = {};
  std::vector<Reaction> reactions = {};
  std::optional<UtcTime> gone = {};
  nlohmann::ordered_json document = {};  // as GitHub sent it
  nlohmann::ordered_json graph =
      {};  // what GraphQL alone says of a comment or review; null: the vault has none
};

struct Conversation {
  ItemSummary item;
  std::string milestone;
  std::vector<std::string> assignees;
  std::string head;  // of a pull request: "octocat:fix"
  std::string base;
  std::string merged_by;
  nlohmann::ordered_json document;         // REST's
  nlohmann::ordered_json graph;            // GraphQL's; null where the vault has none
  std::vector<ConversationEntry> entries;  // in the order of time; a reply after what it replies to
};

/// Issues, pull requests or discussions, the newest first. Throws as MetaDocuments does.
std::vector<ItemSummary> list_items(const MetaDocuments& documents, ItemKind kind);

/// Of a gist, from its documents. Throws Error(corrupt) for what is no JSON.
Conversation gist_conversation(std::string_view gist, const std::vector<std::string>& comments);

/// Nothing where the vault has none of that number. Throws as MetaDocuments does.
std::optional<Conversation> read_conversation(const MetaDocuments& documents, std::int64_t number);

/// Of documents so many bytes are held at once, and all documents are read once for each such lot.
constexpr ByteCount kHeldDocuments = ByteCount{64} << 20;

/// All of them in the order of their numbers. Throws as MetaDocuments does.
void visit_conversations(const MetaDocuments& documents,
                         const std::function<void(const Conversation&)>& visit,
                         ByteCount held = kHeldDocuments);

}  // namespace hubkeep
