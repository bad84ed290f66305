#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/sim_fixture.h"

namespace hubkeep::sim {
namespace {

using nlohmann::json;

class Releases : public SimTest {
 protected:
  json list(const std::string& who = "ghp_secret", const std::string& query = "") {
    const Headers headers = who.empty() ? Headers{} : Headers{{"Authorization", "Bearer " + who}};
    return json::parse(api_get("/repos/acme/site/releases" + query, headers).body);
  }

  RepositoryId site = world.add_repository("acme", "site");
};

TEST_F(Releases, AreListedNewestFirstWithTheirAssets) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  world.add_release(site, {.tag = "v1", .name = "One", .body = "First"});
  world.advance(std::chrono::seconds(60));
  const ReleaseId second = world.add_release(site, {.tag = "v2", .prerelease = true});
  world.add_asset(second, {.name = "site.tar.gz", .label = "All of it", .content = content_of("abc")});

  const json releases = list();

  ASSERT_EQ(releases.size(), 2U);
  EXPECT_EQ(releases[0]["tag_name"], "v2");
  EXPECT_EQ(releases[0]["prerelease"], true);
  EXPECT_EQ(releases[1]["body"], "First");
  EXPECT_EQ(releases[1]["published_at"], "2027-01-15T08:00:00Z");
  const json asset = releases[0]["assets"].at(0);
  EXPECT_EQ(asset["size"], 3);
  EXPECT_EQ(asset["label"], "All of it");
  EXPECT_EQ(asset["digest"], "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(json::parse(http_get(asset["url"], {{"Accept", "application/json"}}).body), asset);
}

TEST_F(Releases, OfADraftKnowsOnlyWhoMayPush) {
  world.add_token("other", "ghp_other");
  const ReleaseId draft = world.add_release(site, {.tag = "v1", .draft = true});
  const AssetId asset = world.add_asset(draft, {.name = "a"});
  const auto status = [&](const std::string& path) {
    return api_get(path, {{"Authorization", "Bearer ghp_other"}}).status;
  };

  EXPECT_EQ(list().size(), 1U);
  EXPECT_TRUE(list()[0]["published_at"].is_null());
  EXPECT_EQ(list("ghp_other").size(), 0U);
  EXPECT_EQ(list("").size(), 0U);
  EXPECT_EQ(status(fmt::format("/repos/acme/site/releases/{}", draft)), 404);
  EXPECT_EQ(status(fmt::format("/repos/acme/site/releases/assets/{}", asset)), 404);

  world.edit_release(draft, [](Release& release) { release.draft = false; });

  EXPECT_EQ(list("").size(), 1U);
  EXPECT_FALSE(list("")[0]["published_at"].is_null());
  EXPECT_EQ(status(fmt::format("/repos/acme/site/releases/assets/{}", asset)), 200);
}

TEST_F(Releases, AreListedInPagesWhoseLinksHaveTheId) {
  for (int i = 0; i < 5; ++i) world.add_release(site, {.tag = fmt::format("v{}", i)});

  const ClientResponse page = api_get("/repos/acme/site/releases?per_page=2&page=2");

  EXPECT_EQ(json::parse(page.body).size(), 2U);
  EXPECT_NE(page.header("Link").find(fmt::format(
                "<{}/repositories/{}/releases?page=3&per_page=2>; rel=\"next\"", github.api_url(), site)),
            std::string::npos)
      << page.header("Link");
}

TEST_F(Releases, OfAnOldNameAreWhereTheIdLeads) {
  world.add_release(site, {.tag = "v1"});
  world.rename(site, "pages");

  const ClientResponse old_name = api_get("/repos/acme/site/releases?per_page=100");

  EXPECT_EQ(old_name.status, 301);
  EXPECT_EQ(old_name.header("Location"),
            fmt::format("{}/repositories/{}/releases?per_page=100", github.api_url(), site));
  EXPECT_EQ(json::parse(http_get(old_name.header("Location")).body).at(0).at("tag_name"), "v1");
}

TEST_F(Releases, HaveAnEntityTagThatChangesWithThem) {
  const ReleaseId release = world.add_release(site, {.tag = "v1"});
  const auto status = [&](const std::string& tag) {
    return api_get("/repos/acme/site/releases", {{"If-None-Match", tag}}).status;
  };
  const std::string before = api_get("/repos/acme/site/releases").header("ETag");

  EXPECT_EQ(status(before), 304);
  world.edit_release(release, [](Release& each) { each.body = "More"; });
  EXPECT_EQ(status(before), 200);
}

TEST_F(Releases, AreHiddenWithTheirRepository) {
  const RepositoryId secret = world.add_repository("acme", "secret", {.is_private = true});
  const AssetId asset = world.add_asset(world.add_release(secret, {.tag = "v1"}), {.name = "a"});

  EXPECT_EQ(api_get("/repos/acme/secret/releases").status, 404);
  EXPECT_EQ(api_get(fmt::format("/repos/acme/secret/releases/assets/{}", asset)).status, 404);
  EXPECT_EQ(api_get_as_acme("/repos/acme/secret/releases").status, 200);
  EXPECT_EQ(api_get_as_acme(fmt::format("/repos/acme/site/releases/assets/{}", asset)).status, 404)
      << "the asset is another repository's";
}

TEST_F(Releases, ReplaceAnAssetByOneOfTheSameNameWithAnotherId) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  const ReleaseId release = world.add_release(site, {.tag = "v1"});
  const AssetId before = world.add_asset(release, {.name = "a", .content = content_of("old")});
  world.count_download(before);
  world.advance(std::chrono::seconds(60));

  EXPECT_EQ(list()[0]["assets"][0]["download_count"], 1);
  EXPECT_EQ(list()[0]["updated_at"], "2027-01-15T08:00:00Z");
  const AssetId after = world.replace_asset(before, content_of("newer"));

  const json asset = list()[0]["assets"].at(0);
  EXPECT_NE(after, before);
  EXPECT_EQ(asset["id"], after);
  EXPECT_EQ(asset["name"], "a");
  EXPECT_EQ(asset["size"], 5);
  EXPECT_EQ(asset["download_count"], 0);
  EXPECT_EQ(list()[0]["updated_at"], "2027-01-15T08:01:00Z");
  EXPECT_EQ(api_get(fmt::format("/repos/acme/site/releases/assets/{}", before)).status, 404);
}

TEST_F(Releases, AndAssetsThatAreRemovedAreGone) {
  const ReleaseId first = world.add_release(site, {.tag = "v1"});
  const ReleaseId second = world.add_release(site, {.tag = "v2"});
  world.remove_asset(world.add_asset(second, {.name = "a"}));
  const AssetId open = world.add_asset(second, {.name = "b"});
  world.edit_asset(open, [](ReleaseAsset& asset) {
    asset.uploaded = false;
    asset.digest.reset();
  });

  world.remove_release(first);

  ASSERT_EQ(list().size(), 1U);
  ASSERT_EQ(list()[0]["assets"].size(), 1U);
  EXPECT_EQ(list()[0]["assets"][0]["state"], "open");
  EXPECT_TRUE(list()[0]["assets"][0]["digest"].is_null());
}

TEST_F(Releases, GiveTheBytesOfAnAssetFromAnotherHostThatWantsNoToken) {
  world.set_time(UtcTime(std::chrono::seconds(1'800'000'000)));
  const RepositoryId secret = world.add_repository("acme", "secret", {.is_private = true});
  const AssetId asset = world.add_asset(
      world.add_release(secret, {.tag = "v1"}),
      {.name = "a.zip", .content_type = "application/zip", .content = content_of("0123456789")});
  const std::string path = fmt::format("/repos/acme/secret/releases/assets/{}", asset);
  const auto ask = [&](const std::string& who) {
    return api_get(path, {{"Accept", "application/octet-stream"}, {"Authorization", "Bearer " + who}});
  };

  const ClientResponse redirect = ask(token);
  const std::string location = redirect.header("Location");
  const ClientResponse bytes = http_get(location);
  const ClientResponse part = http_get(location, {{"Range", "bytes=7-"}});
  const int with_token = http_get(location, {{"Authorization", "Bearer " + token}}).status;
  world.advance(std::chrono::minutes(5));

  EXPECT_EQ(redirect.status, 302);
  EXPECT_FALSE(location.starts_with(github.origin() + "/")) << location;
  EXPECT_EQ(bytes.status, 200);
  EXPECT_EQ(bytes.body, "0123456789");
  EXPECT_EQ(bytes.header("Content-Type"), "application/zip");
  EXPECT_EQ(bytes.header("Content-Disposition"), "attachment; filename=a.zip");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "789");
  EXPECT_EQ(with_token, 400);
  EXPECT_EQ(github.media_host().tokens_seen(), 1U);
  EXPECT_EQ(http_get(location).status, 403);
  EXPECT_EQ(json::parse(api_get_as_acme(path).body)["download_count"], 1);
  EXPECT_EQ(ask("ghp_wrong").status, 401);
  world.add_token("other", "ghp_other");
  EXPECT_EQ(ask("ghp_other").status, 404);
}

TEST_F(Releases, HaveAssetsOfAnySizeWithADigestOrNone) {
  const ReleaseId release = world.add_release(site, {.tag = "v1"});
  const AssetId asset = world.add_asset(
      release, {.name = "a", .content = repeating_content("x", 1ULL << 40), .digest = "sha256:00"});
  world.edit_asset(asset, [](ReleaseAsset& each) { each.digest.reset(); });
  const std::string path = fmt::format("/repos/acme/site/releases/assets/{}", asset);

  EXPECT_EQ(list()[0]["assets"][0]["size"], 1ULL << 40);
  EXPECT_TRUE(list()[0]["assets"][0]["digest"].is_null());
  const ClientResponse redirect = api_get(path, {{"Accept", "application/octet-stream"}});
  EXPECT_EQ(http_get(redirect.header("Location"), {{"Range", "bytes=1099511627774-"}}).body, "xx");
}

}  // namespace
}  // namespace hubkeep::sim
