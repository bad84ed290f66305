#include "remote/git_status.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

HttpResponse answer(int status, std::string body = {}, Headers headers = {}) {
  return {.status = status,
          .headers = std::move(headers),
          .body = std::move(body),
          .url = Url::parse("https://github.com/acme/site.git/git-upload-pack")};
}

TEST(GitStatus, HasAKindForEachStatus) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{401, ErrorKind::unauthorized}, Case{403, ErrorKind::forbidden}, Case{404, ErrorKind::not_found},
        Case{408, ErrorKind::transient}, Case{429, ErrorKind::transient}, Case{451, ErrorKind::forbidden},
        Case{500, ErrorKind::transient}, Case{502, ErrorKind::transient}, Case{503, ErrorKind::transient},
        Case{400, ErrorKind::invalid}}) {
    EXPECT_EQ(git_status_error(answer(c.status), {}).kind(), c.kind) << c.status;
  }
}

TEST(GitStatus, SaysWhatToDoAboutTheToken) {
  const TokenUse none;
  const TokenUse kept{.origin = "TOKEN_GITHUB", .was_sent = false, .api_host = "api.example.com"};
  const TokenUse sent{.origin = "TOKEN_GITHUB", .was_sent = true, .api_host = "api.github.com"};

  EXPECT_NE(git_status_error(answer(401), none).message().find("set TOKEN_GITHUB"), std::string::npos);
  EXPECT_NE(git_status_error(answer(401), kept).message().find("--api-url"), std::string::npos);
  EXPECT_NE(git_status_error(answer(401), sent).message().find("refused the token from TOKEN_GITHUB"),
            std::string::npos);
}

TEST(GitStatus, ShowsTheServersTextButNoPagesAndNoEscapes) {
  EXPECT_NE(git_status_error(answer(403, "Blocked \x1b[1m\n"), {}).message().find("Blocked \\x1b[1m"),
            std::string::npos);
  EXPECT_EQ(git_status_error(answer(502, "<html>big</html>"), {}).message().find("html"), std::string::npos);
}

}  // namespace
}  // namespace hubkeep
