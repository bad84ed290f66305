#include "http/redirect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_of.h"

namespace hubkeep {
namespace {

std::optional<Url> target_of(int status, const std::string& location,
                             const std::string& from = "https://a.test/x?y") {
  return redirect_target(
      {.status = status, .headers = {{"location", location}}, .body = "", .url = Url::parse(from)});
}

TEST(RedirectTarget, IsTheLocationOfARedirect) {
  for (const int status : {301, 302, 303, 307, 308}) {
    ASSERT_TRUE(target_of(status, "/new").has_value()) << status;
    EXPECT_EQ(target_of(status, "https://b.test/z")->str(), "https://b.test/z");
  }
  EXPECT_EQ(target_of(301, "/new")->str(), "https://a.test/new");
  EXPECT_EQ(target_of(301, "http://b.test/", "http://a.test/")->str(), "http://b.test/");
}

TEST(RedirectTarget, IsNothingForOtherAnswers) {
  for (const int status : {200, 300, 304, 404}) EXPECT_FALSE(target_of(status, "/new").has_value()) << status;

  EXPECT_FALSE(
      redirect_target({.status = 301, .headers = {}, .body = "", .url = Url::parse("http://a.test")}));
}

TEST(RedirectTarget, RefusesToLeaveEncryptionBehind) {
  const Error error = error_of([&] { target_of(302, "http://a.test/new?secret=1"); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_EQ(error.message(),
            "https://a.test/x redirects to http://a.test: refused, the way on would not be encrypted");
}

TEST(RedirectTarget, RefusesWhatIsNoUsableUrl) {
  for (const char* location :
       {"ftp://a.test/", "https://user:pw@b.test/", "https://", "file:///etc/passwd"}) {
    EXPECT_THROW(target_of(301, location), Error) << location;
  }
}

}  // namespace
}  // namespace hubkeep
