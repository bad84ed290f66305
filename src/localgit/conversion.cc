// What git does to a blob on its way into the work tree, in git's order: ident, line endings, encoding
// (convert.c). The same guesses as git's, down to the odd ones, because a file that differs from them looks
// changed to git.
#include "localgit/conversion.h"

#include <fmt/format.h>
#include <iconv.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"

namespace hubkeep {
namespace {

using State = Attribute::State;

bool says_something(const Attribute& text) {
  return text.state == State::set || text.state == State::unset || text.is("auto") || text.is("input");
}

Conversion::LineEnds line_ends_by(const FileAttributes& attributes) {
  using LineEnds = Conversion::LineEnds;
  const Attribute& text = says_something(attributes.text) ? attributes.text : attributes.crlf;
  if (text.state == State::unset || !attributes.eol.is("crlf")) return LineEnds::as_stored;
  return text.is("auto") ? LineEnds::crlf_if_text : LineEnds::crlf;
}

struct TextStatistics {
  std::size_t nul = 0, lone_cr = 0, lone_lf = 0, crlf = 0, printable = 0, other = 0;

  // git's guess: a NUL, a lone CR, or more than one odd byte in 128.
  bool looks_binary() const { return lone_cr != 0 || nul != 0 || (printable >> 7U) < other; }
};

TextStatistics count_bytes(std::string_view content) {
  TextStatistics result;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const auto c = static_cast<unsigned char>(content[i]);
    if (c == '\r') {
      const bool pair = i + 1 < content.size() && content[i + 1] == '\n';
      ++(pair ? result.crlf : result.lone_cr);
      if (pair) ++i;
    } else if (c == '\n') {
      ++result.lone_lf;
    } else if (c == '\b' || c == '\t' || c == '\033' || c == '\014' || (c >= 32 && c != 127)) {
      ++result.printable;
    } else {
      ++result.other;
      if (c == 0) ++result.nul;
    }
  }
  // ^Z at the end is how DOS ended a file.
  if (content.ends_with('\032')) --result.other;
  return result;
}

// A file that has CRLF already, or looks binary, stays as it is with text=auto: git could not turn it back.
bool needs_crlf(std::string_view content, Conversion::LineEnds line_ends) {
  if (line_ends == Conversion::LineEnds::as_stored) return false;
  const auto counted = count_bytes(content);
  if (counted.lone_lf == 0) return false;
  if (line_ends == Conversion::LineEnds::crlf) return true;
  return counted.crlf == 0 && !counted.looks_binary();
}

std::string with_crlf(std::string_view content) {
  std::string out;
  out.reserve(content.size() + content.size() / 16);
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '\n' && (i == 0 || content[i - 1] != '\r')) out += '\r';
    out += content[i];
  }
  return out;
}

// How many bytes "Id$" or "Id: …$" takes at the start of `text`, which follows a '$'; 0 where it is none, or
// one that another system has written.
std::size_t ident_length(std::string_view text) {
  if (text.starts_with("Id$")) return 3;
  if (!text.starts_with("Id:")) return 0;
  const auto dollar = text.find('$', 3);
  if (dollar == std::string_view::npos || text.substr(3, dollar - 3).find('\n') != std::string_view::npos)
    return 0;
  const auto space = text.substr(0, dollar).find(' ', 4);
  return space != std::string_view::npos && space + 1 < dollar ? 0 : dollar + 1;
}

std::string with_ident(std::string_view content, std::string_view oid) {
  std::string out;
  for (auto dollar = content.find('$'); dollar != std::string_view::npos; dollar = content.find('$')) {
    out += content.substr(0, dollar + 1);
    content.remove_prefix(dollar + 1);
    const auto length = ident_length(content);
    if (length == 0) continue;
    out += fmt::format("Id: {} $", oid);
    content.remove_prefix(length);
  }
  return out.append(content);
}

// "UTF-16LE-BOM" and "utf16le-bom" are one; with "UTF" in front, its '-' may be missing.
bool is_same_utf(std::string_view a, std::string_view b) {
  const auto rest = [](std::string_view name) -> std::optional<std::string_view> {
    if (name.size() < 3 || !equals_ignoring_case(name.substr(0, 3), "utf")) return std::nullopt;
    name.remove_prefix(name.size() > 3 && name[3] == '-' ? 4 : 3);
    return name;
  };
  const auto left = rest(a);
  const auto right = rest(b);
  return left && right && equals_ignoring_case(*left, *right);
}

// The name that iconv knows, and the mark that goes before the text.
std::pair<std::string, std::string> name_and_mark(const std::string& encoding) {
  if (is_same_utf(encoding, "UTF-16LE-BOM")) return {"UTF-16LE", "\xFF\xFE"};
  if (is_same_utf(encoding, "UTF-16BE-BOM")) return {"UTF-16BE", "\xFE\xFF"};
  if (equals_ignoring_case(encoding, "latin-1")) return {"ISO-8859-1", ""};
  return {encoding, ""};
}

class Iconv {
 public:
  explicit Iconv(const std::string& to) : handle_(::iconv_open(to.c_str(), "UTF-8")) {}
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  ~Iconv() {
    if (knows_encoding()) ::iconv_close(handle_);
  }
  bool knows_encoding() const { return std::bit_cast<std::intptr_t>(handle_) != -1; }

  // Nothing where a character has no place in the encoding, or what comes is no UTF-8.
  std::optional<std::string> convert(std::string_view text, std::string out) const {
    char* input = const_cast<char*>(text.data());  // iconv's interface is older than const
    std::size_t left = text.size();
    char buffer[4096];
    while (true) {
      char* output = buffer;
      std::size_t room = sizeof buffer;
      const bool all = ::iconv(handle_, &input, &left, &output, &room) != static_cast<std::size_t>(-1);
      const int failure = errno;
      out.append(buffer, sizeof buffer - room);
      if (all) return out;
      if (failure != E2BIG) return std::nullopt;
    }
  }

 private:
  iconv_t handle_;
};

std::optional<std::string> encode(std::string_view text, const std::string& encoding) {
  const auto [name, mark] = name_and_mark(encoding);
  const Iconv iconv(name);
  return iconv.knows_encoding() ? iconv.convert(text, mark) : std::nullopt;
}

}  // namespace

Conversion conversion_by(const FileAttributes& attributes) {
  Conversion result{.line_ends = line_ends_by(attributes),
                    .ident = attributes.ident.state == State::set,
                    .encoding = {},
                    .problem = {}};
  const Attribute& encoding = attributes.encoding;
  if (encoding.state == State::set || encoding.state == State::unset) {
    result.problem =
        "working-tree-encoding in .gitattributes names an unknown encoding: written as it is stored";
  } else if (!encoding.value.empty() && !is_same_utf(encoding.value, "UTF-8")) {
    result.encoding = encoding.value;
  }
  return result;
}

Converted convert_to_work_tree(std::string content, const Conversion& conversion, std::string_view oid) {
  if (conversion.ident) content = with_ident(content, oid);
  if (needs_crlf(content, conversion.line_ends)) content = with_crlf(content);
  if (conversion.encoding.empty() || content.empty()) return {std::move(content), {}};
  if (auto encoded = encode(content, conversion.encoding)) return {std::move(*encoded), {}};
  return {std::move(content),
          fmt::format("it cannot be converted to {}, which .gitattributes asks for: written as it is stored",
                      printable(conversion.encoding))};
}

}  // namespace hubkeep
