#include "s3/fake_s3.h"

#include <fmt/format.h>

#include <pugixml.hpp>
#include <regex>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "s3/meddler.h"
#include "s3/signature.h"
#include "store/s3/s3_context.h"
#include "store/s3/s3_lock.h"

namespace hubkeep {
namespace {

constexpr int kMostDeletions = 1000;

bool is_hash_named(const sim::HttpRequest& request) {
  return sim::has_header(request.headers, "Content-MD5") ||
         sim::has_header(request.headers, "x-amz-checksum-crc32");
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

bool FakeS3::gives_checksums() const {
  return receipts == Receipts::checksum && extensions.refuses_checksums == Lack::none &&
         extensions.signs_its_own == Lack::none;
}

sim::HttpResponse FakeS3::receipt_for(std::string_view bytes, std::string etag) const {
  sim::HttpResponse response{.status = 200, .headers = {{"ETag", std::move(etag)}}};
  if (gives_checksums())
    response.headers.emplace_back("x-amz-checksum-crc32", checksum_value(crc32_of(bytes)));
  return response;
}

sim::HttpResponse FakeS3::handle(const sim::HttpRequest& request) {
  const std::scoped_lock lock(mutex_);
  auto response = answer(request);
  if (!extensions.no_request_id) response.headers.emplace_back("x-amz-request-id", "FAKE");
  return response;
}

std::uint64_t FakeS3::wasted() const {
  const std::scoped_lock lock(mutex_);
  return wasted_;
}

int FakeS3::refusals() const {
  const std::scoped_lock lock(mutex_);
  return refusals_;
}

sim::HttpResponse FakeS3::lacks(sim::HttpResponse refusal, std::uint64_t wasted) {
  wasted_ += wasted;
  ++refusals_;
  return refusal;
}

sim::HttpResponse FakeS3::answer(const sim::HttpRequest& request) {
  if (auto refusal = refusal_of_signature(request, checks_signatures)) return *refusal;
  if (sim::header_value(request.headers, "x-amz-content-sha256") != sha256_hex(request.body))
    return s3_error(400, "XAmzContentSHA256Mismatch");
  if (auto refusal = refusal_of(extensions, request)) return lacks(*refusal, request.body.size());
  const auto query = sim::parse_query(request.query);
  if (const auto id = query.find("uploadId"); id != query.end()) return answer_upload(request, id->second);
  if (request.method == "POST") return post(request);
  if (request.method == "PUT" && query.contains("retention")) {
    if (auto refusal = refuse_body(request, true)) return *refusal;
    return put_retention(request);
  }
  if (request.method == "PUT") return put(request);
  if (request.method == "DELETE") {
    objects_.erase(request.path);
    return {.status = 204};
  }
  if (query.contains("uploads")) return list_uploads(request);
  const bool is_of_bucket = request.path.find('/', 1) == std::string::npos;
  return is_of_bucket ? list(request) : get(request);
}

std::optional<sim::HttpResponse> FakeS3::refuse_body(const sim::HttpRequest& request, bool is_to_lock) {
  const std::string md5 = sim::header_value(request.headers, "Content-MD5");
  const std::string crc32 = sim::header_value(request.headers, "x-amz-checksum-crc32");
  if (!md5.empty() && md5 != base64(from_hex(md5_hex(request.body).value())))
    return s3_error(400, "BadDigest", {}, "The Content-MD5 you specified did not match what we received.");
  if (!crc32.empty() && crc32 != checksum_value(crc32_of(request.body)))
    return s3_error(400, "BadDigest", {}, "The CRC32 you specified did not match what we received.");
  if (is_to_lock && extensions.locks_want_md5 && md5.empty())
    return lacks(s3_error(400, "InvalidRequest", {}, "Missing required header for this request: Content-MD5"),
                 request.body.size());
  const bool is_whole_server = extensions == Extensions{} && wants_checksums;
  if (is_whole_server ? crc32.empty() : is_to_lock && !is_hash_named(request))
    return s3_error(400, "InvalidRequest", {},
                    "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  return std::nullopt;
}

sim::HttpResponse FakeS3::post(const sim::HttpRequest& request) {
  const auto query = sim::parse_query(request.query);
  if (query.contains("delete")) return delete_many(request);
  if (query.contains("uploads")) return begin_upload(request);
  if (auto refusal = refuse_body(request, false)) return *refusal;
  return query.contains("restore") ? restore(request) : s3_error(405, "MethodNotAllowed");
}

sim::HttpResponse FakeS3::delete_many(const sim::HttpRequest& request) {
  if (refuses_deletions_with != 0)
    return lacks(s3_error(refuses_deletions_with,
                          refuses_deletions_with == 501 ? "NotImplemented" : "MethodNotAllowed"));
  if (auto refusal = refuse_body(request, true)) return *refusal;
  pugi::xml_document document;
  document.load_buffer(request.body.data(), request.body.size());
  const auto asked = document.child("Delete").children("Object");
  std::string results;
  if (std::distance(asked.begin(), asked.end()) > kMostDeletions) return s3_error(400, "MalformedXML");
  for (const auto& object : asked) {
    const std::string name = object.child_value("Key");
    const std::string path = request.path + "/" + name;
    if (const auto refused = undeletable.find(path); refused != undeletable.end()) {
      results += fmt::format("<Error><Key>{}</Key><Code>{}</Code><Message>no</Message></Error>",
                             xml_text(name), refused->second);
    } else {
      objects_.erase(path);
      results += fmt::format("<Deleted><Key>{}</Key></Deleted>", xml_text(name));
    }
  }
  return {.status = 200, .body = "<?xml version=\"1.0\"?><DeleteResult>" + results + "</DeleteResult>"};
}

FakeS3::Object FakeS3::make_object(std::string bytes, std::string etag, const sim::Headers& headers) {
  Object object{.bytes = std::move(bytes),
                .etag = std::move(etag),
                .headers = headers,
                .checksum = {},
                .storage_class = sim::header_value(headers, "x-amz-storage-class"),
                .archive_status = {},
                .lock = {}};
  const auto until = parse_time(sim::header_value(headers, "x-amz-object-lock-retain-until-date"));
  if (until) object.lock = {sim::header_value(headers, "x-amz-object-lock-mode"), *until};
  return object;
}

bool FakeS3::is_conditional(const sim::HttpRequest& request) {
  return sim::has_header(request.headers, "If-None-Match") || sim::has_header(request.headers, "If-Match");
}

bool FakeS3::condition_fails(const sim::HttpRequest& request) const {
  if (conditions == Conditions::ignored) return false;
  const auto object = objects_.find(request.path);
  if (sim::has_header(request.headers, "If-None-Match")) return object != objects_.end();
  if (!sim::has_header(request.headers, "If-Match")) return false;
  return object == objects_.end() || object->second.etag != sim::header_value(request.headers, "If-Match");
}

sim::HttpResponse FakeS3::put(const sim::HttpRequest& request) {
  if (is_conditional(request) && conditions == Conditions::refused)
    return lacks(s3_error(501, "NotImplemented"), request.body.size());
  if (is_conditional(request) && conditions == Conditions::refused_silently)
    return lacks({.status = 400}, request.body.size());
  if (auto refusal = refuse_body(request, sim::has_header(request.headers, kLockModeHeader))) return *refusal;
  if (!may_be_locked_so(request.headers)) return s3_error(400, "InvalidRequest");
  if (condition_fails(request)) return s3_error(412, "PreconditionFailed");
  objects_[request.path] = make_object(request.body, etag_of(request.body), request.headers);
  return receipt_for(request.body, etag_of(request.body));
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
  if (gives_checksums() && sim::header_value(request.headers, "x-amz-checksum-mode") == "ENABLED") {
    const std::string& composite = object->second.checksum;
    response.headers.emplace_back("x-amz-checksum-crc32",
                                  composite.empty() ? checksum_value(crc32_of(bytes)) : composite);
    response.headers.emplace_back("x-amz-checksum-type", composite.empty() ? "FULL_OBJECT" : "COMPOSITE");
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

}  // namespace hubkeep
