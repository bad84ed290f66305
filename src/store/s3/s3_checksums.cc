#include "store/s3/s3_checksums.h"

#include <fmt/format.h>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/base64.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr const char* kChecksumHeader = "x-amz-checksum-crc32";

Headers content_md5(const std::optional<std::string>& hex) {
  return hex ? Headers{{"Content-MD5", base64(from_hex(*hex))}} : Headers{};
}

void append(const Headers& more, Headers& headers) {
  headers.insert(headers.end(), more.begin(), more.end());
}

}  // namespace

const std::optional<std::string>& BodyMd5::of(std::string_view body) {
  if (!is_known_) hex_ = md5_hex(body);
  is_known_ = true;
  return hex_;
}

std::string big_endian(std::uint32_t crc32) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((crc32 >> shift) & 0xFFU);
  return bytes;
}

std::string checksum_value(std::uint32_t crc32) {
  return base64(big_endian(crc32));
}

std::string composite_checksum(const std::vector<std::uint32_t>& crc32s) {
  std::string values;
  for (const std::uint32_t crc32 : crc32s) values += big_endian(crc32);
  return fmt::format("{}-{}", checksum_value(crc32_of(values)), crc32s.size());
}

Md5Use md5_use_for(const S3Server& server, std::string_view action) {
  return action == kPutLocked && !server.is_aws() ? Md5Use::always : Md5Use::in_place;
}

void add_md5(S3Request& request, BodyMd5& md5) {
  append(content_md5(md5.of(request.body)), request.headers);
}

void add_checksums(S3Request& request, S3Feature feature, std::uint32_t crc32, BodyMd5& md5, Md5Use use) {
  S3Extension extension{.feature = feature,
                        .with = {.headers = {{kChecksumHeader, checksum_value(crc32)}}, .query = {}}};
  if (use == Md5Use::always)
    add_md5(request, md5);
  else
    extension.without = [&md5](std::string_view body) {
      return S3Addition{.headers = content_md5(md5.of(body)), .query = {}};
    };
  request.extensions.push_back(std::move(extension));
}

void add_checksums_of_xml(S3Request& request) {
  append(content_md5(md5_hex(request.body)), request.headers);
  request.extensions.push_back(
      {.feature = S3Feature::checksums,
       .with = {.headers = {{kChecksumHeader, checksum_value(crc32_of(request.body))}}, .query = {}}});
}

S3Extension checksum_mode() {
  return {.feature = S3Feature::checksum_mode,
          .with = {.headers = {{"x-amz-checksum-mode", "ENABLED"}}, .query = {}}};
}

}  // namespace hubkeep
