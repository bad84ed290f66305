// Attributes held against `git check-attr`: random rules for random paths.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/text.h"
#include "git/attributes.h"
#include "localgit/git_fixture.h"

namespace hubkeep {
namespace {

using Said = std::map<std::string, std::map<std::string, std::string>>;  // by path and attribute

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t count) { return random_() % count; }
  template <typename T>
  const T& one_of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  bool one_in(std::size_t count) { return below(count) == 0; }

 private:
  std::mt19937 random_;
};

std::string random_path(Dice& dice) {
  std::string path;
  for (auto depth = dice.below(4); depth != 0; --depth)
    path += dice.one_of<std::string>({"a", "b", "ab", "deep"}) + "/";
  return path +
         dice.one_of<std::string>({"a", "b", "ab", "abc", "a.c", "x*y", "[a]", "\\", "a b", "-", "\xc3\xbc"});
}

std::string random_pattern(Dice& dice) {
  std::string pattern;
  for (auto parts = 1 + dice.below(5); parts != 0; --parts) {
    pattern += dice.one_of<std::string>(
        {"a",    "b",    "*",      "**",          "?",          "/",        "/",  "**/", "/**",
         "[ab]", "[!a]", "[^b-c]", "[[:alpha:]]", "[[:punct:]", "[]a]",     "[a", "\\*", "\\",
         ".c",   "c",    "deep/",  "[--a]",       "[\\]]",      "\xc3\xbc", "!"});
  }
  if (dice.one_in(8)) pattern = "\"" + pattern + (dice.one_in(4) ? " b\"" : "\"");
  return pattern;
}

std::string random_file(Dice& dice) {
  std::string content;
  for (auto lines = dice.below(12); lines != 0; --lines) {
    content += dice.one_in(6) ? "[attr]" + dice.one_of<std::string>({"m1", "m2", "x"}) : random_pattern(dice);
    for (auto words = 1 + dice.below(3); words != 0; --words) {
      content += dice.one_of<std::string>({" ", "\t", "  "});
      content += dice.one_of<std::string>({"", "", "-", "!"});
      content +=
          dice.one_of<std::string>({"x", "y", "z", "m1", "m2", "binary", "text", "x=1", "y=a=b", "z="});
    }
    content += dice.one_of<std::string>({"\n", "\n", "\r\n", " \n"});
  }
  return content;
}

Said said_by_git(const SourceRepository& repository, const std::set<std::string>& paths) {
  std::string asked;
  for (const auto& path : paths) asked.append(path) += '\0';
  const auto answer = repository.run({"check-attr", "--cached", "-z", "--stdin", "--all"}, asked);
  const auto fields = split(answer, '\0');
  Said said;
  for (std::size_t i = 0; i + 2 < fields.size(); i += 3)
    said[std::string(fields[i])][std::string(fields[i + 1])] = std::string(fields[i + 2]);
  return said;
}

std::string spelled(const Attribute& value) {
  switch (value.state) {
    case Attribute::State::set:
      return "set";
    case Attribute::State::unset:
      return "unset";
    default:
      return value.value;
  }
}

Said said_by_us(const std::map<std::string, std::string>& files, const std::set<std::string>& paths) {
  Attributes attributes([&](const std::string& folder) -> std::optional<std::string> {
    const auto file = files.find(folder);
    if (file == files.end()) return std::nullopt;
    return file->second;
  });
  Said said;
  for (const auto& path : paths) {
    for (const auto& [name, value] : attributes.of(path)) {
      if (value.state != Attribute::State::unspecified) said[path][name] = spelled(value);
    }
  }
  return said;
}

TEST(AttributesLikeGit, OfRandomRulesForRandomPaths) {
  const SourceRepository repository;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    std::set<std::string> paths;
    for (int i = 0; i < 60; ++i) paths.insert(random_path(dice));
    std::map<std::string, std::string> files;
    std::string commands =
        "commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 1\nm\ndeleteall\n";
    for (const std::string folder : {"", "a/", "a/b/", "deep/"}) {
      const auto& content = files[folder] = random_file(dice);
      commands += "M 100644 inline " + folder + ".gitattributes\ndata " + std::to_string(content.size()) +
                  "\n" + content + "\n";
    }
    repository.run({"fast-import", "--quiet", "--force"}, commands);
    repository.run({"read-tree", "main"});

    EXPECT_EQ(said_by_us(files, paths), said_by_git(repository, paths)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace hubkeep
