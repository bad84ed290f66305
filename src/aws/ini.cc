// AWS's dialect: settings' names are case-insensitive, comments stand on lines of their own, and a line that
// is indented deeper than a setting belongs to it: it continues its value or, where that is empty, is a
// setting nested below it. A section may be indented as a whole
// (ParseIni.TakesASectionThatIsIndentedAsAWhole). Messages name the line and never its content, which may be
// a key.
#include "aws/ini.h"

#include <fmt/format.h>

#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_comment(std::string_view trimmed) {
  return trimmed.starts_with('#') || trimmed.starts_with(';');
}

std::string collapsed(std::string_view text) {
  std::string result;
  for (const char c : trim(text)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) result += c;
    if (blank && !result.ends_with(' ')) result += ' ';
  }
  return result;
}

class IniReader {
 public:
  void take_line(std::string_view line) {
    ++number_;
    const auto text = trim(line);
    if (text.empty() || is_comment(text)) return;
    const auto indent = indent_of(line);
    if (current_ && indent > current_->indent) {
      continue_value(*current_, text);
    } else if (text.starts_with('[')) {
      begin_section(text);
    } else {
      take_setting(text, indent);
    }
  }

  std::vector<IniSection> finish() { return std::move(sections_); }

 private:
  struct Current {
    std::string name;
    std::size_t indent = 0;
    bool nested = false;  // nothing behind "name =": the lines below are settings of their own
  };

  [[noreturn]] void refuse(std::string_view why) const {
    throw Error(ErrorKind::invalid, fmt::format("line {}: {}", number_, why));
  }

  void begin_section(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse("a section's name must end with ']'");
    const auto rest = trim(text.substr(end + 1));
    if (!rest.empty() && !is_comment(rest)) refuse("nothing may follow a section's ']'");
    sections_.push_back({.name = collapsed(text.substr(1, end - 1)), .settings = {}});
    current_.reset();
  }

  std::pair<std::string, std::string_view> name_and_value(std::string_view text,
                                                          std::string_view delimiters) const {
    const auto delimiter = text.find_first_of(delimiters);
    if (delimiter == std::string_view::npos) refuse("neither a [section] nor 'name = value'");
    auto name = to_lower(trim(text.substr(0, delimiter)));
    if (name.empty()) refuse("a value without a name");
    return {std::move(name), trim(text.substr(delimiter + 1))};
  }

  void take_setting(std::string_view text, std::size_t indent) {
    if (sections_.empty()) refuse("a setting before the first [section]");
    auto [name, value] = name_and_value(text, "=:");
    sections_.back().settings[name] = std::string(value);
    current_ = Current{.name = std::move(name), .indent = indent, .nested = value.empty()};
  }

  void continue_value(const Current& current, std::string_view text) {
    auto& settings = sections_.back().settings;
    if (!current.nested) {
      settings[current.name].append("\n").append(text);
      return;
    }
    const auto [name, value] = name_and_value(text, "=");
    settings[current.name + "." + name] = std::string(value);
  }

  std::vector<IniSection> sections_;
  std::optional<Current> current_;
  std::size_t number_ = 0;
};

}  // namespace

std::vector<IniSection> parse_ini(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  IniReader reader;
  for (const auto line : split(text, '\n')) reader.take_line(line);
  return reader.finish();
}

}  // namespace hubkeep
