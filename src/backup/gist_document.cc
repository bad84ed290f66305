// JSON is followed from string to bracket and no further: a string is a name where an object's member begins,
// and the names around a place say what it is. Whether it is JSON at all the parser says at the end, of what
// was kept.
#include "backup/gist_document.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "base/json_depth.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kLongestName = 64;  // that matters here

}  // namespace

void GistDocument::write(std::string_view bytes) {
  for (const char c : bytes) is_in_string_ ? take_in_string(c) : take(c);
  if (kept_.size() > kMaxJsonSize)
    throw Error(ErrorKind::corrupt, fmt::format("the description of a gist has more than {} beside its files",
                                                human_size(kMaxJsonSize)));
}

void GistDocument::take(char c) {
  if (c == '"') return begin_string();
  if (c == '{' || c == '[') {
    if (open_.size() >= kMaxJsonDepth)
      throw Error(ErrorKind::corrupt, "the description of a gist is nested too deep");
    open_ += c;
    names_.emplace_back();
  }
  if (c == '}' || c == ']') close();
  if (c == '{' || c == ',') is_name_next_ = open_.ends_with('{');
  kept_ += c == '\n' || c == '\r' ? ' ' : c;
}

void GistDocument::begin_string() {
  is_in_string_ = true;
  is_name_ = is_name_next_;
  is_cut_out_ = !is_name_ && is_content();
  is_name_next_ = false;
  text_.clear();
  if (!is_cut_out_) kept_ += '"';
}

void GistDocument::take_in_string(char c) {
  if (!is_cut_out_) kept_ += c;
  if (c == '"' && !is_escaped_) {
    is_in_string_ = false;
    if (is_cut_out_) kept_ += "null";
    if (is_name_) names_.back() = text_;
    return;
  }
  is_escaped_ = c == '\\' && !is_escaped_;
  if (is_name_ && text_.size() < kLongestName) text_ += c;
}

void GistDocument::close() {
  if (open_.empty()) throw Error(ErrorKind::corrupt, "the description of a gist is no JSON");
  open_.pop_back();
  names_.pop_back();
  is_name_next_ = false;
}

// {"files": {"a.txt": {"content": "…"}}}
bool GistDocument::is_content() const {
  return open_ == "{{{" && names_[0] == "files" && names_[2] == "content";
}

std::string GistDocument::finish() {
  if (!is_json(kept_)) throw Error(ErrorKind::corrupt, "the description of a gist is no JSON");
  return std::move(kept_);
}

}  // namespace hubkeep
