// Codes decide before statuses: servers give the same code with different statuses, and a gateway gives any
// status without a code. The order in classify_refusal() is that of certainty: what passes by itself, what S3
// has not said, what a code names, and the bare status last. Each row is in
// S3Refusal.IsClassifiedByStatusAndCode.
//
// A message is what was asked, then what the server said to it in its own words, and then, as a sentence of
// its own, what we make of that: a guess never stands before the true reason.
#include "store/s3/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/xml.h"
#include "base/text.h"

namespace hubkeep {
namespace {

constexpr std::size_t kShownSize = 300;

template <std::size_t Size>
bool is_one_of(std::string_view code, const std::array<std::string_view, Size>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Of these the status alone would say that the request is wrong.
constexpr std::array<std::string_view, 16> kTransient = {"RequestTimeout",
                                                         "RequestTimeoutException",
                                                         "PriorRequestNotComplete",
                                                         "SlowDown",
                                                         "Throttling",
                                                         "ThrottlingException",
                                                         "TooManyRequestsException",
                                                         "RequestLimitExceeded",
                                                         "BandwidthLimitExceeded",
                                                         "OperationAborted",
                                                         "ConditionalRequestConflict",
                                                         "InternalError",
                                                         "ServiceUnavailable",
                                                         "IncompleteBody",
                                                         "BadDigest",
                                                         "XAmzContentSHA256Mismatch"};

constexpr std::array<std::string_view, 9> kUnauthorized = {
    "InvalidAccessKeyId", "SignatureDoesNotMatch",        "ExpiredToken",
    "InvalidToken",       "TokenRefreshRequired",         "RequestTimeTooSkewed",
    "InvalidSecurity",    "AuthorizationHeaderMalformed", "RequestExpired"};

bool is_transient(const S3Refusal& refusal) {
  return is_one_of(refusal.code, kTransient) || refusal.status == 429 || refusal.status == 500 ||
         (refusal.status >= 502 && refusal.status <= 504);
}

// A 404 with one of these is about the object or upload; any other may be a gateway's.
constexpr std::array<std::string_view, 3> kMissing = {"NoSuchKey", "NoSuchUpload", "NoSuchVersion"};

constexpr std::string_view kHtml = "text/html";

// S3's own: PutObject with the parts of an upload needs no object, only its bucket and upload.
bool names_what_is_missing(const S3Refusal& refusal, const S3Action& action) {
  if (refusal.to_head) return true;
  const bool writes = action.name == kPut || action.name == kPutLocked;
  return is_one_of(refusal.code, kMissing) && (!writes || refusal.code == "NoSuchUpload");
}

// S3 says no more than InvalidRequest of a bucket without object lock, and as much of a lock without a
// checksum, which others want as Content-MD5. See ObjectLocks.NeedABucketThatWasMadeForThem.
bool may_lack_locks(const S3Refusal& refusal, const S3Action& action) {
  if (action.name != kPutLocked && action.name != kExtendLock) return false;
  const std::string words = to_lower(refusal.message);
  const bool wants_checksum =
      words.find("md5") != std::string::npos || words.find("checksum") != std::string::npos;
  return (refusal.code == "InvalidRequest" && !wants_checksum) ||
         refusal.code == "ObjectLockConfigurationNotFoundError";
}

std::string text_of(const pugi::xml_node& node, const char* name) {
  return std::string(trim(node.child_value(name)));
}

}  // namespace

// S3 begins a long answer with 200 before it knows how it ends: the refusal then stands in its body. See
// S3Faults.AnErrorInTheBodyOfASuccessIsNoSuccess.
bool holds_refusal(const HttpResponse& response) {
  pugi::xml_document document;
  load_xml(document, response.body);
  return std::string_view(document.document_element().name()) == "Error";
}

bool holds_page(const HttpResponse& response) {
  const std::string_view body = trim(response.body);
  return !body.empty() && !body.starts_with("<?xml");
}

bool is_from_s3(const S3Refusal& refusal) {
  if (!refusal.to_head) return !refusal.code.empty();
  const bool redirects = refusal.status >= 300 && refusal.status < 400;
  if (redirects && refusal.status != 301 && refusal.status != 307 && refusal.region.empty()) return false;
  return !refusal.content_type.starts_with(kHtml) || !refusal.request_id.empty();
}

bool is_result(const S3Refusal& refusal) {
  // Of a bad request only what has no other reason: not a token that has expired, nor bytes that got lost.
  if (refusal.status == 400 && classify_refusal(refusal, {}).kind() != ErrorKind::invalid) return false;
  if (refusal.status == 404) return refusal.to_head || is_one_of(refusal.code, kMissing);
  return is_from_s3(refusal) && refusal.code != "NoSuchBucket";
}

S3Refusal read_refusal(const HttpResponse& response, std::string_view method) {
  S3Refusal refusal{.status = response.status,
                    .code = {},
                    .message = {},
                    .region = response.header("x-amz-bucket-region").value_or(""),
                    .request_id = response.header("x-amz-request-id").value_or(""),
                    .content_type = to_lower(response.header("Content-Type").value_or("")),
                    .to_head = method == "HEAD",
                    .is_empty = response.body.empty()};
  pugi::xml_document document;
  load_xml(document, response.body);
  const pugi::xml_node error = document.child("Error");
  if (!error) return refusal;
  refusal.code = text_of(error, "Code");
  refusal.message = text_of(error, "Message");
  if (refusal.region.empty()) refusal.region = text_of(error, "Region");
  if (refusal.request_id.empty()) refusal.request_id = text_of(error, "RequestId");
  return refusal;
}

std::string with_advice(std::string words, std::string_view advice) {
  if (advice.empty()) return words;
  words += words.ends_with('.') || words.ends_with('?') ? " " : ". ";
  return words.append(advice);
}

std::string words_of(const S3Refusal& refusal) {
  std::string text = fmt::format("HTTP {}", refusal.status);
  if (!refusal.code.empty()) text = fmt::format("{} ({})", printable(refusal.code), text);
  if (!refusal.message.empty())
    text += ": " + printable(std::string_view(refusal.message).substr(0, kShownSize));
  if (!refusal.request_id.empty()) text += fmt::format(" [request {}]", printable(refusal.request_id));
  return text;
}

Error classify_refusal(const S3Refusal& refusal, const S3Action& action) {
  const auto error = [&](ErrorKind kind, std::string_view advice) {
    return Error(kind, with_advice(fmt::format("{} on {}: {}", action.name, printable(action.resource),
                                               words_of(refusal)),
                                   advice));
  };
  if (is_transient(refusal)) return error(ErrorKind::transient, "");
  if (!is_from_s3(refusal)) {
    const std::string page = refusal.content_type.empty() ? "" : ", " + printable(refusal.content_type);
    return {ErrorKind::transient,
            with_advice(fmt::format("{} on {}: {}{}", action.name, printable(action.resource),
                                    words_of(refusal), page),
                        "Perhaps not S3 answered, but something on the way to it, or --endpoint-url names "
                        "another server.")};
  }
  if (refusal.code == "NoSuchBucket") return error(ErrorKind::not_found, "There is no such bucket there.");
  if (refusal.code == "InvalidObjectState")
    return error(ErrorKind::cold, "It is in an archive class and must be thawed first.");
  if (may_lack_locks(refusal, action))
    return error(ErrorKind::invalid,
                 "To check: does the bucket have object lock, which is switched on when it is made?");
  if (refusal.code == "RequestTimeTooSkewed")
    return error(ErrorKind::unauthorized, "To check: is this machine's clock right?");
  if (refusal.status == 401 || is_one_of(refusal.code, kUnauthorized))
    return error(ErrorKind::unauthorized, "The credentials were not accepted.");
  if (refusal.status == 403) return error(ErrorKind::forbidden, "The credentials do not allow it.");
  // See S3Refusal.OfAWriteWithA404IsTriedAgainUnlessItsCodeNamesWhatIsMissing.
  if (refusal.status == 404 && !names_what_is_missing(refusal, action))
    return error(ErrorKind::transient, "");
  if (refusal.status == 404) return error(ErrorKind::not_found, "");
  if (refusal.status == 501)
    return error(ErrorKind::invalid, "This server does not know the request, or something in it.");
  if (refusal.status >= 300 && refusal.status < 400)
    return error(ErrorKind::invalid,
                 fmt::format("The bucket is elsewhere{}: give --region or --endpoint-url.",
                             refusal.region.empty() ? "" : ", in " + printable(refusal.region)));
  return error(ErrorKind::invalid, "");
}

}  // namespace hubkeep
