#include "github/attachment_urls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/url.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;

const GitHubPlaces kPlaces{Url::parse("https://api.github.com")};

constexpr const char* kAsset =
    "https://github.com/user-attachments/assets/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11";
constexpr const char* kFile = "https://github.com/user-attachments/files/123/report.tar.gz";
constexpr const char* kOldAsset =
    "https://github.com/acme/site/assets/42/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11";
constexpr const char* kOldFile = "https://github.com/acme/my.site/files/42/a%20b.txt";
constexpr const char* kOpen = "https://user-images.githubusercontent.com/42/123-ab.png";
constexpr const char* kSigned = "https://private-user-images.githubusercontent.com/42/123-ab.png?jwt=a.b-c_d";

TEST(FindAttachments, FindsEachFormHoweverItIsWritten) {
  for (const std::string url : {kAsset, kFile, kOldAsset, kOldFile, kOpen, kSigned}) {
    const std::string texts[] = {url,
                                 "![image](" + url + ")",
                                 "[file](" + url + ")",
                                 "[file](<" + url + "> \"title\")",
                                 "[1]: " + url,
                                 "<img width=\"1\" src=\"" + url + "\" />",
                                 "<a href='" + url + "'>x</a>",
                                 "<video src=" + url + ">",
                                 "<" + url + ">",
                                 "see " + url + ".",
                                 "see " + url + ", and",
                                 "(" + url + ")",
                                 "**" + url + "**",
                                 "`" + url + "`",
                                 "|" + url + "|",
                                 url + "\r\nmore",
                                 url + "#part",
                                 url + "\n" + url};
    for (const std::string& text : texts)
      EXPECT_THAT(find_attachments(text, kPlaces), ElementsAre(url)) << text;
  }
}

TEST(FindAttachments, FindsNothingThatOnlyLooksLikeOne) {
  for (const char* text :
       {"",
        "https://",
        "https://github.com",
        "https://github.com/user-attachments/assets/",
        "https://github.com/user-attachments/assets/0b5d9f0c",
        "https://github.com/user-attachments/assets/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11x",
        "https://github.com/user-attachments/assets/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11/more",
        "https://github.com/user-attachments/assets/0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7czz",
        "https://github.com/user-attachments/files/x/report.txt",
        "https://github.com/user-attachments/files/1/..",
        "https://github.com/user-attachments/files/1/%2e%2e",
        "https://github.com/user-attachments/files/1/a%2fb",
        "https://github.com/user-attachments/files/1/a%0a",
        "https://github.com/user-attachments/files/1/a%zz",
        "https://github.com/user-attachments/files/1/",
        "https://github.com/acme/site/files/x/a.txt",
        "https://github.com/acme/site/pull/1/files",
        "https://github.com/acme/../files/1/a.txt",
        "https://github.com/acme/site/releases/download/v1/a.zip",
        "https://github.com/acme/site/assets/1",
        "http://user-images.githubusercontent.com/42/1.png",
        "http://github.com/user-attachments/files/1/a",
        "https://raw.githubusercontent.com/42/1.png",
        "https://github.com:8443/user-attachments/files/1/a",
        "https://github.com.example.com/user-attachments/files/1/a",
        "https://user@github.com/user-attachments/files/1/a",
        "https://example.com/?to=https://github.com/user-attachments/files/1/a",
        "xhttps://github.com/user-attachments/files/1/a",
        "https://169.254.169.254/42/1.png",
        "https://user-images.githubusercontent.com/latest/meta-data"})
    EXPECT_THAT(find_attachments(text, kPlaces), ElementsAre()) << text;
}

TEST(FindAttachments, GivesEachOnceInTheOrderOfTheText) {
  const std::string text = std::string(kFile) + " " + kAsset + " " + kFile + " " + kSigned + "x " + kSigned;

  EXPECT_THAT(find_attachments(text, kPlaces), ElementsAre(kFile, kAsset, std::string(kSigned) + "x"));
}

TEST(FindAttachments, WritesEachInOneForm) {
  const auto form_of = [](const std::string& text) { return find_attachments(text, kPlaces); };

  EXPECT_THAT(form_of("https://GitHub.com:443/user-attachments/files/1/a?raw=1"),
              ElementsAre("https://github.com/user-attachments/files/1/a"));
  EXPECT_THAT(form_of("https://github.com/user-attachments/files/1/\xc3\xa4.txt"),
              ElementsAre("https://github.com/user-attachments/files/1/%C3%A4.txt"));
  EXPECT_THAT(form_of("https://private-user-images.githubusercontent.com/4/1.png?x=1&amp;jwt=a.b.c"),
              ElementsAre("https://private-user-images.githubusercontent.com/4/1.png?jwt=a.b.c"));
}

TEST(FindAttachments, OfAServerAreItsOwn) {
  const GitHubPlaces places{Url::parse("https://ghe.test/api/v3")};
  const std::string text = "https://media.ghe.test/user/4/files/0b5d9f0c https://ghe.test/a/b/files/1/x " +
                           std::string(kAsset) + " " + kOpen;

  EXPECT_THAT(find_attachments(text, places),
              ElementsAre("https://media.ghe.test/user/4/files/0b5d9f0c", "https://ghe.test/a/b/files/1/x"));
}

TEST(FindAttachments, OfAServerOnThisMachineLieOnOtherPorts) {
  const GitHubPlaces places{Url::parse("http://127.0.0.1:8080/api/v3")};
  const std::string uuid = "0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11";
  const std::string urls[] = {
      "http://127.0.0.1:8080/user-attachments/assets/" + uuid,
      "http://127.0.0.1:8081/user-images/400001/" + uuid,
      "http://127.0.0.1:8081/private-user-images/user-attachments/assets/" + uuid + "?jwt=a.b.c"};

  for (const std::string& url : urls) EXPECT_THAT(find_attachments(url, places), ElementsAre(url));
  EXPECT_THAT(find_attachments("http://127.0.0.1:8081/user-attachments/assets/" + uuid, places),
              ElementsAre());
}

TEST(Attachment, IsRememberedWithoutItsSignatureAndNamedByItsFile) {
  EXPECT_EQ(attachment_identity(kSigned), "https://private-user-images.githubusercontent.com/42/123-ab.png");
  EXPECT_EQ(attachment_name(kOldFile), "a b.txt");
  EXPECT_EQ(attachment_name(kSigned), "123-ab.png");
}

}  // namespace
}  // namespace hubkeep
