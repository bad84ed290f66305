#include "cli/paged_output.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "base/scratch_folder.h"

namespace hubkeep {
namespace {

TEST(PagerOf, IsTheUsersOnATerminal) {
  struct Case {
    Environment environment;
    std::string pager;
  };
  for (const Case& c :
       {Case{{{"TERM", "xterm"}}, "less"}, Case{{{"TERM", "xterm"}, {"PAGER", "more -s"}}, "more -s"},
        Case{{{"TERM", "xterm"}, {"PAGER", "more"}, {"GIT_PAGER", "most"}}, "most"},
        Case{{{"TERM", "xterm"}, {"PAGER", "more"}, {"GIT_PAGER", "cat"}}, ""},
        Case{{{"TERM", "xterm"}, {"PAGER", ""}}, ""}, Case{{{"TERM", "xterm"}, {"PAGER", "cat"}}, ""},
        Case{{{"TERM", "dumb"}, {"PAGER", "more"}}, ""}, Case{{{"PAGER", "more"}}, ""}}) {
    EXPECT_EQ(pager_of(c.environment, true), c.pager);
    EXPECT_EQ(pager_of(c.environment, false), "");
  }
}

class PagedOutputTest : public testing::Test {
 protected:
  std::string file() const { return (folder_.path() / "out").string(); }
  std::string read() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }

  ScratchFolder folder_;
  Environment environment_ = {
      {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HUBKEEP_TOKEN", "secret"}, {"GITHUB_TOKEN", "secret"}};
};

TEST_F(PagedOutputTest, GoesThroughThePagerWithoutEscapes) {
  {
    PagedOutput output("cat > '" + file() + "'", environment_);
    output.print("one\n\x1b[2J\n");
    output.print("two\n");
    EXPECT_FALSE(output.is_lost());
  }
  EXPECT_EQ(read(), "one\n\\x1b[2J\ntwo\n") << "it was waited for";
}

TEST_F(PagedOutputTest, GivesThePagerWhatGitGivesItAndNoSecret) {
  {
    PagedOutput("env > '" + file() + "'", environment_);
  }
  EXPECT_NE(read().find("LESS=FRX\n"), std::string::npos);
  EXPECT_NE(read().find("LV=-c\n"), std::string::npos);
  EXPECT_EQ(read().find("secret"), std::string::npos);

  environment_["LESS"] = "S";
  {
    PagedOutput("env > '" + file() + "'", environment_);
  }
  EXPECT_NE(read().find("LESS=S\n"), std::string::npos);
}

TEST_F(PagedOutputTest, IsNoErrorWhereThePagerIsLeft) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  {
    PagedOutput output("exec true", environment_);
    for (int i = 0; i < 1000 && !output.is_lost(); ++i) output.print(std::string(1000, 'x') + "\n");
    EXPECT_TRUE(output.is_lost());
    output.print("more\n");
  }
  std::signal(SIGPIPE, before);
}

TEST_F(PagedOutputTest, IsPrintedWhereThePagerIsNotThere) {
  testing::internal::CaptureStdout();
  {
    PagedOutput output("no-such-pager-here", environment_);
    output.print("one\n");
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "one\n");
}

TEST(TerminalWidth, IsNoneOfAPipe) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(terminal_width({{"COLUMNS", "40"}}), 0U);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace hubkeep
