#include "store/s3_head.h"

#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "crypto/base64.h"

namespace hubkeep {
namespace {

constexpr int kNotFound = 404;

/// x-amz-restore: ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"
Access access_of(const HttpResponse& response, std::string_view storage_class) {
  const std::string restore = response.header("x-amz-restore").value_or("");
  if (restore.find("ongoing-request=\"true\"") != std::string::npos) return Access::thawing;
  if (restore.find("ongoing-request=\"false\"") != std::string::npos) return Access::at_once;
  // INTELLIGENT_TIERING keeps its name whatever tier an object has sunk to.
  const bool sunk = response.header("x-amz-archive-status").has_value();
  return sunk || is_archive_class(storage_class) ? Access::cold : Access::at_once;
}

// Big-endian in base64. A COMPOSITE one, "…-3", is a checksum of the parts' checksums: nothing to compare
// with.
std::optional<std::uint32_t> crc32_in(const HttpResponse& response) {
  const auto value = response.header("x-amz-checksum-crc32");
  if (!value || response.header("x-amz-checksum-type").value_or("FULL_OBJECT") != "FULL_OBJECT")
    return std::nullopt;
  std::string bytes;
  try {
    bytes = base64_decode(*value);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (bytes.size() != sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t crc32 = 0;
  for (const char byte : bytes) crc32 = (crc32 << 8U) | static_cast<unsigned char>(byte);
  return crc32;
}

}  // namespace

std::optional<UtcTime> parse_s3_time(std::string_view text) {
  const auto dot = text.find('.');
  return parse_time(dot == std::string_view::npos ? std::string(text)
                                                  : std::string(text.substr(0, dot)) + "Z");
}

std::optional<ByteCount> parse_byte_count(std::string_view digits) {
  ByteCount value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool is_archive_class(std::string_view storage_class) {
  return storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE";
}

std::optional<S3Head> parse_head(const HttpResponse& response) {
  const auto size = parse_byte_count(response.header("Content-Length").value_or(""));
  const auto modified = parse_http_date(response.header("Last-Modified").value_or(""));
  if (!size || !modified) return std::nullopt;
  std::string storage_class = response.header("x-amz-storage-class").value_or("");
  const Access access = access_of(response, storage_class);
  return S3Head{
      .size = *size,
      .etag = response.header("ETag").value_or(""),
      .modified = *modified,
      .storage_class = std::move(storage_class),
      .access = access,
      .crc32 = crc32_in(response),
      .lock_mode = response.header("x-amz-object-lock-mode").value_or(""),
      .locked_until = parse_s3_time(response.header("x-amz-object-lock-retain-until-date").value_or(""))};
}

std::optional<S3Head> head_object(S3Client& client, const std::string& key) {
  const auto answer = client.send({.method = "HEAD",
                                   .key = key,
                                   .headers = {{"x-amz-checksum-mode", "ENABLED"}},
                                   .action = "s3:GetObject",
                                   .expected = {kNotFound}},
                                  {});
  if (answer.status() == kNotFound) return std::nullopt;
  auto head = parse_head(answer.response);
  if (!head) throw Error(ErrorKind::internal, "the server tells neither size nor time of " + printable(key));
  return head;
}

}  // namespace hubkeep
