#include <gtest/gtest.h>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

class Attachments : public SimTest {
 protected:
  Attachments() {
    world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
    world.add_token(Token{.value = "fine", .login = "acme", .kind = TokenKind::fine_grained});
    world.add_token(Token{.value = "narrow", .login = "acme", .scopes = {"gist"}});
    world.add_token("other", "another's");
    world.add_app({.id = 12, .owner = "acme"});
  }

  std::string add(RepositoryId repository, AttachmentPlace place) {
    return world.add_attachment({.place = place,
                                 .repository = repository,
                                 .name = "notes.txt",
                                 .content_type = "text/plain",
                                 .content = content_of("attached")});
  }
  ClientResponse get(const std::string& path, const std::string& who) {
    return http_get(github.origin() + path,
                    who.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + who}});
  }

  RepositoryId open = world.add_repository("acme", "open");
  RepositoryId secret = world.add_repository("acme", "secret", {.is_private = true});
  const std::vector<AttachmentPlace> places = {AttachmentPlace::user_assets, AttachmentPlace::user_files,
                                               AttachmentPlace::repository_assets,
                                               AttachmentPlace::repository_files};
};

TEST_F(Attachments, OfAPrivateRepositoryAreForClassicTokensThatSeeIt) {
  const std::string app =
      world.add_installation_token(*world.find_installation(world.install(12, "acme"))).value;

  for (const AttachmentPlace place : places) {
    const std::string path = add(secret, place);

    const ClientResponse redirect = get(path, token);
    EXPECT_EQ(redirect.status, 302) << path;
    EXPECT_EQ(http_get(redirect.header("Location")).body, "attached");
    EXPECT_EQ(http_get(redirect.header("Location")).header("Content-Disposition"),
              "attachment; filename=notes.txt");
    for (const std::string who : {"", "fine", "narrow", "another's", "wrong", app.c_str()})
      EXPECT_EQ(get(path, who).status, 404) << path << " for " << who;
  }
}

TEST_F(Attachments, OfAPublicRepositoryAreForEverybody) {
  for (const AttachmentPlace place : places) {
    const std::string path = add(open, place);

    for (const std::string who : {"", "fine", "another's"}) {
      const ClientResponse redirect = get(path, who);
      EXPECT_EQ(redirect.status, 302) << path << " for " << who;
      EXPECT_EQ(http_get(redirect.header("Location")).body, "attached");
    }
    world.remove_attachment(path);
    EXPECT_EQ(get(path, token).status, 404);
  }
}

TEST_F(Attachments, LieOnAHostThatRefusesATokenAndForgetsItsAddresses) {
  const std::string location = get(add(secret, AttachmentPlace::user_files), token).header("Location");

  EXPECT_FALSE(location.starts_with(github.origin() + "/"));
  EXPECT_EQ(http_get(location, {{"Authorization", "Bearer " + token}}).status, 400);
  EXPECT_EQ(http_get(location, {{"Range", "bytes=6-"}}).body, "ed");
  world.advance(std::chrono::minutes(5));
  EXPECT_EQ(http_get(location).status, 403);
}

TEST_F(Attachments, ThatAreUserImagesArePublicButWantNoToken) {
  const std::string url = github.media_host().address(add(secret, AttachmentPlace::user_images));

  EXPECT_EQ(http_get(url).body, "attached");
  EXPECT_EQ(http_get(url, {{"Authorization", "Bearer " + token}}).status, 400);
}

TEST_F(Attachments, ThatArePrivateImagesHaveATokenInTheirAddressForFiveMinutes) {
  const std::string path = add(secret, AttachmentPlace::user_assets);
  const std::string url = github.attachments().private_image_address(path);

  EXPECT_NE(url.find("/private-user-images/"), std::string::npos);
  EXPECT_EQ(http_get(url).body, "attached");
  EXPECT_EQ(http_get(url, {{"Authorization", "Bearer " + token}}).status, 400);
  EXPECT_EQ(http_get(url.substr(0, url.find('?'))).status, 404);
  world.advance(std::chrono::minutes(5));
  EXPECT_EQ(http_get(url).status, 404);
}

TEST_F(Attachments, AreAskedForAtTheWebHost) {
  const std::string path = add(open, AttachmentPlace::repository_files);
  github.clear_log();

  get(path, token);
  get("/user-attachments/assets/none", token);

  EXPECT_EQ(github.count(RequestKind::web), 2U);
  EXPECT_EQ(github.log().front().status, 302);
  EXPECT_EQ(github.log().back().status, 404);
}

}  // namespace
}  // namespace hubkeep::sim
