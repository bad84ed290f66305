#include "s3/fake_s3.h"

#include <fmt/format.h>

#include <regex>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "s3/meddler.h"
#include "store/s3/s3_context.h"

namespace hubkeep {
namespace {

constexpr int kMostDeletions = 1000;
constexpr std::size_t kMinimumPart = std::size_t{5} << 20;
constexpr std::size_t kListPage = 1000;  // AWS: what ListObjectsV2 gives in one answer

std::uint32_t stated_crc(const sim::HttpRequest& request) {
  const std::string bytes = sim::base64_decode(sim::header_value(request.headers, "x-amz-checksum-crc32"));
  std::uint32_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

bool is_whole(const sim::HttpRequest& request) {
  return stated_crc(request) == crc32_of(request.body);
}

sim::HttpResponse page_of(const std::map<std::string, std::string>& entries, bool is_cut) {
  std::string xml = fmt::format("<IsTruncated>{}</IsTruncated>", is_cut);
  if (is_cut)
    xml += fmt::format("<NextContinuationToken>{}</NextContinuationToken>", entries.rbegin()->first);
  for (const auto& [name, entry] : entries) xml += entry;
  return {.status = 200, .body = "<ListBucketResult>" + xml + "</ListBucketResult>"};
}

}  // namespace

std::map<std::string, std::string> FakeS3::objects() const {
  const std::scoped_lock lock(mutex_);
  std::map<std::string, std::string> contents;
  for (const auto& [path, object] : objects_) contents.emplace(path, object.bytes);
  return contents;
}

std::size_t FakeS3::uploads() const {
  const std::scoped_lock lock(mutex_);
  return uploads_.size();
}

void FakeS3::remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  objects_.erase(path);
}

void FakeS3::add(const std::string& path, std::string bytes) {
  const std::scoped_lock lock(mutex_);
  std::string etag = etag_of(bytes);
  objects_[path] = make_object(std::move(bytes), std::move(etag), {});
}

void FakeS3::overwrite(const std::string& path, std::string bytes) {
  const std::scoped_lock lock(mutex_);
  objects_.at(path).bytes = std::move(bytes);
}

sim::Headers FakeS3::headers_of(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return objects_.at(path).headers;
}

std::string FakeS3::etag_of(std::string_view bytes) const {
  if (receipts == Receipts::opaque) return "\"v" + sha256_hex(bytes) + "\"";
  return "\"" + (gives_md5() ? md5_hex(bytes).value() : sha256_hex(bytes).substr(0, 32)) + "\"";
}

std::string FakeS3::etag_of_parts(const Upload& upload, std::string_view whole) const {
  if (!gives_md5()) return etag_of(whole);
  Hasher digests(HashKind::md5);
  for (const auto& [number, bytes] : upload.parts) digests.write(from_hex(md5_hex(bytes).value()));
  return fmt::format("\"{}-{}\"", to_hex(digests.finish()), upload.parts.size());
}

sim::HttpResponse FakeS3::receipt_for(std::string_view bytes) const {
  sim::HttpResponse response{.status = 200, .headers = {{"ETag", etag_of(bytes)}}};
  if (receipts == Receipts::checksum)
    response.headers.emplace_back("x-amz-checksum-crc32", checksum_value(crc32_of(bytes)));
  return response;
}

sim::HttpResponse FakeS3::handle(const sim::HttpRequest& request) {
  const std::scoped_lock lock(mutex_);
  auto response = answer(request);
  response.headers.emplace_back("x-amz-request-id", "FAKE");
  return response;
}

sim::HttpResponse FakeS3::answer(const sim::HttpRequest& request) {
  const auto query = sim::parse_query(request.query);
  const auto id = query.find("uploadId");
  if (sim::header_value(request.headers, "x-amz-content-sha256") != sha256_hex(request.body))
    return s3_error(400, "XAmzContentSHA256Mismatch");
  if (id != query.end()) {
    const auto upload = uploads_.find(id->second);
    if (upload == uploads_.end()) return s3_error(404, "NoSuchUpload");
    if (request.method == "POST") return complete(request, id->second);
    if (request.method == "PUT") return put_part(request, upload->second, std::stoi(query.at("partNumber")));
    if (request.method == "GET") return list_parts(upload->second);
    uploads_.erase(upload);
    return {.status = 204};
  }
  if (request.method == "POST") return post(request);
  if (request.method == "PUT" && query.contains("retention"))
    return is_whole(request) ? put_retention(request) : s3_error(400, "InvalidRequest");
  if (request.method == "PUT") return put(request);
  if (request.method == "DELETE") {
    objects_.erase(request.path);
    return {.status = 204};
  }
  if (query.contains("uploads")) return list_uploads();
  return query.contains("list-type") ? list(request) : get(request);
}

sim::HttpResponse FakeS3::post(const sim::HttpRequest& request) {
  if (sim::parse_query(request.query).contains("delete"))
    return is_whole(request) ? delete_many(request) : s3_error(400, "InvalidRequest");
  if (sim::parse_query(request.query).contains("restore"))
    return is_whole(request) ? restore(request) : s3_error(400, "BadDigest");
  if (!may_be_locked_so(request.headers)) return s3_error(400, "InvalidRequest");
  const std::string name = std::to_string(next_id_++);
  uploads_[name] = {.path = request.path, .parts = {}, .headers = request.headers};
  return {.status = 200,
          .body = fmt::format("<InitiateMultipartUploadResult><UploadId>{}</UploadId>"
                              "</InitiateMultipartUploadResult>",
                              name)};
}

sim::HttpResponse FakeS3::delete_many(const sim::HttpRequest& request) {
  if (refuses_deletions_with != 0)
    return s3_error(refuses_deletions_with,
                    refuses_deletions_with == 501 ? "NotImplemented" : "MethodNotAllowed");
  if (sim::header_value(request.headers, "Content-MD5") != base64(from_hex(md5_hex(request.body).value())))
    return s3_error(400, "InvalidDigest");
  const std::regex one("<Object><Key>([^<]*)</Key></Object>");
  const std::sregex_iterator begin(request.body.begin(), request.body.end(), one);
  std::string results;
  if (std::distance(begin, {}) > kMostDeletions) return s3_error(400, "MalformedXML");
  for (auto key = begin; key != std::sregex_iterator(); ++key) {
    const std::string name = (*key)[1];
    const std::string path = request.path + "/" + name;
    if (const auto refused = undeletable.find(path); refused != undeletable.end()) {
      results += fmt::format("<Error><Key>{}</Key><Code>{}</Code><Message>no</Message></Error>", name,
                             refused->second);
    } else {
      objects_.erase(path);
      results += fmt::format("<Deleted><Key>{}</Key></Deleted>", name);
    }
  }
  return {.status = 200, .body = "<?xml version=\"1.0\"?><DeleteResult>" + results + "</DeleteResult>"};
}

FakeS3::Object FakeS3::make_object(std::string bytes, std::string etag, const sim::Headers& headers) {
  Object object{.bytes = std::move(bytes),
                .etag = std::move(etag),
                .headers = headers,
                .storage_class = sim::header_value(headers, "x-amz-storage-class"),
                .archive_status = {},
                .lock = {}};
  const auto until = parse_time(sim::header_value(headers, "x-amz-object-lock-retain-until-date"));
  if (until) object.lock = {sim::header_value(headers, "x-amz-object-lock-mode"), *until};
  return object;
}

bool FakeS3::condition_fails(const sim::HttpRequest& request) const {
  if (conditions == Conditions::ignored) return false;
  const auto object = objects_.find(request.path);
  if (sim::has_header(request.headers, "If-None-Match")) return object != objects_.end();
  if (!sim::has_header(request.headers, "If-Match")) return false;
  return object == objects_.end() || object->second.etag != sim::header_value(request.headers, "If-Match");
}

sim::HttpResponse FakeS3::put(const sim::HttpRequest& request) {
  const bool conditional =
      sim::has_header(request.headers, "If-None-Match") || sim::has_header(request.headers, "If-Match");
  if (conditional && conditions == Conditions::refused) return s3_error(501, "NotImplemented");
  if (!is_whole(request)) return s3_error(400, "BadDigest");
  if (!may_be_locked_so(request.headers)) return s3_error(400, "InvalidRequest");
  if (condition_fails(request)) return s3_error(412, "PreconditionFailed");
  objects_[request.path] = make_object(request.body, etag_of(request.body), request.headers);
  return receipt_for(request.body);
}

sim::HttpResponse FakeS3::put_part(const sim::HttpRequest& request, Upload& upload, int number) {
  if (!is_whole(request)) return s3_error(400, "BadDigest");
  upload.parts[number] = request.body;
  return receipt_for(request.body);
}

sim::HttpResponse FakeS3::complete(const sim::HttpRequest& request, const std::string& id) {
  const Upload& upload = uploads_.at(id);
  std::string whole;
  std::string listed;
  for (const auto& [number, bytes] : upload.parts) {
    if (number < static_cast<int>(upload.parts.size()) && bytes.size() < kMinimumPart)
      return s3_error(400, "EntityTooSmall");
    listed += fmt::format("<PartNumber>{}</PartNumber><ETag>{}</ETag>", number, etag_of(bytes));
    whole += bytes;
  }
  const std::regex checksum("<ChecksumCRC32>[^<]*</ChecksumCRC32>|</?Part>|</?CompleteMultipartUpload[^>]*>");
  if (std::regex_replace(request.body, checksum, "") != listed) return s3_error(400, "InvalidPart");
  if (sim::header_value(request.headers, "x-amz-mp-object-size") != std::to_string(whole.size()))
    return s3_error(400, "InvalidRequest");
  if (stated_crc(request) != crc32_of(whole)) return s3_error(400, "BadDigest");
  sim::HttpRequest as_put = request;
  as_put.path = upload.path;
  if (condition_fails(as_put)) return s3_error(412, "PreconditionFailed");
  const std::string etag = etag_of_parts(upload, whole);
  objects_[upload.path] = make_object(whole, etag, upload.headers);
  uploads_.erase(id);
  const std::string checksum_of_whole = receipts == Receipts::checksum
                                            ? "<ChecksumCRC32>" + checksum_value(crc32_of(whole)) +
                                                  "</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>"
                                            : "";
  return {
      .status = 200,
      .body = fmt::format("<CompleteMultipartUploadResult><ETag>{}</ETag>{}</CompleteMultipartUploadResult>",
                          etag, checksum_of_whole)};
}

sim::HttpResponse FakeS3::get(const sim::HttpRequest& request) const {
  const auto object = objects_.find(request.path);
  if (object == objects_.end()) return s3_error(404, "NoSuchKey");
  const std::string& bytes = object->second.bytes;
  if (request.method == "GET" && object->second.is_cold()) return s3_error(403, "InvalidObjectState");
  sim::HttpResponse response{
      .status = 200,
      .headers = {{"ETag", object->second.etag}, {"Last-Modified", "Mon, 23 Nov 2026 18:45:01 GMT"}},
      .body = bytes};
  describe(object->second, response.headers);
  if (receipts == Receipts::checksum &&
      sim::header_value(request.headers, "x-amz-checksum-mode") == "ENABLED") {
    response.headers.emplace_back("x-amz-checksum-crc32", checksum_value(crc32_of(bytes)));
    response.headers.emplace_back("x-amz-checksum-type", "FULL_OBJECT");
  }
  if (const auto match = sim::header_value(request.headers, "If-Match");
      !match.empty() && match != object->second.etag)
    return s3_error(412, "PreconditionFailed");
  std::smatch range;
  const std::string stated = sim::header_value(request.headers, "Range");
  if (!std::regex_match(stated, range, std::regex("bytes=(\\d+)-(\\d*)"))) return response;
  const std::size_t first = std::stoull(range[1]);
  if (first >= bytes.size()) return s3_error(416, "InvalidRange");
  const std::size_t last = range[2].length() == 0
                               ? bytes.size() - 1
                               : std::min(bytes.size() - 1, std::size_t{std::stoull(range[2])});
  response.status = 206;
  response.body.clear();
  // As a stream: of a body in one piece the HTTP library would cut the range out once more.
  response.stream = sim::source_of(bytes.substr(first, last - first + 1));
  response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", first, last, bytes.size()));
  return response;
}

sim::HttpResponse FakeS3::list(const sim::HttpRequest& request) const {
  const auto query = sim::parse_query(request.query);
  const auto given = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  const std::string root = request.path + "/";
  const std::string prefix = given("prefix");
  const std::string token = given("continuation-token");
  std::map<std::string, std::string> entries;  // by name, which is a key or what keys have in common
  for (const auto& [path, object] : objects_) {
    if (!path.starts_with(root + prefix)) continue;
    const std::string key = path.substr(root.size());
    if (key <= given("start-after")) continue;
    const auto slash = given("delimiter").empty() ? std::string::npos : key.find('/', prefix.size());
    const std::string name = slash == std::string::npos ? key : key.substr(0, slash + 1);
    if (name <= token) continue;
    if (entries.size() == kListPage && !entries.contains(name)) return page_of(entries, true);
    entries[name] =
        slash == std::string::npos
            ? fmt::format(
                  "<Contents><Key>{}</Key><Size>{}</Size><LastModified>2026-11-23T18:45:01.000Z"
                  "</LastModified><StorageClass>{}</StorageClass></Contents>",
                  key, object.bytes.size(), object.storage_class.empty() ? "STANDARD" : object.storage_class)
            : fmt::format("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", name);
  }
  return page_of(entries, false);
}

sim::HttpResponse FakeS3::list_parts(const Upload& upload) {
  std::string listed;
  for (const auto& [number, bytes] : upload.parts)
    listed += fmt::format(
        "<Part><PartNumber>{}</PartNumber><LastModified>2026-11-23T18:45:01.000Z</LastModified></Part>",
        number);
  return {
      .status = 200,
      .body = fmt::format("<ListPartsResult><IsTruncated>false</IsTruncated>{}</ListPartsResult>", listed)};
}

sim::HttpResponse FakeS3::list_uploads() const {
  std::string listed;
  for (const auto& [id, upload] : uploads_) {
    listed += fmt::format(
        "<Upload><Key>{}</Key><UploadId>{}</UploadId><Initiated>2026-11-23T18:45:01.000Z</Initiated>"
        "</Upload>",
        upload.path.substr(upload.path.find('/', 1) + 1), id);
  }
  return {.status = 200,
          .body = fmt::format("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{}"
                              "</ListMultipartUploadsResult>",
                              listed)};
}

}  // namespace hubkeep
