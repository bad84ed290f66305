// What a HEAD says of an object. It has no body, so a refusal of S3 and that of a gateway look alike: a 404
// is believed only with S3's request id or after a GET has confirmed it
// (Gateway.CannotMakeAnObjectVanishByAHead). Without that, an object that is there would count as missing.
#include "store/s3/s3_head.h"

#include <charconv>

#include "base/error.h"
#include "base/null_sink.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "store/s3/s3_checksums.h"

namespace hubkeep {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kMostContradictions = 3;
constexpr std::string_view kHtml = "text/html";

/// x-amz-restore: ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"
Access access_of(const HttpResponse& response, std::string_view storage_class) {
  const std::string restore = response.header("x-amz-restore").value_or("");
  if (restore.find("ongoing-request=\"true\"") != std::string::npos) return Access::thawing;
  if (restore.find("ongoing-request=\"false\"") != std::string::npos) return Access::at_once;
  // INTELLIGENT_TIERING keeps its name whatever tier an object has sunk to.
  const bool sunk = response.header("x-amz-archive-status").has_value();
  return sunk || is_archive_class(storage_class) ? Access::cold : Access::at_once;
}

Error not_from_s3() {
  return {ErrorKind::transient,
          "not S3 answered, but something on the way to it: a HEAD without size, time or ETag, or a page"};
}

// Asks for a single byte. An object that is cold or empty cannot give it, and is there all the same.
bool can_be_got(S3Client& client, const std::string& key) {
  S3Request request{.method = "GET",
                    .key = key,
                    .headers = {{"Range", "bytes=0-0"}},
                    .action = "s3:GetObject",
                    .expected = {kNotFound, kRangeNotSatisfiable}};
  NullSink content;
  try {
    const auto answer = with_retries(client.retries(), client.clock(), {}, client.observer().on_retry,
                                     [&] { return client.send_once(request, &content, {}); });
    return answer.status() != kNotFound;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::cold) throw;
    return true;
  }
}

}  // namespace

// S3 writes milliseconds: "2026-01-02T03:04:05.000Z".
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

// Big-endian in base64. A COMPOSITE one, "…-3", is a checksum of the parts' checksums: nothing to compare
// with.
std::optional<std::uint32_t> parse_crc32(std::string_view value, std::string_view type) {
  if (value.empty() || (!type.empty() && type != "FULL_OBJECT")) return std::nullopt;
  std::string bytes;
  try {
    bytes = base64_decode(value);
  } catch (const Error&) {
    return std::nullopt;
  }
  if (bytes.size() != sizeof(std::uint32_t)) return std::nullopt;
  std::uint32_t crc32 = 0;
  for (const char byte : bytes) crc32 = (crc32 << 8U) | static_cast<unsigned char>(byte);
  return crc32;
}

bool is_head_of_object(const HttpResponse& response) {
  return response.header("ETag") &&
         !to_lower(response.header("Content-Type").value_or("")).starts_with(kHtml);
}

std::optional<S3Head> parse_head(const HttpResponse& response) {
  if (response.status != kOk || !is_head_of_object(response)) return std::nullopt;
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
      .crc32 = parse_crc32(response.header("x-amz-checksum-crc32").value_or(""),
                           response.header("x-amz-checksum-type").value_or("")),
      .lock_mode = response.header("x-amz-object-lock-mode").value_or(""),
      .locked_until = parse_s3_time(response.header("x-amz-object-lock-retain-until-date").value_or(""))};
}

std::optional<S3Head> head_object(S3Client& client, const std::string& key) {
  for (int contradictions = 0; contradictions < kMostContradictions; ++contradictions) {
    std::optional<S3Head> head;
    const auto answer = client.send({.method = "HEAD",
                                     .key = key,
                                     .extensions = {checksum_mode()},
                                     .action = "s3:GetObject",
                                     .expected = {kNotFound},
                                     .prove =
                                         [&](const HttpResponse& response, std::string_view) {
                                           head = parse_head(response);
                                           if (!head) throw not_from_s3();
                                         }},
                                    {});
    if (head) return head;
    if (!answer.refusal.request_id.empty() || !can_be_got(client, key)) return std::nullopt;
  }
  throw Error(ErrorKind::transient, "s3:GetObject: the server says of " + printable(key) +
                                        " both that it is there and that it is not");
}

}  // namespace hubkeep
