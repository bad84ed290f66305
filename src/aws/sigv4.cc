// Four steps, each hashed into the next: the canonical request, the string to sign, a key derived from date,
// region and service, and the signature. Any difference to what the server puts together is a
// SignatureDoesNotMatch that does not say where, so the details count: S3 signs a path as it is sent, other
// services normalise and encode it once more. sigv4_test.cc has AWS's own suite.
#include "aws/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::array<std::string_view, 4> kAddedBySigning = {"x-amz-date", "x-amz-content-sha256",
                                                             "x-amz-security-token", "authorization"};
// Proxies and libcurl may change these on the way.
// See SigV4.LeavesOutWhatProxiesChange.
constexpr std::array<std::string_view, 7> kNeverSigned = {
    "authorization", "connection", "expect", "te", "transfer-encoding", "user-agent", "x-amzn-trace-id"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_s3(const SigningScope& scope) {
  return scope.service == "s3";
}

std::string encode_segments(std::string_view path) {
  std::string encoded;
  for (const auto segment : split(path, '/')) encoded += "/" + url_encode(segment);
  return encoded.substr(1);
}

// As it is sent, except for characters that need not be encoded or should have been.
std::string encode_once(std::string_view path) {
  std::string encoded;
  for (const auto segment : split(path, '/')) encoded += "/" + url_encode(url_decode(segment));
  return encoded.substr(1);
}

// RFC 3986 section 5.2.4, and empty segments fall away.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string result;
  for (const auto segment : kept) result.append("/").append(segment);
  if (result.empty() || path.ends_with('/')) result += '/';
  return result;
}

std::string canonical_path(const Url& url, const SigningScope& scope) {
  return is_s3(scope) ? encode_once(url.path) : encode_segments(normalised(url.path));
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    const auto value = part.substr(std::min(equals + 1, part.size()));
    pairs.emplace_back(url_encode(url_decode(part.substr(0, equals))), url_encode(url_decode(value)));
  }
  std::sort(pairs.begin(), pairs.end());  // after encoding: '%' sorts before letters
  std::string result;
  for (const auto& [name, value] : pairs) result.append("&").append(name).append("=").append(value);
  return result.empty() ? result : result.substr(1);
}

std::string single_spaced(std::string_view value) {
  std::string result;
  for (const char c : trim(value)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      result += c;
    } else if (!result.ends_with(' ')) {
      result += ' ';
    }
  }
  return result;
}

using SignedHeaders = std::map<std::string, std::string>;  // sorted by name, values of one name joined

SignedHeaders signed_headers(const HttpRequest& request) {
  SignedHeaders result = {{"host", request.url.host_and_port()}};
  for (const auto* headers : {&request.headers, &request.secret_headers}) {
    for (const auto& [name, value] : *headers) {
      const std::string key = to_lower(trim(name));
      if (contains(kNeverSigned, key) || key == "host") continue;
      const auto [entry, is_new] = result.emplace(key, single_spaced(value));
      if (!is_new) entry->second += "," + single_spaced(value);
    }
  }
  return result;
}

std::string names_of(const SignedHeaders& headers) {
  std::string names;
  for (const auto& [name, value] : headers) names.append(";").append(name);
  return names.substr(1);
}

std::string date_of(UtcTime now) {
  return format_compact_time(now).substr(0, 8);
}

std::string scope_text(const SigningScope& scope, UtcTime now) {
  return fmt::format("{}/{}/{}/aws4_request", date_of(now), scope.region, scope.service);
}

std::string signing_key(const Secret& secret, const SigningScope& scope, UtcTime now) {
  std::string key = "AWS4" + secret.reveal();
  for (const std::string& part : {date_of(now), scope.region, scope.service, std::string("aws4_request")}) {
    key = hmac_sha256(key, part);
  }
  return key;
}

// A request that is sent again is signed again (SigV4.ReplacesAnEarlierSignature).
void remove_earlier_signature(Headers& headers) {
  std::erase_if(headers,
                [](const auto& header) { return contains(kAddedBySigning, to_lower(header.first)); });
}

}  // namespace

std::string canonical_request(const HttpRequest& request, const SigningScope& scope,
                              std::string_view payload_sha256) {
  const auto headers = signed_headers(request);
  std::string lines;
  for (const auto& [name, value] : headers) lines += fmt::format("{}:{}\n", name, value);
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(request.url, scope),
                     canonical_query(request.url.query), lines, names_of(headers), payload_sha256);
}

std::string string_to_sign(std::string_view canonical_request, const SigningScope& scope, UtcTime now) {
  return fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", format_compact_time(now), scope_text(scope, now),
                     sha256_hex(canonical_request));
}

void sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope, UtcTime now,
          std::string_view payload_sha256) {
  remove_earlier_signature(request.headers);
  remove_earlier_signature(request.secret_headers);
  auto& added = request.secret_headers;
  added.emplace_back("x-amz-date", format_compact_time(now));
  if (is_s3(scope)) added.emplace_back("x-amz-content-sha256", payload_sha256);
  if (!credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials.session_token.reveal());
  }
  const auto text = string_to_sign(canonical_request(request, scope, payload_sha256), scope, now);
  const auto key = signing_key(credentials.secret_access_key, scope, now);
  added.emplace_back("Authorization",
                     fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                                 credentials.access_key_id, scope_text(scope, now),
                                 names_of(signed_headers(request)), to_hex(hmac_sha256(key, text))));
}

}  // namespace hubkeep
