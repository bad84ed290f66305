// Documents as JSON for programs, as GitHub sent them, each with what the vault knows of it: `kind`, `id`,
// perhaps `parent`, `gone` (null, or when it was first missed) and `document`.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/meta_documents.h"

namespace hubkeep {

/// Throws Error(corrupt) for a document that is no JSON.
nlohmann::ordered_json document_json(const MetaLine& line);

/// A list that goes out an item at a time, however long it is, in ASCII alone. Nothing goes out before the
/// first item or finish().
class JsonList {
 public:
  explicit JsonList(std::function<void(std::string_view text)> print) : print_(std::move(print)) {}
  void add(const nlohmann::ordered_json& item);
  void finish() const;

 private:
  const std::function<void(std::string_view)> print_;
  bool is_empty_ = true;
};

/// All that there is of a number: `item`, `graph` (what GraphQL says of it: reviews, threads, events; null
/// where there is nothing), and the lists `comments`, `review_comments` and `comment_graphs`, ascending by
/// id. Null where there is no such number. Throws as MetaDocuments does, and as document_json().
nlohmann::ordered_json conversation_json(const MetaDocuments& documents, std::int64_t number);

}  // namespace hubkeep
