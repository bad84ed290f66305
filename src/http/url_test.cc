#include "http/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Url, KeepsItsParts) {
  const Url url = Url::parse("HTTPS://API.GitHub.com:8443/user/repos?page=2&x=%20#top");

  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "api.github.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/user/repos");
  EXPECT_EQ(url.query, "page=2&x=%20");
  EXPECT_EQ(url.str(), "https://api.github.com:8443/user/repos?page=2&x=%20");
  EXPECT_EQ(url.without_query(), "https://api.github.com:8443/user/repos");
}

TEST(Url, KnowsThePortsOfItsSchemes) {
  EXPECT_EQ(Url::parse("https://github.com").str(), "https://github.com/");
  EXPECT_EQ(Url::parse("https://github.com:443/x").origin(), "https://github.com");
  EXPECT_EQ(Url::parse("http://github.com:/x").port, 80);
  EXPECT_EQ(Url::parse("http://github.com:443").host_and_port(), "github.com:443");
  EXPECT_EQ(Url::parse("http://[::1]:8080/x").host_and_port(), "[::1]:8080");
  EXPECT_EQ(Url::parse("http://[::1]?q").str(), "http://[::1]/?q");
}

TEST(Url, RefusesWhatIsNoHttpUrl) {
  for (const char* text : {"",
                           "github.com",
                           "ftp://github.com/",
                           "file:///etc/passwd",
                           "https://",
                           "https:///x",
                           "https://:80/",
                           "https://host:0/",
                           "https://host:65536/",
                           "https://host:8o/",
                           "https://host:-1/",
                           "https://a b/",
                           "https://host/a b",
                           "https://host/\n",
                           "https://host/\xc3\xa9",
                           "https://ev\\il/",
                           "https://[::1/",
                           "https://[]/",
                           "https://[::1]x/",
                           "https://%67ithub.com/"}) {
    EXPECT_THROW(Url::parse(text), Error) << text;
  }
}

TEST(Url, RefusesCredentialsWithoutRepeatingThem) {
  for (const char* text : {"https://user:hunter2@github.com/", "https://hunter2@github.com",
                           "user:hunter2@github.com", "https://hunter2\\@github.com/"}) {
    SCOPED_TRACE(text);
    const Error error = error_of([&] { Url::parse(text); });

    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_THAT(error.message(), Not(HasSubstr("hunter2")));
  }
}

TEST(Url, ResolvesReferences) {
  const Url base = Url::parse("https://host:8443/a/b?q=1");

  EXPECT_EQ(base.resolve("http://other/x?y").str(), "http://other/x?y");
  EXPECT_EQ(base.resolve("//other/x").str(), "https://other/x");
  EXPECT_EQ(base.resolve("/x/y?z").str(), "https://host:8443/x/y?z");
  EXPECT_EQ(base.resolve("c").str(), "https://host:8443/a/c");
  EXPECT_EQ(base.resolve("?q=2").str(), "https://host:8443/a/b?q=2");
  EXPECT_EQ(base.resolve("").str(), "https://host:8443/a/b?q=1");
  EXPECT_EQ(base.resolve("../c/./d").str(), "https://host:8443/c/d");
  EXPECT_EQ(base.resolve("..").str(), "https://host:8443/");
  EXPECT_EQ(base.resolve("/x//../../../y/.").str(), "https://host:8443/y/");
  EXPECT_EQ(base.resolve("/redirect?to=http://x").host, "host");
  EXPECT_THROW(base.resolve("javascript:alert(1)"), Error);
  EXPECT_THROW(base.resolve("//user:pw@other/"), Error);
}

TEST(Url, KnowsLoopback) {
  for (const char* text : {"http://localhost", "http://127.0.0.1:80", "http://127.8.9.1", "http://[::1]"}) {
    EXPECT_TRUE(Url::parse(text).is_loopback()) << text;
  }
  for (const char* text : {"http://127.example.com", "http://127.0.0.1.example.com",
                           "http://localhost.example.com", "http://10.0.0.1", "http://[::2]"}) {
    EXPECT_FALSE(Url::parse(text).is_loopback()) << text;
  }
}

TEST(UrlDecode, LeavesWhatIsNoEscape) {
  EXPECT_EQ(url_decode("a%2Fb%20c%3f%C3%A9"), "a/b c?\xc3\xa9");
  EXPECT_EQ(url_decode("+%"), "+%");
  EXPECT_EQ(url_decode("%4%zz%41%"), "%4%zzA%");
}

TEST(UrlEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(url_encode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(url_encode("a/b c?\xc3\xa9%"), "a%2Fb%20c%3F%C3%A9%25");
}

}  // namespace
}  // namespace hubkeep
