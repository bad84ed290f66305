#include "github/attachment_hosts.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

struct Case {
  const char* api;
  const char* url;
  std::optional<DownloadFrom> from;
};

constexpr const char* kApi = "https://api.github.com";

TEST(AttachmentHost, FollowsTheTable) {
  const Case cases[] = {
      {kApi, "https://github.com/user-attachments/assets/x", DownloadFrom::web},
      {kApi, "https://GitHub.com:443/user-attachments/assets/x", DownloadFrom::web},
      {kApi, "https://user-images.githubusercontent.com/1/x.png", DownloadFrom::open},
      {kApi, "https://private-user-images.githubusercontent.com/1/x.png?jwt=y", DownloadFrom::open},
      {kApi, "http://github.com/user-attachments/assets/x", std::nullopt},
      {kApi, "http://user-images.githubusercontent.com/1/x.png", std::nullopt},
      {kApi, "https://github.com:8443/user-attachments/assets/x", std::nullopt},
      {kApi, "https://user-images.githubusercontent.com:8443/1/x.png", std::nullopt},
      {kApi, "https://api.github.com/user", std::nullopt},
      {kApi, "https://github.com.example.com/x", std::nullopt},
      {kApi, "https://evil.githubusercontent.com/x", std::nullopt},
      {kApi, "https://raw.githubusercontent.com/x", std::nullopt},
      {kApi, "https://169.254.169.254/latest/meta-data", std::nullopt},
      {kApi, "https://127.0.0.1/x", std::nullopt},
      {"https://ghe.test/api/v3", "https://ghe.test/user-attachments/assets/x", DownloadFrom::web},
      {"https://ghe.test/api/v3", "https://media.ghe.test/user/1/files/x", DownloadFrom::open},
      {"https://ghe.test/api/v3", "https://github.com/user-attachments/assets/x", std::nullopt},
      {"https://ghe.test/api/v3", "https://user-images.githubusercontent.com/1/x.png", std::nullopt},
      {"https://ghe.test/api/v3", "https://ghe.test:8443/user-attachments/assets/x", std::nullopt},
      {"https://ghe.test:8443/api/v3", "https://ghe.test:8443/files/x", DownloadFrom::web},
      {"https://api.acme.ghe.com", "https://acme.ghe.com/user-attachments/assets/x", DownloadFrom::web},
      {"https://api.acme.ghe.com", "https://media.acme.ghe.com/x", DownloadFrom::open},
      {"https://api.acme.ghe.com", "https://other.ghe.com/x", std::nullopt},
      {"http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/x", DownloadFrom::web},
      {"http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8081/x", DownloadFrom::open},
      {"http://127.0.0.1:8080/api/v3", "http://example.com/x", std::nullopt},
  };

  for (const Case& c : cases)
    EXPECT_EQ(attachment_host(Url::parse(c.url), {Url::parse(c.api)}), c.from) << c.api << " → " << c.url;
}

TEST(AttachmentHost, OfAnotherNameOfTheApiTakesTheToken) {
  const GitHubPlaces places{Url::parse("https://ghe.test/api/v3"), {"git.test"}};

  EXPECT_EQ(attachment_host(Url::parse("https://git.test/files/x"), places), DownloadFrom::web);
  EXPECT_EQ(attachment_host(Url::parse("http://git.test/files/x"), places), std::nullopt);
}

TEST(AttachmentHost, MaySendOnToItsStorageAlone) {
  const GitHubPlaces places{Url::parse(kApi)};
  const auto may = [&](const char* url) { return may_hold_attachments(Url::parse(url), places); };

  EXPECT_TRUE(may("https://private-user-images.githubusercontent.com/1/x.png?jwt=y"));
  EXPECT_TRUE(may("https://objects.githubusercontent.com/x?sig=y"));
  EXPECT_TRUE(may("https://github-production-user-asset-6210df.s3.amazonaws.com/1?X-Amz-Signature=y"));
  EXPECT_FALSE(may("http://objects.githubusercontent.com/x"));
  EXPECT_FALSE(may("https://objects.githubusercontent.com:8443/x"));
  EXPECT_FALSE(may("https://github-production-mine.s3.amazonaws.com/1"));
  EXPECT_FALSE(may("https://10.0.0.1/x"));
}

}  // namespace
}  // namespace hubkeep
