// A word in all that people wrote: titles, descriptions, comments, reviews, discussions, the notes of
// releases. Documents are looked at one after the other, and nothing of them is held.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "vault/meta_line.h"

namespace hubkeep {

/// A line that has the word. Texts as GitHub has them.
struct TextHit {
  std::string what;    // "pull request", "review comment"
  std::string number;  // of the issue, pull request or discussion; empty: it is of none
  std::string name;    // of what has no number: "v1.2" of a release
  std::string author;
  std::string at;
  std::string line;
  std::size_t match = 0;  // before which character of the line the word stands
};

class TextSearch {
 public:
  /// Upper and lower case are the same. `word` is not empty.
  explicit TextSearch(std::string_view word);

  /// In the order in which the lines stand. Throws Error(corrupt) for a document that is no JSON.
  void search(const MetaLine& document, const std::function<void(const TextHit&)>& found) const;

 private:
  bool may_have_it(std::string_view document) const;

  const std::string word_;
  const bool stands_as_it_is_;  // in JSON, in either case
};

/// "acme/site#12  comment  hubot  2026-11-01 10:00 UTC  …the line…", of at most `width` columns around the
/// word.
std::string hit_text(const TextHit& hit, std::string_view repository, std::size_t width);
nlohmann::ordered_json hit_json(const TextHit& hit, std::string_view repository);

}  // namespace hubkeep
