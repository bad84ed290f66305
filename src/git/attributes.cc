// The first rule that says something of an attribute decides: the deepest folder's before the root's, in a
// file the last line's, in a line the last word's. A macro that is set brings what it stands for at once,
// with the same precedence.
#include "git/attributes.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "git/wildmatch.h"

namespace hubkeep {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kWildcards = "*?[\\";
constexpr std::string_view kMacro = "[attr]";
constexpr std::size_t kMaxLine = 2048;  // attr.h: ATTR_MAX_LINE_LENGTH

using Settings = std::vector<AttributeFile::Setting>;

std::string_view take_word(std::string_view& rest) {
  const auto word = rest.substr(0, rest.find_first_of(kBlank));
  rest.remove_prefix(word.size());
  return word;
}

void skip_blank(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
}

bool is_attribute_name(std::string_view name) {
  constexpr std::string_view kTaken = "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !name.empty() && name.front() != '-' && name.find_first_not_of(kTaken) == std::string_view::npos;
}

bool is_octal(char c) {
  return '0' <= c && c <= '7';
}

// "a pattern" in C's quotes (quote.c), at the start of `rest`, which is left behind it. Nothing where it is
// not well quoted.
std::optional<std::string> take_quoted(std::string_view& rest) {
  constexpr std::string_view kEscapes = "a\ab\bf\fn\nr\rt\tv\v\\\\\"\"";
  std::string result;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return result;
    }
    if (rest[i] != '\\') {
      result += rest[i];
      continue;
    }
    const char c = ++i < rest.size() ? rest[i] : '\0';
    if ('0' <= c && c <= '3') {
      if (i + 2 >= rest.size() || !is_octal(rest[i + 1]) || !is_octal(rest[i + 2])) return std::nullopt;
      result += static_cast<char>((c - '0') * 64 + (rest[i + 1] - '0') * 8 + (rest[i + 2] - '0'));
      i += 2;
      continue;
    }
    std::size_t escape = 0;
    while (escape < kEscapes.size() && kEscapes[escape] != c) escape += 2;
    if (escape >= kEscapes.size()) return std::nullopt;
    result += kEscapes[escape + 1];
  }
  return std::nullopt;
}

// "-text", "!text", "text", "text=auto". Nothing for what git does not take.
std::optional<AttributeFile::Setting> parse_setting(std::string_view word) {
  using State = Attribute::State;
  const auto equals = word.find('=');
  std::string_view name = word.substr(0, equals);
  Attribute value{State::set, {}};
  if (word.front() == '-' || word.front() == '!') {
    value.state = word.front() == '-' ? State::unset : State::unspecified;
    name.remove_prefix(1);
  } else if (equals != std::string_view::npos) {
    value = {State::value, std::string(word.substr(equals + 1))};
  }
  if (!is_attribute_name(name)) return std::nullopt;
  return AttributeFile::Setting{std::string(name), std::move(value)};
}

// A line with one bad word is ignored as a whole.
std::optional<Settings> parse_settings(std::string_view rest) {
  Settings settings;
  for (skip_blank(rest); !rest.empty(); skip_blank(rest)) {
    auto setting = parse_setting(take_word(rest));
    if (!setting) return std::nullopt;
    settings.push_back(std::move(*setting));
  }
  return settings;
}

// "dir/" fits folders, and no file is one: such a rule says nothing. So does "!pattern", which git refuses.
std::optional<AttributeFile::Rule> parse_pattern(std::string pattern) {
  pattern = pattern.substr(0, pattern.find('\0'));
  if (pattern.starts_with('!') || pattern.ends_with('/')) return std::nullopt;
  AttributeFile::Rule rule;
  rule.is_basename = pattern.find('/') == std::string::npos;
  rule.literal = std::min(pattern.find_first_of(kWildcards), pattern.size());
  rule.pattern = std::move(pattern);
  return rule;
}

// `path` is relative to the rule's folder.
bool fits(const AttributeFile::Rule& rule, std::string_view path) {
  std::string_view pattern = rule.pattern;
  const auto ask = [&](std::string_view wild, std::string_view text, Wildcards wildcards) {
    constexpr std::size_t kShown = 100;
    const auto answer = wildmatch(wild, text, wildcards);
    if (answer) return *answer;
    throw Error(ErrorKind::invalid, "a pattern of .gitattributes takes too long to match: " +
                                        printable(rule.pattern.substr(0, kShown)));
  };
  if (rule.is_basename) {
    path.remove_prefix(path.rfind('/') + 1);
    if (rule.literal == pattern.size()) return pattern == path;
    return ask(pattern, path, Wildcards::cross_folders);
  }
  std::size_t literal = rule.literal;
  if (pattern.starts_with('/')) {
    pattern.remove_prefix(1);
    --literal;
  }
  if (literal > path.size() || pattern.substr(0, literal) != path.substr(0, literal)) return false;
  if (literal == pattern.size() && literal == path.size()) return true;
  return ask(pattern.substr(literal), path.substr(literal), Wildcards::stay_in_folders);
}

const Settings* builtin_macro(std::string_view name) {
  static const Settings kBinary = {{"diff", {Attribute::State::unset, {}}},
                                   {"merge", {Attribute::State::unset, {}}},
                                   {"text", {Attribute::State::unset, {}}}};
  return name == "binary" ? &kBinary : nullptr;
}

}  // namespace

AttributeFile::AttributeFile(std::string_view content, bool is_root) {
  if (content.size() > kMaxSize)
    throw Error(ErrorKind::invalid, ".gitattributes is larger than " + human_size(kMaxSize));
  content = content.substr(0, content.find('\0'));
  for (const auto line : split(content, '\n')) take_line(line, is_root);
}

void AttributeFile::take_line(std::string_view line, bool is_root) {
  if (line.size() >= kMaxLine) return;
  skip_blank(line);
  if (line.empty() || line.front() == '#') return;
  auto rest = line;
  std::optional<std::string> quoted;
  if (line.front() == '"') quoted = take_quoted(rest);
  std::string pattern = quoted ? *quoted : std::string(take_word(rest));
  const bool is_macro = pattern.size() > kMacro.size() && pattern.starts_with(kMacro);
  auto settings = parse_settings(rest);
  if (!settings) return;
  if (is_macro) {
    const auto name = pattern.substr(kMacro.size());
    if (is_root && is_attribute_name(name)) macros_[name] = std::move(*settings);
  } else if (auto rule = parse_pattern(std::move(pattern))) {
    rule->settings = std::move(*settings);
    rules_.push_back(std::move(*rule));
  }
}

// A file that cannot be taken is a problem of every path below it.
void Attributes::enter(const std::string& folder) {
  folders_.push_back({folder, std::nullopt, std::nullopt});
  try {
    if (const auto content = read_(folder)) folders_.back().file.emplace(*content, folder.empty());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    folders_.back().problem = error;
  }
}

void Attributes::enter_folders_of(const std::string& path) {
  while (!folders_.empty() && !path.starts_with(folders_.back().path)) folders_.pop_back();
  if (folders_.empty()) enter("");
  for (auto slash = path.find('/', folders_.back().path.size()); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    enter(path.substr(0, slash + 1));
}

const Settings* Attributes::macro(const std::string& name) const {
  if (const auto& root = folders_.front().file) {
    const auto found = root->macros().find(name);
    if (found != root->macros().end()) return &found->second;
  }
  return builtin_macro(name);
}

// Without recursion: macros can name each other in a long chain.
void Attributes::apply(const Settings& settings, AttributeValues& values) const {
  std::vector<std::pair<const Settings*, std::size_t>> open = {{&settings, settings.size()}};
  while (!open.empty()) {
    auto& [list, left] = open.back();
    if (left == 0) {
      open.pop_back();
      continue;
    }
    const AttributeFile::Setting& setting = (*list)[--left];
    if (!values.emplace(setting.name, setting.value).second) continue;
    if (setting.value.state != Attribute::State::set) continue;
    if (const Settings* meaning = macro(setting.name)) open.emplace_back(meaning, meaning->size());
  }
}

AttributeValues Attributes::of(const std::string& path) {
  enter_folders_of(path);
  AttributeValues values;
  for (const auto& folder : std::views::reverse(folders_)) {
    if (folder.problem) throw Error(*folder.problem);
    if (!folder.file) continue;
    const auto inside = std::string_view(path).substr(folder.path.size());
    for (const auto& rule : std::views::reverse(folder.file->rules())) {
      if (fits(rule, inside)) apply(rule.settings, values);
    }
  }
  return values;
}

}  // namespace hubkeep
