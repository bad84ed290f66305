// What an S3 server's refusal means: one pure function decides, for every status and code. What stands
// between here and the server may answer, too, with whatever status and a page of its own: that says nothing
// of an object.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http_client.h"

namespace hubkeep {

/// An answer that is no success, as far as it explains itself.
struct S3Refusal {
  int status = 0;
  std::string code;  // "NoSuchKey"
  std::string message;
  std::string region;  // where the bucket is, when the server says so
  std::string request_id;
  std::string content_type;
  bool to_head = false;   // then there is no body, and so no code
  bool is_empty = false;  // no body came
};

/// Reads status, headers and the XML body: <Error><Code>…</Code><Message>…</Message>…</Error>
S3Refusal read_refusal(const HttpResponse& response, std::string_view method);

/// The same for the body of a 200: nothing unless its root is <Error>.
bool holds_refusal(const HttpResponse& response);

/// A 2xx answer to a request that asks for no content, and yet it has some that is no XML.
bool holds_page(const HttpResponse& response);

/// Whether S3 itself has refused: it gives a code, but to HEAD. To a HEAD its own redirects name the region
/// or are 301 and 307, and it never says that it would have sent HTML without naming the request.
bool is_from_s3(const S3Refusal& refusal);

/// Whether a status that is a result for the one who asked is one: from S3, about the object or upload.
bool is_result(const S3Refusal& refusal);

/// "s3:PutObject on arn:aws:s3:::bucket/key"
struct S3Action {
  std::string_view name;
  std::string resource;
};

constexpr std::string_view kPut = "s3:PutObject";
constexpr std::string_view kPutLocked = "s3:PutObject with s3:PutObjectRetention";
constexpr std::string_view kExtendLock = "s3:PutObjectRetention";

/// What the server said, and nothing else: "AccessDenied (HTTP 403): Access Denied [request 4Z]".
std::string words_of(const S3Refusal& refusal);

/// `advice` as a sentence of its own after `words`.
std::string with_advice(std::string words, std::string_view advice);

/// "s3:PutObject on ARN: " and words_of(), then our advice as a sentence of its own.
/// transient: worth another try, as is what S3 has not said itself, and a 404 that names nothing that can be
/// missing; not_found; unauthorized: keys, token or clock; forbidden: the keys are good
/// but may not do this; cold: to be thawed first; invalid: all else that the user must mend.
Error classify_refusal(const S3Refusal& refusal, const S3Action& action);

}  // namespace hubkeep
