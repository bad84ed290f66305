// FakeS3's lists of objects, in both versions of the protocol.
#include <fmt/format.h>

#include "base/text.h"
#include "http/url.h"
#include "s3/fake_s3.h"

namespace hubkeep {
namespace {

constexpr std::size_t kListPage = 1000;  // AWS: what is listed in one answer

}  // namespace

// The first version goes on from a marker, the second from a token, and begins after `start-after`.
FakeS3::ListQuery FakeS3::list_query(const sim::HttpRequest& request) const {
  const auto query = sim::parse_query(request.query);
  const auto given = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  const bool is_v2 = query.contains("list-type") && extensions.no_list_v2 == Lack::none;
  const bool starts = is_v2 && extensions.no_start_after == Lack::none;
  return {.is_v2 = is_v2,
          .encodes = given("encoding-type") == "url" && extensions.no_encoding_type == Lack::none,
          .prefix = given("prefix"),
          .delimiter = given("delimiter"),
          .after = is_v2 ? std::max(given("continuation-token"), starts ? given("start-after") : "")
                         : given("marker")};
}

sim::HttpResponse FakeS3::list(const sim::HttpRequest& request) const {
  const ListQuery query = list_query(request);
  const auto named = [&](const std::string& name) {
    return query.encodes ? url_encode(name) : xml_text(name);
  };
  const std::string root = request.path + "/";
  std::map<std::string, std::string> entries;  // by name, which is a key or what keys have in common
  bool is_cut = false;
  for (const auto& [path, object] : objects_) {
    if (!path.starts_with(root + query.prefix)) continue;
    const std::string key = path.substr(root.size());
    const auto slash = query.delimiter.empty() ? std::string::npos : key.find('/', query.prefix.size());
    const std::string name = slash == std::string::npos ? key : key.substr(0, slash + 1);
    if (name <= query.after) continue;
    is_cut = entries.size() == kListPage && !entries.contains(name);
    if (is_cut) break;
    entries[name] = slash == std::string::npos
                        ? fmt::format(
                              "<Contents><Key>{}</Key><Size>{}</Size><LastModified>2026-11-23T18:45:01.000Z"
                              "</LastModified><StorageClass>{}</StorageClass></Contents>",
                              named(key), object.bytes.size(),
                              object.storage_class.empty() ? "STANDARD" : object.storage_class)
                        : fmt::format("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", named(name));
  }
  std::string xml = fmt::format("<IsTruncated>{}</IsTruncated>", is_cut);
  if (query.encodes) xml += "<EncodingType>url</EncodingType>";
  // The first version names where it goes on only where there is a delimiter: else it is the last key.
  if (is_cut && query.is_v2)
    xml +=
        fmt::format("<NextContinuationToken>{}</NextContinuationToken>", xml_text(entries.rbegin()->first));
  else if (is_cut && !query.delimiter.empty())
    xml += fmt::format("<NextMarker>{}</NextMarker>", named(entries.rbegin()->first));
  for (const auto& [name, entry] : entries) xml += entry;
  return {.status = 200, .body = "<ListBucketResult>" + xml + "</ListBucketResult>"};
}

}  // namespace hubkeep
