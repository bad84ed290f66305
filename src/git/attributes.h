// What .gitattributes say of a path, as git reads them (gitattributes(5), attr.c): patterns, macros, and the
// folders' order of precedence.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hubkeep {

/// Values of attributes: nothing was said, "set", "unset" (-text), or a text.
struct Attribute {
  enum class State { unspecified, set, unset, value };
  State state = State::unspecified;
  std::string value;

  bool is(std::string_view text) const { return state == State::value && value == text; }
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// By the attributes' names, each once; `state` may be unspecified, when a rule says so ("!text").
using AttributeValues = std::map<std::string, Attribute, std::less<>>;

/// One .gitattributes. Lines that git ignores are ignored.
class AttributeFile {
 public:
  static constexpr std::size_t kMaxSize = std::size_t{1} << 20U;  // a rule takes many times its text

  /// Macros count in the root's file only. Throws Error(invalid) for one that is larger than kMaxSize.
  AttributeFile(std::string_view content, bool is_root);

  struct Setting {
    std::string name;
    Attribute value;
  };
  struct Rule {
    std::string pattern;
    std::size_t literal = 0;  // how much of it, from its start, is no wildcard
    bool is_basename = false;
    std::vector<Setting> settings;
  };
  const std::vector<Rule>& rules() const { return rules_; }
  const std::map<std::string, std::vector<Setting>, std::less<>>& macros() const { return macros_; }

 private:
  void take_line(std::string_view line, bool is_root);

  std::vector<Rule> rules_;
  std::map<std::string, std::vector<Setting>, std::less<>> macros_;
};

/// The attributes of a tree's paths. One thread.
class Attributes {
 public:
  /// The content of the .gitattributes in a folder: "", or a path with a '/' at its end. Nothing where none
  /// is.
  using ReadFile = std::function<std::optional<std::string>(const std::string& folder)>;
  explicit Attributes(ReadFile read) : read_(std::move(read)) {}

  /// Quickest when paths come sorted: the files of the last path's folders are kept. Throws Error(invalid)
  /// where a file is too large or a pattern takes too long to match, and what `read` throws.
  AttributeValues of(const std::string& path);

 private:
  struct Folder {
    std::string path;
    std::optional<AttributeFile> file;
    std::optional<Error> problem;
  };
  void enter(const std::string& folder);
  void enter_folders_of(const std::string& path);
  /// What an attribute stands for; nothing where it is no macro.
  const std::vector<AttributeFile::Setting>* macro(const std::string& name) const;
  void apply(const std::vector<AttributeFile::Setting>& settings, AttributeValues& values) const;

  ReadFile read_;
  std::vector<Folder> folders_;  // of the last path, the root first
};

}  // namespace hubkeep
