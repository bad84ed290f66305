// Codes decide before statuses: servers give the same code with different statuses, and a gateway gives any
// status without a code. The order in classify_refusal() is that of certainty: what passes by itself, what S3
// has not said, what a code names, and the bare status last. Each row is in
// S3Refusal.IsClassifiedByStatusAndCode.
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

std::string reason(const S3Refusal& refusal) {
  std::string text = fmt::format("HTTP {}", refusal.status);
  if (!refusal.code.empty()) text = fmt::format("{} ({})", printable(refusal.code), text);
  if (!refusal.message.empty())
    text += ": " + printable(std::string_view(refusal.message).substr(0, kShownSize));
  if (!refusal.request_id.empty()) text += fmt::format(" [request {}]", printable(refusal.request_id));
  return text;
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

// S3 says no more than InvalidRequest of a bucket without object lock. See
// ObjectLocks.NeedABucketThatWasMadeForThem.
bool refuses_locks(const S3Refusal& refusal, const S3Action& action) {
  return (action.name == kPutLocked || action.name == kExtendLock) &&
         (refusal.code == "InvalidRequest" || refusal.code == "ObjectLockConfigurationNotFoundError");
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
                    .to_head = method == "HEAD"};
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

Error classify_refusal(const S3Refusal& refusal, const S3Action& action) {
  const std::string what = fmt::format("{} on {}", action.name, printable(action.resource));
  const std::string why = reason(refusal);
  if (is_transient(refusal)) return {ErrorKind::transient, fmt::format("{} failed: {}", what, why)};
  if (!is_from_s3(refusal))
    return {
        ErrorKind::transient,
        fmt::format("{}: not S3 answered, but something on the way to it, or --endpoint-url names another "
                    "server: {}{}",
                    what, why, refusal.content_type.empty() ? "" : ", " + printable(refusal.content_type))};
  if (refusal.code == "NoSuchBucket")
    return {ErrorKind::not_found, fmt::format("{}: there is no such bucket: {}", what, why)};
  if (refusal.code == "InvalidObjectState")
    return {ErrorKind::cold,
            fmt::format("{}: the object is in an archive class and must be thawed first: {}", what, why)};
  if (refuses_locks(refusal, action))
    return {ErrorKind::invalid,
            fmt::format("{}: does the bucket have object lock, which is switched on when it is made? {}",
                        what, why)};
  if (refusal.code == "RequestTimeTooSkewed")
    return {ErrorKind::unauthorized, fmt::format("{}: this machine's clock is wrong: {}", what, why)};
  if (refusal.status == 401 || is_one_of(refusal.code, kUnauthorized))
    return {ErrorKind::unauthorized, fmt::format("{}: the credentials were not accepted: {}", what, why)};
  if (refusal.status == 403)
    return {ErrorKind::forbidden, fmt::format("the credentials do not allow {}: {}", what, why)};
  // See S3Refusal.OfAWriteWithA404IsTriedAgainUnlessItsCodeNamesWhatIsMissing.
  if (refusal.status == 404 && !names_what_is_missing(refusal, action))
    return {ErrorKind::transient, fmt::format("{} failed: {}", what, why)};
  if (refusal.status == 404) return {ErrorKind::not_found, fmt::format("{}: {}", what, why)};
  if (refusal.status == 501)
    return {ErrorKind::invalid, fmt::format("this server does not know {}: {}", what, why)};
  if (refusal.status >= 300 && refusal.status < 400)
    return {ErrorKind::invalid,
            fmt::format("{}: the bucket is elsewhere{}: give --region or --endpoint-url: {}", what,
                        refusal.region.empty() ? "" : ", in " + printable(refusal.region), why)};
  return {ErrorKind::invalid, fmt::format("{} was refused: {}", what, why)};
}

}  // namespace hubkeep
