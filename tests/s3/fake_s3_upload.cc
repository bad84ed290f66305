// What FakeS3 makes of objects that are sent in parts. As AWS does, it holds the list of parts against those
// that it has, by their ETags and checksums.
#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "s3/fake_s3.h"
#include "store/s3/s3_context.h"
#include "store/s3/s3_lock.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMinimumPart = std::size_t{5} << 20;

std::string digits_of(std::uint32_t value) {
  return base64_decode(checksum_value(value));
}

// R2's rule.
bool are_equal(const std::map<int, std::string>& parts) {
  const std::size_t size = parts.begin()->second.size();
  return std::all_of(parts.begin(), std::prev(parts.end()),
                     [&](const auto& part) { return part.second.size() == size; }) &&
         parts.rbegin()->second.size() <= size;
}

}  // namespace

std::uint64_t FakeS3::Upload::size() const {
  std::uint64_t sum = 0;
  for (const auto& [number, bytes] : parts) sum += bytes.size();
  return sum;
}

std::string FakeS3::etag_of_part(std::string_view bytes) const {
  return extensions.opaque_parts ? "\"AE" + base64(from_hex(sha256_hex(bytes))) + "\"" : etag_of(bytes);
}

std::string FakeS3::etag_of_parts(const Upload& upload, std::string_view whole) const {
  if (extensions.opaque_wholes) return "\"" + sha256_hex(whole).substr(0, 32) + "\"";
  if (!gives_md5()) return etag_of(whole);
  Hasher digests(HashKind::md5);
  for (const auto& [number, bytes] : upload.parts) digests.write(from_hex(md5_hex(bytes).value()));
  return fmt::format("\"{}-{}\"", to_hex(digests.finish()), upload.parts.size());
}

std::pair<std::string, std::string> FakeS3::checksum_of(const Upload& upload, std::string_view whole) const {
  if (extensions.composite_only == Lack::none) return {checksum_value(crc32_of(whole)), "FULL_OBJECT"};
  std::string checksums;
  for (const auto& [number, bytes] : upload.parts) checksums += digits_of(crc32_of(bytes));
  return {fmt::format("{}-{}", checksum_value(crc32_of(checksums)), upload.parts.size()), "COMPOSITE"};
}

sim::HttpResponse FakeS3::begin_upload(const sim::HttpRequest& request) {
  if (!may_be_locked_so(request.headers)) return s3_error(400, "InvalidRequest");
  const std::string name = std::to_string(next_id_++);
  uploads_[name] = {
      .path = request.path, .parts = {}, .headers = request.headers, .begun = SystemClock().now()};
  return {.status = 200,
          .body = fmt::format("<InitiateMultipartUploadResult><UploadId>{}</UploadId>"
                              "</InitiateMultipartUploadResult>",
                              name)};
}

sim::HttpResponse FakeS3::answer_upload(const sim::HttpRequest& request, const std::string& id) {
  const auto upload = uploads_.find(id);
  if (upload == uploads_.end()) return s3_error(404, "NoSuchUpload");
  if (request.method == "POST") return complete(request, id);
  if (request.method == "PUT")
    return put_part(request, upload->second, std::stoi(sim::parse_query(request.query).at("partNumber")));
  if (request.method == "GET") return list_parts(upload->second);
  wasted_ += upload->second.size();
  uploads_.erase(upload);
  return {.status = 204};
}

sim::HttpResponse FakeS3::put_part(const sim::HttpRequest& request, Upload& upload, int number) {
  if (auto refusal = refuse_body(request, sim::has_header(upload.headers, kLockModeHeader))) return *refusal;
  upload.parts[number] = request.body;
  return receipt_for(request.body, etag_of_part(request.body));
}

// The list of them, as it is sent at the end.
std::optional<sim::HttpResponse> FakeS3::refuse_parts(const sim::HttpRequest& request, const Upload& upload) {
  pugi::xml_document document;
  document.load_buffer(request.body.data(), request.body.size());
  const auto listed = document.document_element().children("Part");
  if (std::distance(listed.begin(), listed.end()) != static_cast<std::ptrdiff_t>(upload.parts.size()))
    return s3_error(400, "InvalidPart");
  auto part = listed.begin();
  for (const auto& [number, bytes] : upload.parts) {
    const std::string crc32 = part->child_value("ChecksumCRC32");
    if (extensions.strict_lists && !crc32.empty())
      return lacks(s3_error(400, "MalformedXML", {},
                            "The XML you provided was not well-formed or did not validate against our "
                            "published schema"));
    if (part->child_value("PartNumber") != std::to_string(number) ||
        part->child_value("ETag") != etag_of_part(bytes) ||
        (gives_checksums() && !crc32.empty() && crc32 != checksum_value(crc32_of(bytes))))
      return s3_error(400, "InvalidPart");
    // AWS, and MinIO after it: an upload that was begun with checksums has one for each part.
    if (gives_checksums() && upload.has_checksums() && crc32.empty())
      return s3_error(400, "InvalidRequest", {},
                      "The upload was created using a crc32 checksum. The complete request must include the "
                      "checksum for each part.");
    if (number < static_cast<int>(upload.parts.size()) && bytes.size() < kMinimumPart)
      return s3_error(400, "EntityTooSmall");
    ++part;
  }
  if (extensions.equal_parts && !are_equal(upload.parts))
    return lacks(s3_error(400, "InvalidPart", {}, "All non-trailing parts must have the same length."));
  return std::nullopt;
}

std::optional<sim::HttpResponse> FakeS3::refuse_whole(const sim::HttpRequest& request, const Upload& upload,
                                                      std::string_view whole) {
  const bool is_whole_server = extensions == Extensions{} && wants_checksums;
  const std::string size = sim::header_value(request.headers, "x-amz-mp-object-size");
  if ((is_whole_server || !size.empty()) && size != std::to_string(whole.size()))
    return s3_error(400, "InvalidRequest");
  const std::string crc32 = sim::header_value(request.headers, "x-amz-checksum-crc32");
  if (!is_whole_server && crc32.empty()) return std::nullopt;
  if (crc32 == checksum_of(upload, whole).first) return std::nullopt;
  if (extensions.composite_only == Lack::none) return s3_error(400, "BadDigest");
  return lacks(s3_error(400, "XAmzContentChecksumMismatch", {},
                        "The provided 'x-amz-checksum' header does not match what was computed."));
}

sim::HttpResponse FakeS3::complete(const sim::HttpRequest& request, const std::string& id) {
  const Upload& upload = uploads_.at(id);
  if (is_conditional(request) && conditions == Conditions::refused)
    return lacks(s3_error(501, "NotImplemented"));  // the parts stay, and it can be asked again
  if (is_conditional(request) && conditions == Conditions::refused_silently) return lacks({.status = 400});
  if (auto refusal = refuse_parts(request, upload)) return *refusal;
  std::string whole;
  for (const auto& [number, bytes] : upload.parts) whole += bytes;
  if (auto refusal = refuse_whole(request, upload, whole)) return *refusal;
  sim::HttpRequest as_put = request;
  as_put.path = upload.path;
  if (condition_fails(as_put)) return s3_error(412, "PreconditionFailed");
  const std::string etag = etag_of_parts(upload, whole);
  const auto [checksum, type] = checksum_of(upload, whole);
  Object& object = objects_[upload.path] = make_object(whole, etag, upload.headers);
  if (type == "COMPOSITE") object.checksum = checksum;
  uploads_.erase(id);
  const std::string told = gives_checksums() ? fmt::format(
                                                   "<ChecksumCRC32>{}</ChecksumCRC32>"
                                                   "<ChecksumType>{}</ChecksumType>",
                                                   checksum, type)
                                             : "";
  return {
      .status = 200,
      .body = fmt::format("<CompleteMultipartUploadResult><ETag>{}</ETag>{}</CompleteMultipartUploadResult>",
                          etag, told)};
}

std::string FakeS3::time_of(const Upload& upload) const {
  return uploads_are_old ? "2026-11-23T18:45:01.000Z" : format_time(upload.begun);
}

sim::HttpResponse FakeS3::list_parts(const Upload& upload) const {
  std::string listed;
  for (const auto& [number, bytes] : upload.parts)
    listed +=
        fmt::format("<Part><PartNumber>{}</PartNumber><LastModified>{}</LastModified><Size>{}</Size></Part>",
                    number, time_of(upload), bytes.size());
  return {
      .status = 200,
      .body = fmt::format("<ListPartsResult><IsTruncated>false</IsTruncated>{}</ListPartsResult>", listed)};
}

sim::HttpResponse FakeS3::list_uploads(const sim::HttpRequest& request) const {
  const auto query = sim::parse_query(request.query);
  const std::string prefix = query.contains("prefix") ? query.at("prefix") : "";
  const bool by_key = extensions.no_upload_list == Lack::ignored && !prefix.empty();
  std::string listed;
  for (const auto& [id, upload] : uploads_) {
    const std::string key = upload.path.substr(upload.path.find('/', 1) + 1);
    if (by_key ? key != prefix : !key.starts_with(prefix)) continue;
    listed += fmt::format("<Upload><Key>{}</Key><UploadId>{}</UploadId><Initiated>{}</Initiated></Upload>",
                          xml_text(key), id, time_of(upload));
  }
  return {.status = 200,
          .body = fmt::format("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>{}"
                              "</ListMultipartUploadsResult>",
                              listed)};
}

}  // namespace hubkeep
