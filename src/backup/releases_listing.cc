#include "backup/releases_listing.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "vault/json_integer.h"

namespace hubkeep {
namespace {

constexpr std::size_t kLongestName = 1024;

// "sha256:2151b604e3429bff440b9fbc03eb3617bc2603cda96c95b9bb05277f9ddba255"; older assets have none.
std::string sha256_of(const nlohmann::json& asset) {
  constexpr std::string_view kKind = "sha256:";
  constexpr std::size_t kDigits = 64;
  const auto digest = asset.find("digest");
  if (digest == asset.end() || !digest->is_string()) return "";
  const std::string text = to_lower(digest->get<std::string>());
  const std::string hash = text.starts_with(kKind) ? text.substr(kKind.size()) : "";
  const bool is_hash =
      hash.size() == kDigits && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash ? hash : "";
}

ReleaseAsset read_asset(const nlohmann::json& json, ReleaseId release) {
  ReleaseAsset asset{.id = integer_from_json<AssetId>(json.at("id")),
                     .release = release,
                     .name = json.at("name").get<std::string>().substr(0, kLongestName),
                     .size = integer_from_json<ByteCount>(json.at("size")),
                     .sha256 = sha256_of(json),
                     .is_uploaded = json.at("state") == "uploaded"};
  if (asset.id <= 0) throw Error(ErrorKind::corrupt, "an asset without an id");
  if (!is_utf8(asset.name)) asset.name = printable(asset.name);  // it was cut in a character
  return asset;
}

}  // namespace

ReadRelease read_release(std::string_view text) {
  try {
    const nlohmann::json json = parse_json(text, kReleaseLimits.line);
    ReadRelease release{.id = integer_from_json<ReleaseId>(json.at("id"))};
    for (const nlohmann::json& asset : json.at("assets"))
      release.assets.push_back(read_asset(asset, release.id));
    const auto body = json.find("body");
    if (body != json.end() && body->is_string()) release.body = body->get<std::string>();
    return release;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::corrupt, std::string("not a release: ") + printable(error.what()));
  }
}

ReleasesListing read_releases(RepositoryWork& work, const ReleaseQuestion& question,
                              const std::string& document_key,
                              const std::function<void(const std::string&)>& on_body) {
  const BackupContext& context = work.context();
  ReleasesListing listing;
  const auto write = [&](std::string_view item) {
    if (!listing.document)
      listing.document.reset(
          new RecordedWriter(context.vault.objects().create(work.folder(), document_key)));  // cannot move
    // In JSON a line feed stands between tokens alone; a space there says the same.
    std::string line(item);
    std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    listing.document->write(line + "\n");
  };
  const ReleaseReader reader{.begin = [&] { listing = {}; },
                             .item =
                                 [&](std::string_view item) {
                                   ReadRelease release = read_release(item);
                                   if (!listing.hashes.emplace(release.id, hash_of_release(item)).second)
                                     return;
                                   write(item);
                                   listing.assets.insert(listing.assets.end(),
                                                         std::make_move_iterator(release.assets.begin()),
                                                         std::make_move_iterator(release.assets.end()));
                                   on_body(release.body);
                                 }};
  ReleaseListEnd end = list_releases(context.github.api(), question, reader, work.stop());
  listing.end = std::move(end);
  return listing;
}

}  // namespace hubkeep
