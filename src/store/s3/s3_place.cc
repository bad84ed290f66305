// What the server can do is S3Server's to know: everything is written and read through an S3Store as a backup
// has it, and only then is said what was learnt on the way. What is asked besides is how the bucket is set
// up. That is asked once and not insisted on: those who may write need not be allowed to see it.
//
// A bucket that locks all that is written is not written to, since nobody could remove it. A bucket that
// keeps versions keeps what was removed: there each version is removed by its name.
#include "store/s3/s3_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <set>

#include "aws/xml.h"
#include "base/error.h"
#include "base/text.h"
#include "http/clock_watch.h"
#include "store/s3/s3_server.h"

namespace hubkeep {
namespace {

constexpr const char* kClassKey = "class";
constexpr ByteCount kLargestAnswer = ByteCount{1} << 20;
constexpr int kNotFound = 404;

S3Options options_aside(S3Options options) {
  options.is_content = [](const ObjectKey& key) { return key == kClassKey; };
  options.is_ours = [](const ObjectKey&) { return true; };
  options.lock.reset();
  options.parts = {};  // the smallest
  return options;
}

S3Location aside_of(S3Location location, const std::string& name) {
  location.prefix += name;
  return location;
}

// What hubkeep does where the server lacks it; docs/s3-servers.md has a row for each, and says which check of
// the bytes stands in.
struct FeatureText {
  S3Feature feature;
  std::string_view thing;
  std::string_view instead;
};
constexpr std::array<FeatureText, kS3Features> kFeatures = {{
    {S3Feature::checksums, "checksum of an object",
     "Content-MD5 goes along in its place, and the answer's ETag is compared"},
    {S3Feature::upload_checksums, "checksums of parts",
     "Content-MD5 goes along with each part, and its ETag is compared"},
    {S3Feature::whole_checksums, "checksum of a whole",
     "each part is checked for itself, and the whole by its ETag or size"},
    {S3Feature::checksum_mode, "checksums told later",
     "verify compares sizes; verify --read-data compares every byte"},
    {S3Feature::md5_etags, "ETags that are MD5s",
     "the first object was read back; after that, size and checksum are asked for"},
    {S3Feature::if_none_match, "If-None-Match", "hubkeep looks before it writes: runs must not overlap"},
    {S3Feature::if_match, "If-Match", "hubkeep looks before it writes: runs must not overlap"},
    {S3Feature::quoted_etags, "If-Match with quotes", "the ETag is sent without its quotes"},
    {S3Feature::list_v2, "ListObjectsV2", "lists come by ListObjects"},
    {S3Feature::start_after, "start-after", "hubkeep leaves out what comes before"},
    {S3Feature::encoding_type, "encoding-type", "keys are taken as they come: a vault's need no encoding"},
    {S3Feature::list_of_uploads, "ListMultipartUploads",
     "what killed runs leave stays, unless a rule of the bucket aborts it"},
    {S3Feature::deletion_of_many, "DeleteObjects", "objects are removed one by one"},
}};

// Where no checksum is taken, nobody asks for those of a whole and its parts.
Known known_of(const S3Server& server, S3Feature feature) {
  const bool needs_checksums =
      feature == S3Feature::whole_checksums || feature == S3Feature::upload_checksums;
  const bool is_lacking = needs_checksums && server.lacks(S3Feature::checksums);
  return is_lacking && server.knows(feature) == Known::unknown ? Known::no : server.knows(feature);
}

PlaceFinding finding_of(const FeatureText& text, Known known) {
  PlaceFinding finding{.thing = std::string(text.thing)};
  if (known == Known::no) {
    finding.verdict = PlaceVerdict::without;
    finding.text = text.instead;
  } else if (known == Known::unknown) {
    finding.verdict = PlaceVerdict::not_tried;
    finding.text = "no answer has shown it";
  }
  return finding;
}

struct StoredVersion {
  std::string key;
  std::string id;
};

// A page of ListObjectVersions: what doctor writes is less. Without encoding-type: these keys need none.
std::vector<StoredVersion> parse_versions(std::string_view xml) {
  pugi::xml_document document;
  const pugi::xml_node root =
      load_xml(document, xml) ? document.child("ListVersionsResult") : pugi::xml_node();
  if (!root) throw Error(ErrorKind::transient, "the server's answer is not a complete ListVersionsResult");
  std::vector<StoredVersion> versions;
  for (const char* name : {"Version", "DeleteMarker"})
    for (const auto& entry : root.children(name))
      versions.push_back({entry.child_value("Key"), entry.child_value("VersionId")});
  return versions;
}

std::string describe_retention(const pugi::xml_node& retention) {
  const std::string days = retention.child_value("Days");
  const std::string years = retention.child_value("Years");
  return printable(fmt::format("{} {}, {}", days.empty() ? years : days, days.empty() ? "years" : "days",
                               retention.child_value("Mode")));
}

}  // namespace

S3Place::S3Place(const S3Services& services, const S3Bucket& bucket, std::string name, S3Options options,
                 S3Observer observer, S3Wishes wishes)
    : location_(bucket.location),
      name_(std::move(name)),
      region_(bucket.region),
      wishes_(wishes),
      store_(services, aside_of(location_, name_), bucket.region, bucket.endpoint,
             options_aside(std::move(options)), std::move(observer)),
      client_(store_.client()) {}

std::string S3Place::description() const {
  std::string text = "s3://" + location_.bucket + "/" + location_.prefix;
  text.pop_back();
  return printable(text);
}

ObjectKey S3Place::key_of_class() const {
  return store_.options().storage_class.empty() ? "" : kClassKey;
}

FirstLook S3Place::look(const std::stop_token& stop) {
  FirstLook look;
  look.may_write = reach(look.findings);
  if (!look.may_write) return look;
  look.findings.push_back(clock());
  look.findings.push_back(versioning(stop));
  look.findings.push_back(object_lock(stop, look));
  return look;
}

// One list tells most of it: which of the things before a list has failed shows in the kind of its Error.
bool S3Place::reach(std::vector<PlaceFinding>& findings) {
  std::optional<Error> failure;
  try {
    store_.list("", "", [](const ObjectInfo&) { return false; });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    if (error.kind() != ErrorKind::forbidden) failure = error;  // is told where lists are tried
  }
  // Not every server tells the time; and where there are no keys, none was asked.
  const bool is_of_keys = failure && failure->kind() == ErrorKind::unauthorized;
  const bool has_answered = client_.server_time().has_value() ||
                            (failure && !is_of_keys && failure->kind() != ErrorKind::transient);
  if (!failure || has_answered) findings.push_back(address());
  if (failure && !has_answered && !is_of_keys) {
    findings.push_back({"reach the server", PlaceVerdict::missing, failure->message()});
    return false;
  }
  if (is_of_keys) {
    findings.push_back({"credentials", PlaceVerdict::missing, failure->message()});
    return false;
  }
  findings.push_back({"credentials", PlaceVerdict::ok, "accepted"});
  if (failure) {
    findings.push_back({"bucket", PlaceVerdict::missing, failure->message()});
    return false;
  }
  const std::string region = client_.address().region;
  findings.push_back({"bucket", PlaceVerdict::ok,
                      region == region_
                          ? "region " + printable(region)
                          : fmt::format("in the region {}, not {}: --region {} saves a request",
                                        printable(region), printable(region_), printable(region))});
  return true;
}

PlaceFinding S3Place::address() const {
  const Url url = s3_url(client_.address(), "", {});
  PlaceFinding finding{.thing = "reach the server", .text = url.origin()};
  if (url.scheme == "https") {
    finding.text += ", certificate checked";
  } else if (url.is_loopback()) {
    finding.text += ", without TLS on this machine";
  } else {
    finding.verdict = PlaceVerdict::without;
    finding.text += ": without TLS, what is saved can be read on its way";
  }
  return finding;
}

PlaceFinding S3Place::clock() {
  const auto time = client_.server_time();
  if (!time) return {"clock", PlaceVerdict::not_tried, "the server does not tell the time"};
  const std::chrono::seconds ahead = client_.clock().now() - *time;
  if (!is_off(ahead))
    return {"clock", PlaceVerdict::ok,
            ahead.count() == 0 ? "the same as the server's"
                               : describe_duration(ahead) + " apart from the server's"};
  const std::string text = describe_clock("this machine", ahead, "the server's");
  if (!wishes_.object_lock)
    return {"clock", PlaceVerdict::without, text + ": requests are signed by the server's"};
  return {"clock", PlaceVerdict::missing,
          text + ": nothing is locked by a wrong clock: set the one that is wrong"};
}

std::string S3Place::ask(const std::string& what, std::string_view action, const std::stop_token& stop) {
  S3Request request{.method = "GET", .query = {{what, ""}}, .action = action};
  StringSink body(kLargestAnswer, what);
  client_.send_once(request, &body, stop);
  return body.take();
}

PlaceFinding S3Place::versioning(const std::stop_token& stop) {
  PlaceFinding finding{.thing = "versions"};
  try {
    pugi::xml_document document;
    load_xml(document, ask("versioning", "s3:GetBucketVersioning", stop));
    const std::string status = document.child("VersioningConfiguration").child_value("Status");
    may_keep_versions_ = !status.empty();
    finding.text = status.empty() ? "off"
                   : status == "Enabled"
                       ? "on: what is replaced stays as an older version, until a rule of the "
                         "bucket removes it"
                       : printable(to_lower(status));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    finding.verdict =
        error.kind() == ErrorKind::forbidden ? PlaceVerdict::not_permitted : PlaceVerdict::not_tried;
    finding.text = "whether the bucket keeps them is not known. " + error.message();
  }
  return finding;
}

// AWS says that there are none by a 404 with a code of its own, others by an answer without Enabled.
PlaceFinding S3Place::object_lock(const std::stop_token& stop, FirstLook& look) {
  constexpr std::string_view kNone = "ObjectLockConfigurationNotFoundError";
  constexpr std::string_view kOff = "off: it is switched on when a bucket is made";
  const PlaceVerdict lacking = wishes_.object_lock ? PlaceVerdict::missing : PlaceVerdict::ok;
  PlaceFinding finding{.thing = "object lock"};
  try {
    pugi::xml_document document;
    load_xml(document, ask("object-lock", "s3:GetBucketObjectLockConfiguration", stop));
    const pugi::xml_node lock = document.child("ObjectLockConfiguration");
    if (std::string_view(lock.child_value("ObjectLockEnabled")) != "Enabled")
      return {finding.thing, lacking, std::string(kOff)};
    const pugi::xml_node retention = lock.child("Rule").child("DefaultRetention");
    finding.text = "on";
    if (!retention) return finding;
    look.may_write = false;
    finding.verdict = PlaceVerdict::not_tried;
    finding.text = fmt::format(
        "on, and the bucket locks all that is written ({}): nothing is written now, since "
        "nobody could remove it",
        describe_retention(retention));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled) throw;
    if (error.message().find(kNone) != std::string::npos) return {finding.thing, lacking, std::string(kOff)};
    const bool is_unknown_to_server = error.kind() == ErrorKind::invalid;
    finding.verdict = error.kind() == ErrorKind::forbidden          ? PlaceVerdict::not_permitted
                      : is_unknown_to_server && wishes_.object_lock ? PlaceVerdict::missing
                                                                    : PlaceVerdict::not_tried;
    finding.text = "whether it is on is not known. " + error.message();
  }
  return finding;
}

std::vector<PlaceFinding> S3Place::learnt() {
  std::vector<PlaceFinding> findings;
  for (const FeatureText& text : kFeatures) {
    const Known known = known_of(store_.server(), text.feature);
    // Nobody asks for these two; a server that lacks them shows it.
    const bool shows_by_itself =
        text.feature == S3Feature::quoted_etags || text.feature == S3Feature::md5_etags;
    if (known != Known::unknown || !shows_by_itself) findings.push_back(finding_of(text, known));
  }
  findings.push_back({"equal parts", PlaceVerdict::ok,
                      "whether the server wants them was not tried: hubkeep sends such anyway"});
  return findings;
}

std::vector<std::string> S3Place::clean_up(std::span<const ObjectKey> written) {
  std::vector<std::string> stay;
  if (written.empty()) return stay;
  remove_objects_aside(written, stay);
  remove_uploads(stay);
  if (may_keep_versions_) remove_versions(stay);
  return stay;
}

void S3Place::remove_objects_aside(std::span<const ObjectKey> written, std::vector<std::string>& stay) {
  std::set<ObjectKey> keys(written.begin(), written.end());
  try {
    std::set<ObjectKey> listed;
    store_.list("", "", [&](const ObjectInfo& object) { return listed.insert(object.key).second; });
    keys = std::move(listed);
  } catch (const Error&) {
    // Those that were written are known all the same.
  }
  const std::vector<ObjectKey> all(keys.begin(), keys.end());
  const auto results = store_.remove(all, {});
  for (std::size_t i = 0; i < all.size(); ++i)
    if (results[i])
      stay.push_back(printable(fmt::format("{}/{}{}: ", description(), name_, all[i])) +
                     results[i]->message());
}

// Where uploads cannot be listed, the writer has aborted its own all the same.
void S3Place::remove_uploads(std::vector<std::string>& stay) {
  try {
    for (const Error& problem : store_.remove_stale(std::chrono::seconds(0)).problems)
      stay.push_back("an unfinished upload: " + problem.message());
  } catch (const Error&) {
    return;
  }
}

void S3Place::remove_versions(std::vector<std::string>& stay) {
  std::size_t left = 0;
  std::string reason;
  try {
    S3Request request{.method = "GET",
                      .query = {{"versions", ""}, {"prefix", location_.prefix + name_}},
                      .action = "s3:ListBucketVersions"};
    StringSink body(kLargestAnswer, "the list of versions");
    client_.send_once(request, &body, {});
    const auto versions = parse_versions(body.str());
    left = versions.size();
    for (const StoredVersion& version : versions) {
      if (!version.key.starts_with(location_.prefix + name_)) continue;
      client_.send({.method = "DELETE",
                    .key = version.key,
                    .query = {{"versionId", version.id}},
                    .action = "s3:DeleteObjectVersion",
                    .expected = {kNotFound}},
                   {});
      --left;
    }
    return;
  } catch (const Error& error) {
    reason = error.message();
  }
  stay.push_back(printable(fmt::format("{}/{}: {}: ", description(), name_,
                                       left > 0 ? count_of(left, "older version")
                                                : std::string("older versions, if the bucket keeps them"))) +
                 reason);
}

}  // namespace hubkeep
