// git's algorithm (wildmatch.c), with its answers for what is malformed as well. It tries the shortest run
// for each '*' and goes back to it when the rest does not fit. Two answers end all of that early:
// `abort_all`, the text is too short for any run; `abort_to_double_star`, only a "**" further left can still
// help.
#include "git/wildmatch.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace hubkeep {
namespace {

constexpr std::size_t kMaxSteps = 1'000'000;

enum class Found { match, no_match, abort_all, abort_to_double_star };

bool is_special(unsigned char c) {
  return c == '*' || c == '?' || c == '[' || c == '\\';
}

bool is_between(unsigned char c, unsigned char first, unsigned char last) {
  return first <= c && c <= last;
}
bool is_lower(unsigned char c) {
  return is_between(c, 'a', 'z');
}
bool is_upper(unsigned char c) {
  return is_between(c, 'A', 'Z');
}
bool is_digit(unsigned char c) {
  return is_between(c, '0', '9');
}
bool is_letter_or_digit(unsigned char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

// [:name:], of ASCII as in git. Nothing for an unknown one.
std::optional<bool> is_in_class(std::string_view name, unsigned char c) {
  const bool is_visible = is_between(c, '!', '~');
  const std::array<std::pair<std::string_view, bool>, 12> classes = {
      {{"alnum", is_letter_or_digit(c)},
       {"alpha", is_lower(c) || is_upper(c)},
       {"blank", c == ' ' || c == '\t'},
       {"cntrl", c < ' ' || c == 0x7F},
       {"digit", is_digit(c)},
       {"graph", is_visible},
       {"lower", is_lower(c)},
       {"print", is_visible || c == ' '},
       {"punct", is_visible && !is_letter_or_digit(c)},
       {"space", c == ' ' || c == '\t' || c == '\n' || c == '\r'},
       {"upper", is_upper(c)},
       {"xdigit", is_digit(c) || is_between(c, 'a', 'f') || is_between(c, 'A', 'F')}}};
  for (const auto& [known, holds] : classes) {
    if (known == name) return holds;
  }
  return std::nullopt;
}

class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view text, Wildcards wildcards)
      : pattern_(pattern), text_(text), stays_(wildcards == Wildcards::stay_in_folders) {}

  Found match(std::size_t p, std::size_t t) {
    for (; p < pattern_.size(); ++p, ++t) {
      if (++steps_ > kMaxSteps) return Found::abort_all;
      const unsigned char c = text_at(t);
      if (c == 0 && pattern_[p] != '*') return Found::abort_all;
      switch (pattern_[p]) {
        case '*':
          if (const auto found = match_star(p, t)) return *found;
          break;
        case '?':
          if (stays_ && c == '/') return Found::no_match;
          break;
        case '[':
          if (const auto found = match_set(p, c)) return *found;
          break;
        case '\\':
          ++p;
          [[fallthrough]];
        default:
          if (c != pattern_at(p)) return Found::no_match;
      }
    }
    return t < text_.size() ? Found::no_match : Found::match;
  }
  bool gave_up() const { return steps_ > kMaxSteps; }

 private:
  unsigned char pattern_at(std::size_t i) const {
    return i < pattern_.size() ? static_cast<unsigned char>(pattern_[i]) : 0;
  }
  unsigned char text_at(std::size_t i) const {
    return i < text_.size() ? static_cast<unsigned char>(text_[i]) : 0;
  }

  // `p` is at the first star. Nothing: the loop goes on behind the slash that both are at, since "*/" has
  // taken the rest of a name.
  std::optional<Found> match_star(std::size_t& p, std::size_t& t) {
    const std::size_t first = p++;
    bool crosses = !stays_;
    if (pattern_at(p) == '*') {
      while (pattern_at(p) == '*') ++p;
      const bool begins_name = first == 0 || pattern_[first - 1] == '/';
      const bool ends_name =
          p >= pattern_.size() || pattern_[p] == '/' || (pattern_[p] == '\\' && pattern_at(p + 1) == '/');
      if (stays_ && begins_name && ends_name) {
        // "**/" may stand for nothing.
        if (pattern_at(p) == '/' && match(p + 1, t) == Found::match) return Found::match;
        crosses = true;
      }
    }
    const std::size_t slash = std::min(text_.find('/', t), text_.size());
    if (p >= pattern_.size()) return crosses || slash == text_.size() ? Found::match : Found::no_match;
    if (!crosses && pattern_[p] == '/') {
      if (slash == text_.size()) return Found::no_match;
      t = slash;
      return std::nullopt;
    }
    return match_runs(p, t, crosses);
  }

  Found match_runs(std::size_t p, std::size_t t, bool crosses) {
    for (unsigned char c = text_at(t); c != 0; c = text_at(++t)) {
      if (!is_special(pattern_at(p))) {
        while ((c = text_at(t)) != 0 && (crosses || c != '/') && c != pattern_at(p)) ++t;
        if (c != pattern_at(p)) return Found::no_match;
      }
      const Found found = match(p, t);
      if (found != Found::no_match) {
        if (!crosses || found != Found::abort_to_double_star) return found;
      } else if (!crosses && c == '/') {
        return Found::abort_to_double_star;
      }
    }
    return Found::abort_all;
  }

  // `p` is at '[', and at its ']' afterwards. Nothing: it fits.
  std::optional<Found> match_set(std::size_t& p, unsigned char c) {
    unsigned char item = pattern_at(++p);
    const bool negated = item == '!' || item == '^';
    if (negated) item = pattern_at(++p);
    bool matched = false;
    unsigned char previous = 0;
    do {
      if (item == 0) return Found::abort_all;
      if (item == '\\') {
        item = pattern_at(++p);
        if (item == 0) return Found::abort_all;
        matched = matched || c == item;
      } else if (item == '-' && previous != 0 && pattern_at(p + 1) != 0 && pattern_at(p + 1) != ']') {
        item = pattern_at(++p);
        if (item == '\\') item = pattern_at(++p);
        if (item == 0) return Found::abort_all;
        matched = matched || is_between(c, previous, item);
        item = 0;  // no range begins with its end
      } else if (item == '[' && pattern_at(p + 1) == ':') {
        const std::size_t begin = p + 2;
        const std::size_t end = pattern_.find(']', begin);
        if (end == std::string_view::npos) return Found::abort_all;
        if (end == begin || pattern_[end - 1] != ':') {
          matched = matched || c == '[';  // it is a set with a '[' and a ':' in it
        } else {
          const auto is_in = is_in_class(pattern_.substr(begin, end - 1 - begin), c);
          if (!is_in) return Found::abort_all;
          matched = matched || *is_in;
          p = end;
          item = 0;
        }
      } else {
        matched = matched || c == item;
      }
      previous = item;
      item = pattern_at(++p);
    } while (item != ']');
    if (matched == negated || (stays_ && c == '/')) return Found::no_match;
    return std::nullopt;
  }

  const std::string_view pattern_;
  const std::string_view text_;
  const bool stays_;
  std::size_t steps_ = 0;
};

}  // namespace

std::optional<bool> wildmatch(std::string_view pattern, std::string_view text, Wildcards wildcards) {
  Matcher matcher(pattern, text, wildcards);
  const Found found = matcher.match(0, 0);
  if (matcher.gave_up()) return std::nullopt;
  return found == Found::match;
}

}  // namespace hubkeep
