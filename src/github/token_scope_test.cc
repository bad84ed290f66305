#include "github/token_scope.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

struct Case {
  const char* api;
  const char* target;
  bool allowed;
};

TEST(MaySendToken, FollowsTheTable) {
  const Case cases[] = {
      {"https://api.github.com", "https://api.github.com/user", true},
      {"https://api.github.com", "https://github.com/o/n.git", true},
      {"https://api.github.com", "https://GITHUB.com:443/o/n.git", true},
      {"https://api.github.com", "http://api.github.com/user", false},
      {"https://api.github.com", "http://github.com/o/n.git", false},
      {"https://api.github.com", "https://github.com:8443/o/n.git", false},
      {"https://api.github.com", "https://api.github.com.example.com/", false},
      {"https://api.github.com", "https://example.com/api.github.com", false},
      {"https://api.github.com", "https://gist.github.com/x.git", true},
      {"https://api.github.com", "http://gist.github.com/x.git", false},
      {"https://api.github.com", "https://gist.github.com:8443/x.git", false},
      {"https://api.github.com", "https://gist.github.com.example.com/x.git", false},
      {"https://api.github.com", "https://x.gist.github.com/x.git", false},
      {"https://api.github.com", "https://gists.github.com/x.git", false},
      {"https://api.acme.ghe.com", "https://gist.acme.ghe.com/x.git", true},
      {"https://api.acme.ghe.com", "https://gist.github.com/x.git", false},
      {"https://api.github.com", "https://hub.com/", false},
      {"https://ghe.example.com/api/v3", "https://ghe.example.com/o/n.git", true},
      {"https://ghe.example.com/api/v3", "https://api.ghe.example.com/", false},
      {"https://ghe.example.com:8443/api/v3", "https://ghe.example.com:8443/o/n.git", true},
      {"https://ghe.example.com:8443/api/v3", "https://ghe.example.com/o/n.git", false},
      {"https://api.acme.ghe.com", "https://acme.ghe.com/o/n.git", true},
      {"https://api.acme.ghe.com", "https://other.ghe.com/o/n.git", false},
      {"http://127.0.0.1:8080", "http://127.0.0.1:8080/o/n.git", true},
      {"http://127.0.0.1:8080", "http://127.0.0.1:8081/o/n.git", false},
      {"http://127.0.0.1:8080", "https://127.0.0.1:8080/o/n.git", true},
      {"http://ghe.example.com", "https://ghe.example.com/o/n.git", true},
  };

  for (const auto& c : cases) {
    EXPECT_EQ(may_send_token(Url::parse(c.target), Url::parse(c.api)), c.allowed)
        << c.api << " → " << c.target;
  }
}

TEST(MaySendToken, GoesToAnAliasThatIsNamed) {
  const Url api = Url::parse("https://ghe.example.com:8443/api/v3");
  const ApiAliases aliases = {"ghe.internal", "10.0.0.7:444"};
  const std::pair<const char*, bool> cases[] = {
      {"https://ghe.internal/api/v3/user", true}, {"https://GHE.internal:443/o/n.git", true},
      {"https://10.0.0.7:444/o/n.git", true},     {"https://10.0.0.7/o/n.git", false},
      {"https://ghe.internal:8443/", false},      {"http://ghe.internal/api/v3/user", false},
      {"https://a.ghe.internal/", false},         {"https://ghe.internal.example.com/", false},
  };

  for (const auto& [target, allowed] : cases) {
    EXPECT_EQ(may_send_token(Url::parse(target), api, aliases), allowed) << target;
    EXPECT_EQ(is_alias(Url::parse(target), api, aliases), allowed) << target;
    EXPECT_FALSE(may_send_token(Url::parse(target), api)) << target;
  }
}

TEST(GitHost, IsTheApisHostWithoutApi) {
  EXPECT_EQ(git_host(Url::parse("https://api.github.com")), "github.com");
  EXPECT_EQ(git_host(Url::parse("https://API.acme.ghe.com/")), "acme.ghe.com");
  EXPECT_EQ(git_host(Url::parse("https://GHE.example.com:8443/api/v3")), "ghe.example.com:8443");
  EXPECT_EQ(git_host(Url::parse("http://127.0.0.1:80")), "127.0.0.1");
}

}  // namespace
}  // namespace hubkeep
