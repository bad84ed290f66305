// A receipt is read from what the server sends back, in the order of how much it proves: the CRC-32 of the
// whole, then an ETag in the form of an MD5. An ETag of 32 digits that is not the MD5 of what was sent is
// either damage or the server's own idea of ETags (encryption with keys, or a server that never used MD5s);
// only reading the object back tells, and then S3Server remembers. The parameters of Receipts in
// tests/s3/s3_receipt_test.cc are such servers, one by one.
#include "store/s3/s3_receipt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc32.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_reader.h"

namespace hubkeep {
namespace {

constexpr std::size_t kMd5Digits = 32;

bool is_md5(std::string_view text) {
  return text.size() == kMd5Digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Then AWS's ETag is no MD5 of the content; Ceph's is.
bool is_encrypted_with_a_key(const HttpResponse& response) {
  return response.header("x-amz-server-side-encryption").value_or("").starts_with("aws:kms") ||
         response.header("x-amz-server-side-encryption-customer-algorithm");
}

Error not_stored(std::string_view key, std::string_view why) {
  return {ErrorKind::transient,
          fmt::format("the server said that it has stored {}, but {}", printable(key), why)};
}

}  // namespace

Error receipt_for_others() {
  return {ErrorKind::transient,
          "the answer is not about the bytes that were sent: its checksum or ETag is that of others"};
}

namespace {

class Crc32Sink final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    crc32 = crc32_of(bytes, crc32);
    size += bytes.size();
  }
  std::uint32_t crc32 = 0;
  ByteCount size = 0;
};

}  // namespace

std::string without_quotes(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

Receipt read_receipt(const HttpResponse& response, const SentBytes& sent,
                     const std::function<std::optional<std::string>(std::string_view)>& md5) {
  const std::string etag = to_lower(without_quotes(response.header("ETag").value_or("")));
  if (etag.empty()) return Receipt::none;
  const auto crc32 = parse_crc32(response.header("x-amz-checksum-crc32").value_or(""),
                                 response.header("x-amz-checksum-type").value_or(""));
  if (crc32) return *crc32 == sent.crc32 ? Receipt::right : Receipt::wrong;
  if (!is_md5(etag)) return Receipt::silent;
  const auto right = md5(sent.bytes);
  if (right == etag) return Receipt::right_by_md5;
  return !right || is_encrypted_with_a_key(response) ? Receipt::silent : Receipt::doubtful;
}

Receipt take_receipt(S3Context& context, const HttpResponse& response, const SentBytes& sent) {
  const Receipt receipt = read_receipt(response, sent, [&](std::string_view bytes) {
    return sent.md5 ? sent.md5->of(bytes) : md5_hex(bytes);
  });
  if (receipt == Receipt::right_by_md5) context.server().took(S3Feature::md5_etags);
  if (receipt == Receipt::none)
    throw Error(ErrorKind::transient, fmt::format("not S3 answered, but something on the way to it: HTTP {} "
                                                  "without an ETag",
                                                  response.status));
  if (receipt == Receipt::wrong) throw receipt_for_others();
  return receipt;
}

std::optional<std::string> etag_of_parts(const std::vector<std::string>& etags) {
  std::string digests;
  for (const std::string& etag : etags) {
    const std::string digest = to_lower(without_quotes(etag));
    if (!is_md5(digest)) return std::nullopt;
    digests += from_hex(digest);
  }
  const auto digest = md5_hex(digests);
  return digest ? std::optional(fmt::format("{}-{}", *digest, etags.size())) : std::nullopt;
}

// For servers that say nothing of the content: the object is there, with the right size and, where the server
// keeps one, the right checksum. Costs a request (Receipts.CostARequestOnlyWhereTheServerSaysNothing).
void require_stored(S3Context& context, const std::string& key, const StoredContent& sent) {
  S3Request request{.method = "HEAD",
                    .key = key,
                    .extensions = {checksum_mode()},
                    .action = "s3:GetObject",
                    .expected = {404}};
  const auto answer = context.client.send_once(request, nullptr, {});
  if (answer.status() == 404) throw not_stored(key, "it is not there");
  const auto head = parse_head(answer.response);
  if (!head) throw not_stored(key, "tells neither its size nor its ETag");
  if (head->size != sent.size)
    throw not_stored(key, fmt::format("it has {} bytes where {} were sent", head->size, sent.size));
  if (head->crc32 && *head->crc32 != sent.crc32) throw not_stored(key, "its checksum is that of other bytes");
}

bool reads_as(S3Context& context, const std::string& key, const StoredContent& sent) {
  Crc32Sink stored;
  try {
    read_object(context.client, key, {}, stored, {});
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return false;
    if (error.kind() != ErrorKind::cold) throw;
    // A bucket may move what is written to an archive at once: then it cannot be read, and a HEAD must do.
    require_stored(context, key, sent);
    return true;
  }
  return stored.size == sent.size && stored.crc32 == sent.crc32;
}

void read_back(S3Context& context, const std::string& key, const StoredContent& sent) {
  if (!reads_as(context, key, sent))
    throw not_stored(key, "holds other bytes than were sent, or is not there");
  context.server().learn(S3Feature::md5_etags, Known::no);
}

}  // namespace hubkeep
