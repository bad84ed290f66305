// The canonical request is made of what the server has got, and only of the headers that it is told are
// signed: a header that was added, dropped or changed after signing shows. The steps of it are hubkeep's own;
// servers of others (radosgw, Swift, moto's gate) check those.
#include "s3/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "aws/sigv4.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "s3/meddler.h"
#include "s3/radosgw.h"

namespace hubkeep {
namespace {

const std::regex kAuthorization(
    "AWS4-HMAC-SHA256 Credential=([^, /]+)/(\\d{8})/([^, /]+)/s3/aws4_request, ?SignedHeaders=([^, ]+), "
    "?Signature=([0-9a-f]{64})");

struct Authorization {
  std::string date;
  std::string region;
  std::vector<std::string> signed_headers;
  std::string signature;
};

std::optional<Authorization> parse_authorization(const sim::HttpRequest& request) {
  std::smatch match;
  const std::string text = sim::header_value(request.headers, "Authorization");
  if (!std::regex_match(text, match, kAuthorization) || match[1] != Radosgw::kAccessKey) return std::nullopt;
  Authorization found{.date = match[2], .region = match[3], .signed_headers = {}, .signature = match[5]};
  const std::string names = match[4];
  for (const auto name : split(names, ';')) found.signed_headers.emplace_back(name);
  return found;
}

bool signs(const Authorization& authorization, const std::string& name) {
  const auto& names = authorization.signed_headers;
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string signature_of(const sim::HttpRequest& request, const Authorization& authorization) {
  std::string path;
  for (const auto component : split(std::string_view(request.path).substr(1), '/'))
    path += "/" + url_encode(component);
  const std::string host = sim::header_value(request.headers, "Host");
  HttpRequest again{
      .method = request.method,
      .url = Url::parse("http://" + host + path + (request.query.empty() ? "" : "?") + request.query),
      .headers = {}};
  for (const auto& [name, value] : request.headers)
    if (signs(authorization, to_lower(name))) again.headers.emplace_back(name, value);
  const SigningScope scope{.region = authorization.region, .service = "s3"};
  const std::string canonical =
      canonical_request(again, scope, sim::header_value(request.headers, "x-amz-content-sha256"));
  const std::string text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}/{}/s3/aws4_request\n{}",
                                       sim::header_value(request.headers, "x-amz-date"), authorization.date,
                                       authorization.region, sha256_hex(canonical));
  std::string key = "AWS4" + std::string(Radosgw::kSecretKey);
  for (const std::string& step :
       {authorization.date, authorization.region, std::string("s3"), std::string("aws4_request")})
    key = hmac_sha256(key, step);
  return to_hex(hmac_sha256(key, text));
}

}  // namespace

std::optional<sim::HttpResponse> refusal_of_signature(const sim::HttpRequest& request, bool checks_all) {
  const auto authorization = parse_authorization(request);
  if (!authorization) return checks_all ? std::optional(s3_error(403, "AccessDenied")) : std::nullopt;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = to_lower(name);
    if ((lower.starts_with("x-amz-") || lower == "host" || lower == "content-md5") &&
        !signs(*authorization, lower))
      return s3_error(403, "AccessDenied", {},
                      "There were headers present in the request which were not signed: " + lower);
  }
  for (const auto& name : authorization->signed_headers)
    if (!sim::has_header(request.headers, name)) return s3_error(403, "SignatureDoesNotMatch");
  if (checks_all && signature_of(request, *authorization) != authorization->signature)
    return s3_error(403, "SignatureDoesNotMatch");
  return std::nullopt;
}

}  // namespace hubkeep
