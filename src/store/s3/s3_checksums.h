// What is said of a body besides the hash that is signed: its CRC-32, as AWS has it, or its MD5, as every
// server has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/s3/s3_client.h"

namespace hubkeep {

/// The MD5 of one body, hashed once, when it is first asked for. Used by one thread.
class BodyMd5 {
 public:
  /// In hexadecimal; nothing where there is no MD5 to be had. `body` is always the same.
  const std::optional<std::string>& of(std::string_view body);

 private:
  bool is_known_ = false;
  std::optional<std::string> hex_;
};

std::string big_endian(std::uint32_t crc32);
/// As x-amz-checksum-crc32 has it: big-endian, base64.
std::string checksum_value(std::uint32_t crc32);
/// The same of parts, where it is a checksum of their checksums (COMPOSITE): "R/nORQ==-2".
std::string composite_checksum(const std::vector<std::uint32_t>& crc32s);

/// Where a body's MD5 goes along: in place of the checksum that the server lacks, or with it. Many servers
/// want it with all that is locked, whatever checksum there is; AWS does not.
enum class Md5Use { in_place, always };
Md5Use md5_use_for(const S3Server& server, std::string_view action);

/// x-amz-checksum-crc32 and Content-MD5 for the content of an object or a part. `feature` is what the server
/// may lack of the former; `md5` outlives the request.
void add_checksums(S3Request& request, S3Feature feature, std::uint32_t crc32, BodyMd5& md5, Md5Use use);

/// Content-MD5 alone.
void add_md5(S3Request& request, BodyMd5& md5);

/// Both, for what is asked in XML: servers want the one or the other.
void add_checksums_of_xml(S3Request& request);

/// x-amz-checksum-mode: the answer to a HEAD tells the checksum.
S3Extension checksum_mode();

}  // namespace hubkeep
