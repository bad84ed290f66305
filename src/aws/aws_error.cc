// Each service has its own way of saying no: JSON in several spellings, XML with or without an ErrorResponse
// around it, or a header. They are read into one AwsRefusal; its code decides the kind of Error, and the
// status only where the code is unknown.
#include "aws/aws_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "aws/xml.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

struct CodesOfKind {
  ErrorKind kind;
  std::initializer_list<std::string_view> codes;
};

// docs.aws.amazon.com: "Common errors" of the Query API, STS AssumeRole and AssumeRoleWithWebIdentity, SSO
// GetRoleCredentials, SSO OIDC CreateToken; S3 "Error responses" for those that concern the credentials.
const CodesOfKind kKnownCodes[] = {
    {ErrorKind::unauthorized, {"AuthFailure",           "ExpiredToken",
                               "ExpiredTokenException", "IncompleteSignature",
                               "InvalidAccessKeyId",    "InvalidClientException",
                               "InvalidClientTokenId",  "InvalidGrantException",
                               "InvalidIdentityToken",  "InvalidSecurity",
                               "InvalidToken",          "MissingAuthenticationToken",
                               "MissingSecurityHeader", "RequestExpired",
                               "RequestTimeTooSkewed",  "SignatureDoesNotMatch",
                               "TokenRefreshRequired",  "UnauthorizedClientException",
                               "UnauthorizedException", "UnrecognizedClientException",
                               "invalid_client",        "invalid_grant"}},
    {ErrorKind::forbidden,
     {"AccessDenied", "AccessDeniedException", "AccountProblem", "AllAccessDisabled", "ForbiddenException",
      "IDPRejectedClaim", "NotAuthorized", "NotSignedUp", "OptInRequired", "RegionDisabledException",
      "UnauthorizedOperation"}},
    {ErrorKind::transient,
     {"BandwidthLimitExceeded",
      "IDPCommunicationError",
      "InternalError",
      "InternalFailure",
      "InternalServerException",
      "LimitExceededException",
      "PriorRequestNotComplete",
      "ProvisionedThroughputExceededException",
      "RequestLimitExceeded",
      "RequestThrottled",
      "RequestThrottledException",
      "RequestTimeout",
      "RequestTimeoutException",
      "ServiceUnavailable",
      "SlowDown",
      "SlowDownException",
      "ThrottledException",
      "Throttling",
      "ThrottlingException",
      "TooManyRequestsException",
      "TransactionInProgressException"}},
    {ErrorKind::not_found, {"NoSuchBucket", "NoSuchKey", "ResourceNotFoundException"}},
    {ErrorKind::invalid,
     {"InvalidAction", "InvalidParameterCombination", "InvalidParameterValue", "InvalidQueryParameter",
      "InvalidRequestException", "MalformedPolicyDocument", "MalformedQueryString", "MissingAction",
      "MissingParameter", "PackedPolicyTooLarge", "ValidationError", "ValidationException"}},
};

ErrorKind kind_of_status(int status) {
  if (status == 401) return ErrorKind::unauthorized;
  if (status == 403) return ErrorKind::forbidden;
  if (status == 404) return ErrorKind::not_found;
  if (status == 408 || status == 429 || status >= 500) return ErrorKind::transient;
  return ErrorKind::invalid;
}

// "com.amazon#Code:http://…" is how the JSON services may write Code.
std::string plain_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const auto hash = code.rfind('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

std::string text_of(const nlohmann::json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_string()) return found->get<std::string>();
  }
  return {};
}

bool read_json(const std::string& body, AwsRefusal& refusal) {
  const auto json = parse_json_or_discard(body);
  if (!json.is_object()) return false;
  refusal.code = plain_code(text_of(json, {"__type", "code", "Code", "error"}));
  refusal.message = text_of(json, {"message", "Message", "error_description"});
  return true;
}

void read_xml(const std::string& body, AwsRefusal& refusal) {
  pugi::xml_document document;
  if (!load_xml(document, body)) return;
  auto error = document.document_element();
  if (const auto inner = error.child("Error")) error = inner;  // STS puts it into an ErrorResponse
  refusal.code = error.child_value("Code");
  refusal.message = error.child_value("Message");
}

// STS and Secrets Manager: "Signature expired: 20261123T184501Z is now earlier than …", "Signature not yet
// current: …".
bool speaks_of_time(const AwsRefusal& refusal) {
  return refusal.code == "RequestExpired" || refusal.code == "RequestTimeTooSkewed" ||
         refusal.message.find("Signature expired") != std::string::npos ||
         refusal.message.find("Signature not yet current") != std::string::npos;
}

}  // namespace

ErrorKind classify_refusal(int status, std::string_view code) {
  for (const auto& [kind, codes] : kKnownCodes) {
    if (std::find(codes.begin(), codes.end(), code) != codes.end()) return kind;
  }
  return kind_of_status(status);
}

AwsRefusal parse_refusal(const HttpResponse& response) {
  AwsRefusal refusal{.status = response.status, .code = "", .message = ""};
  if (!read_json(response.body, refusal)) read_xml(response.body, refusal);
  if (const auto type = response.header("x-amzn-ErrorType")) refusal.code = plain_code(*type);
  // See the tests of AwsRedirect.
  if (response.status / 100 == 3 && refusal.message.empty()) {
    refusal.message =
        "a redirect, which is not followed because secrets are at stake: check the endpoint's URL";
  }
  return refusal;
}

Error refusal_error(std::string_view action, const AwsRefusal& refusal) {
  constexpr std::size_t kLongestMessage = 500;
  const auto code = refusal.code.empty() ? "" : printable(refusal.code) + ", ";
  const auto words =
      refusal.message.empty() ? "refused" : printable(refusal.message.substr(0, kLongestMessage));
  return {classify_refusal(refusal.status, refusal.code),
          fmt::format("{}: {}{} ({}HTTP {})", action,
                      speaks_of_time(refusal) ? "the clock of this machine is wrong, set it: " : "", words,
                      code, refusal.status)};
}

}  // namespace hubkeep
