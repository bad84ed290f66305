#include "github/attachment_hosts.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hubkeep {
namespace {

constexpr std::string_view kPublicHost = "github.com";

// Of github.com. They take no token: one answers with 400 where one comes along.
constexpr std::array<std::string_view, 2> kOpenHosts = {"user-images.githubusercontent.com",
                                                        "private-user-images.githubusercontent.com"};

// Where github.com sends its readers on to. Its buckets have names that nobody else can take any more.
constexpr std::array<std::string_view, 5> kStorage = {
    "objects.githubusercontent.com", "release-assets.githubusercontent.com", "media.githubusercontent.com",
    "github-production-user-asset-6210df.s3.amazonaws.com",
    "github-production-repository-file-5c1aeb.s3.amazonaws.com"};

// Of a server with subdomain isolation, and of a subdomain of ghe.com.
constexpr std::array<std::string_view, 2> kOwnSubdomains = {"media.", "objects-origin."};

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& hosts, const std::string& host) {
  return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

bool is_public(const GitHubPlaces& places) {
  return git_host(places.api) == kPublicHost;
}

bool is_less_safe(const Url& url, const GitHubPlaces& places) {
  return places.api.scheme == "https" && url.scheme != "https";
}

bool is_subdomain(const Url& url, const GitHubPlaces& places) {
  return std::any_of(kOwnSubdomains.begin(), kOwnSubdomains.end(), [&](std::string_view label) {
    return url.host_and_port() == std::string(label) + git_host(places.api);
  });
}

// A GitHub on this very machine is a test's, and its other hosts are other ports.
bool is_beside_on_this_machine(const Url& url, const GitHubPlaces& places) {
  return places.api.is_loopback() && url.is_loopback();
}

bool is_open(const Url& url, const GitHubPlaces& places) {
  return is_public(places) ? contains(kOpenHosts, url.host_and_port())
                           : is_subdomain(url, places) || is_beside_on_this_machine(url, places);
}

}  // namespace

std::optional<DownloadFrom> attachment_host(const Url& url, const GitHubPlaces& places) {
  if (is_less_safe(url, places)) return std::nullopt;
  if (url.host_and_port() == git_host(places.api) || is_alias(url, places.api, places.aliases))
    return DownloadFrom::web;
  return is_open(url, places) ? std::optional(DownloadFrom::open) : std::nullopt;
}

bool may_hold_attachments(const Url& target, const GitHubPlaces& places) {
  if (attachment_host(target, places)) return true;
  return !is_less_safe(target, places) && is_public(places) && contains(kStorage, target.host_and_port());
}

}  // namespace hubkeep
