#include "base/shell_word.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/subprocess.h"
#include "base/text.h"

namespace hubkeep {
namespace {

struct Case {
  std::string text;
  std::string word;
};

const std::vector<Case> kCases = {{"/srv/github-vault", "/srv/github-vault"},
                                  {"s3://bucket/prefix", "s3://bucket/prefix"},
                                  {"1/7", "1/7"},
                                  {"-x", "-x"},
                                  {"", "''"},
                                  {"my vault", "'my vault'"},
                                  {"it's", "'it'\\''s'"},
                                  {"'", "''\\'''"},
                                  {"$HOME `id` \"x\" \\ !", "'$HOME `id` \"x\" \\ !'"},
                                  {"~", "'~'"},
                                  {"a=b", "'a=b'"},
                                  {"*?[", "'*?['"},
                                  {"größe/日本", "'größe/日本'"},
                                  {"a\nb", "\"$(printf 'a\\012b')\""},
                                  {"a\tb%c\\d'e\x1b[1m", "\"$(printf 'a\\011b%%c\\\\d'\\''e\\033[1m')\""},
                                  {"\xff\xe4 1", "\"$(printf '\\377\\344 1')\""},
                                  {"\xe2\x80\xae", "\"$(printf '\\342\\200\\256')\""},
                                  {"-e\x01", "\"$(printf '\\055e\\001')\""},
                                  {"a\n\n", "'a''\n\n'"},
                                  {"\n", "'''\n'"},
                                  {"a\x01\n", "\"$(printf 'a\\001')\"'\n'"}};

TEST(ShellWord, QuotesWhatNeedsIt) {
  for (const auto& [text, word] : kCases) EXPECT_EQ(shell_word(text), word);
}

TEST(ShellWord, IsReadBackByTheShell) {
  std::string every;
  for (int c = 1; c < 256; ++c) every += static_cast<char>(c);
  std::vector<Case> cases = kCases;
  cases.push_back({every, {}});
  for (const auto& [text, word] : cases) {
    const auto result =
        run_process({.arguments = {"/bin/sh", "-c", "printf '%s.' " + shell_word(text)}}, "", {});

    EXPECT_EQ(result.output, text + ".") << shell_word(text);
  }
}

TEST(ShellWord, IsHarmlessOnATerminal) {
  for (const auto& [text, word] : kCases) {
    std::string word_of_text = shell_word(text);
    if (text.ends_with('\n')) std::erase(word_of_text, '\n');

    EXPECT_EQ(printable(word_of_text), word_of_text);
  }
}

}  // namespace
}  // namespace hubkeep
