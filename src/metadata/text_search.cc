// Most documents do not have the word, and to parse a document takes ten times as long as to look through its
// bytes: a word of ASCII letters and digits is looked for there first. JSON may have any character as \u00XX,
// so what has such escapes is parsed.
#include "metadata/text_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "metadata/case_fold.h"
#include "metadata/columns.h"
#include "metadata/conversation_text.h"
#include "metadata/document_words.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

struct Texts {
  std::string_view kind;
  std::string_view what;
  std::array<std::string_view, 3> members;
};
constexpr std::array kTexts = {
    Texts{"issue", "issue", {"title", "body"}},
    Texts{"comment", "comment", {"body"}},
    Texts{"review_comment", "review comment", {"body"}},
    Texts{"pull_request", "review", {}},
    Texts{"discussion", "discussion", {"title", "body"}},
    Texts{"commit_comment", "commit comment", {"body"}},
    Texts{"milestone", "milestone", {"title", "description"}},
    Texts{"label", "label", {"name", "description"}},
    Texts{kRelease, "release", {"tag_name", "name", "body"}},
    Texts{kGist, "gist", {"description"}},
    Texts{kGistComment, "comment", {"body"}},
};

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string first_of(const Json& document, std::string_view rest, std::string_view graphql) {
  const std::string text = text_at(document, rest);
  return text.empty() ? text_at(document, graphql) : text;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(first_character(text).size);
  return count;
}

class DocumentSearch {
 public:
  DocumentSearch(const std::string& word, const std::function<void(const TextHit&)>& found)
      : word_(word), found_(found) {}

  void run(const Texts& texts, const MetaLine& line, const Json& document) const {
    TextHit hit{.what = std::string(texts.what),
                .number = line.parent,
                .name = {},
                .author = {},
                .at = {},
                .line = {}};
    if (line.kind == "issue" || line.kind == "discussion" || line.kind == "pull_request")
      hit.number = line.id;
    if (line.kind == "issue" && at(document, "pull_request").is_object()) hit.what = "pull request";
    if (hit.number.empty()) hit.name = name_of(line, document);
    for (const std::string_view member : texts.members)
      if (!member.empty()) look_into(hit, document, member);
    if (line.kind == "pull_request") look_into_all(hit, at(document, "reviews"), "review");
    if (line.kind == "discussion") look_into_all(hit, at(document, "comments"), "comment");
  }

 private:
  static std::string name_of(const MetaLine& line, const Json& document) {
    if (line.kind == kGist || line.kind == kGistComment) return "";
    const std::string tag = text_at(document, "tag_name");
    if (!tag.empty()) return tag;
    return line.kind == "label" ? text_at(document, "name") : line.id;
  }

  // Reviews, comments of a discussion and what was replied to them.
  void look_into_all(TextHit hit, const Json& connection, const std::string& what) const {
    hit.what = what;
    for (const Json& node : at(connection, "nodes")) {
      look_into(hit, node, "body");
      look_into_all(hit, at(node, "replies"), "reply");
    }
  }

  void look_into(TextHit& hit, const Json& document, std::string_view member) const {
    const std::string text = text_at(document, member);
    if (text.empty()) return;
    hit.author = author_of(document);
    hit.at = first_of(document, "created_at", "submittedAt");
    if (hit.at.empty()) hit.at = text_at(document, "createdAt");
    for (const std::string_view line : split(text, '\n')) {
      const std::string folded = fold_case(line);
      const std::size_t match = folded.find(word_);
      if (match == std::string::npos) continue;
      hit.line = std::string(trim(line));
      const std::size_t before = count_characters(line.substr(0, line.find_first_not_of(" \t\r")));
      hit.match = count_characters(std::string_view(folded).substr(0, match));
      hit.match -= std::min(hit.match, before);
      found_(hit);
    }
  }

  static std::string author_of(const Json& document) {
    for (const char* name : {"user", "author", "owner", "creator"})
      if (std::string login = text_at(at(document, name), "login"); !login.empty()) return login;
    return "";
  }

  const std::string& word_;
  const std::function<void(const TextHit&)>& found_;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The rest of the word at each of its first letters, in either case.
bool has_word(std::string_view text, const std::string& word) {
  const std::array<char, 2> firsts = {word.front(), word.front() >= 'a' && word.front() <= 'z'
                                                        ? static_cast<char>(word.front() - 'a' + 'A')
                                                        : word.front()};
  for (std::size_t i = 0; i < (firsts[0] == firsts[1] ? 1U : 2U); ++i) {
    for (std::size_t at = text.find(firsts[i]); at != std::string_view::npos;
         at = text.find(firsts[i], at + 1)) {
      if (text.size() - at < word.size()) break;
      if (std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char wanted, char c) { return wanted == lower(c); }))
        return true;
    }
  }
  return false;
}

// At most `columns` of the line, with the word in them.
std::string cut_around(const TextHit& hit, std::size_t columns) {
  std::string_view line = hit.line;
  if (columns_of(printable(line)) <= columns) return printable(line);
  // A third of what there is room for stands before the word.
  const std::size_t before = hit.match - std::min(hit.match, columns / 3);
  for (std::size_t i = 0; i < before && !line.empty(); ++i) line.remove_prefix(first_character(line).size);
  return cut_to((before > 0 ? "…" : "") + printable(line), columns);
}

}  // namespace

TextSearch::TextSearch(std::string_view word)
    : word_(fold_case(word)),
      stands_as_it_is_(std::all_of(word_.begin(), word_.end(), [](char c) { return is_word_character(c); })) {
}

bool TextSearch::may_have_it(std::string_view document) const {
  return !stands_as_it_is_ || document.find("\\u00") != std::string_view::npos || has_word(document, word_);
}

void TextSearch::search(const MetaLine& line, const std::function<void(const TextHit&)>& found) const {
  const auto texts =
      std::find_if(kTexts.begin(), kTexts.end(), [&](const Texts& each) { return each.kind == line.kind; });
  if (texts == kTexts.end() || !may_have_it(line.document)) return;
  DocumentSearch(word_, found).run(*texts, line, parse_ordered_json(line.document, kLargestDocument));
}

std::string hit_text(const TextHit& hit, std::string_view repository, std::size_t width) {
  constexpr std::size_t kLeastLine = 20;
  std::string head = printable(repository);
  if (!hit.number.empty()) head += "#" + printable(hit.number);
  head += "  " + hit.what;
  if (!hit.name.empty()) head += " " + printable(hit.name);
  std::string more;
  if (!hit.author.empty()) more += "  " + printable(hit.author);
  if (!hit.at.empty()) more += "  " + readable_time(hit.at);
  if (columns_of(head + more) + kLeastLine <= width) head += more;
  head += "  ";
  const std::size_t used = columns_of(head);
  return cut_to(head + cut_around(hit, width > used + kLeastLine ? width - used : kLeastLine), width);
}

Json hit_json(const TextHit& hit, std::string_view repository) {
  Json json = {{"repository", repository}, {"what", hit.what}};
  if (!hit.number.empty()) json["number"] = hit.number;
  if (!hit.name.empty()) json["name"] = hit.name;
  json.update({{"author", hit.author}, {"at", hit.at}, {"line", hit.line}});
  return json;
}

}  // namespace hubkeep
