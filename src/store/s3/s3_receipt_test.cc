#include "store/s3/s3_receipt.h"

#include <gtest/gtest.h>

#include "base/crc32.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr const char* kMd5 = "\"25f9e794323b453885f5181f1b624d0b\"";  // of "123456789"
constexpr const char* kOther = "\"35f9e794323b453885f5181f1b624d0b\"";
constexpr const char* kCrc32 = "y/Q5Jg==";

std::optional<std::string> no_md5(std::string_view) {
  return std::nullopt;
}

Receipt receipt_of(const Headers& headers, std::optional<std::string> (*md5)(std::string_view) = md5_hex) {
  return read_receipt({.status = 200, .headers = headers, .body = {}, .url = {}},
                      {.bytes = "123456789", .crc32 = crc32_of("123456789")}, md5);
}

TEST(S3Receipt, SaysOfWhichBytesItIs) {
  struct Case {
    const char* what;
    Headers headers;
    Receipt receipt;
  };
  for (const Case& c :
       {Case{"a page", {{"Content-Type", "text/html"}}, Receipt::none},
        Case{"an empty ETag", {{"ETag", "\"\""}}, Receipt::none},
        Case{"a checksum without an ETag", {{"x-amz-checksum-crc32", kCrc32}}, Receipt::none},
        Case{"AWS", {{"ETag", kMd5}, {"x-amz-checksum-crc32", kCrc32}}, Receipt::right},
        Case{"AWS with SSE-KMS",
             {{"ETag", kOther},
              {"x-amz-checksum-crc32", kCrc32},
              {"x-amz-checksum-type", "FULL_OBJECT"},
              {"x-amz-server-side-encryption", "aws:kms"}},
             Receipt::right},
        Case{"other bytes", {{"ETag", kMd5}, {"x-amz-checksum-crc32", "AAAAAA=="}}, Receipt::wrong},
        Case{"Ceph", {{"ETag", kMd5}}, Receipt::right_by_md5},
        Case{"without quotes", {{"ETag", "25F9E794323B453885F5181F1B624D0B"}}, Receipt::right_by_md5},
        Case{"a checksum of checksums",
             {{"ETag", kMd5}, {"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-type", "COMPOSITE"}},
             Receipt::right_by_md5},
        Case{"another MD5, or none", {{"ETag", kOther}}, Receipt::doubtful},
        Case{"another MD5, encrypted by the server",
             {{"ETag", kOther}, {"x-amz-server-side-encryption", "AES256"}},
             Receipt::doubtful},
        Case{"Ceph with SSE-KMS",
             {{"ETag", kMd5}, {"x-amz-server-side-encryption", "aws:kms"}},
             Receipt::right_by_md5},
        Case{"encrypted with a key of KMS",
             {{"ETag", kOther}, {"x-amz-server-side-encryption", "aws:kms:dsse"}},
             Receipt::silent},
        Case{"encrypted with the user's key",
             {{"ETag", kOther}, {"x-amz-server-side-encryption-customer-algorithm", "AES256"}},
             Receipt::silent},
        Case{"an ETag of its own kind", {{"ETag", "\"CMDh5aSYmYkDEAE=\""}}, Receipt::silent},
        Case{"an ETag of parts", {{"ETag", "\"25f9e794323b453885f5181f1b624d0b-1\""}}, Receipt::silent}}) {
    EXPECT_EQ(receipt_of(c.headers), c.receipt) << c.what;
  }
}

TEST(S3Receipt, DecidesNothingByAnMd5ThatIsNotToBeHad) {
  EXPECT_EQ(receipt_of({{"ETag", kMd5}}, no_md5), Receipt::silent);
  EXPECT_EQ(receipt_of({{"ETag", kOther}}, no_md5), Receipt::silent);
  EXPECT_EQ(receipt_of({{"ETag", kOther}, {"x-amz-checksum-crc32", kCrc32}}, no_md5), Receipt::right);
}

TEST(S3Receipt, KnowsTheEtagOfParts) {
  EXPECT_EQ(
      etag_of_parts({kMd5, kOther}),
      md5_hex(from_hex("25f9e794323b453885f5181f1b624d0b35f9e794323b453885f5181f1b624d0b")).value() + "-2");
  EXPECT_EQ(etag_of_parts({kMd5, "\"opaque\""}), std::nullopt);
}

}  // namespace
}  // namespace hubkeep
