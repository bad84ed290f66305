// In the servers' own words, as they stand in bug reports: what hubkeep makes of a refusal may hang on them.
#include "s3/extensions.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

constexpr const char* kNotImplemented =
    "A header you provided implies functionality that is not implemented.";

sim::HttpResponse refuse_in_words(Lack lack, const std::string& what) {
  switch (lack) {
    case Lack::silent:
      return {.status = 400};
    case Lack::forbidden:
      return s3_error(403, "AccessDenied", {}, "Access Denied.");
    case Lack::not_implemented:
      return s3_error(501, "NotImplemented", {}, what + " not implemented");
    default:
      return s3_error(400, "InvalidArgument", {}, what);
  }
}

/// The first header that is part of AWS's checksums.
const std::pair<std::string, std::string>* find_checksum(const sim::Headers& headers) {
  for (const auto& header : headers) {
    const std::string name = to_lower(header.first);
    if (name.starts_with("x-amz-checksum-") || name == "x-amz-sdk-checksum-algorithm") return &header;
  }
  return nullptr;
}

bool is_refused(Lack lack) {
  return lack != Lack::none && lack != Lack::ignored;
}

std::optional<sim::HttpResponse> refuse_checksums(const Extensions& extensions,
                                                  const sim::HttpRequest& request) {
  const auto* header = find_checksum(request.headers);
  if (header == nullptr) return std::nullopt;
  const std::string name = to_lower(header->first);
  if (extensions.refuses_checksums == Lack::not_implemented)
    return refuse_in_words(Lack::not_implemented,
                           fmt::format("Header '{}' with value '{}'", name, header->second));
  if (extensions.refuses_checksums != Lack::none)
    return refuse_in_words(extensions.refuses_checksums,
                           fmt::format("Unsupported header '{}' received for this API call.", name));
  const bool only_asks = name == "x-amz-checksum-mode";
  if (extensions.refuses_checksum_mode && only_asks) return sim::HttpResponse{.status = 400};
  if (extensions.signs_its_own == Lack::forbidden && !only_asks)
    return s3_error(403, "SignatureDoesNotMatch", {},
                    "The request signature we calculated does not match the signature you provided. Check "
                    "your Google secret key and signing method.");
  if (extensions.signs_its_own == Lack::invalid && !only_asks)
    return s3_error(400, "InvalidArgument", {}, "Invalid argument.");
  if (extensions.composite_only == Lack::not_implemented &&
      sim::header_value(request.headers, "x-amz-checksum-type") == "FULL_OBJECT")
    return s3_error(501, "NotImplemented", {}, kNotImplemented);
  return std::nullopt;
}

}  // namespace

std::optional<sim::HttpResponse> refusal_of(const Extensions& extensions, const sim::HttpRequest& request) {
  if (auto refusal = refuse_checksums(extensions, request)) return refusal;
  if (request.method != "GET") return std::nullopt;
  const auto query = sim::parse_query(request.query);
  if (query.contains("uploads") && is_refused(extensions.no_upload_list))
    return refuse_in_words(extensions.no_upload_list, "ListMultipartUploads");
  if (query.contains("list-type") && is_refused(extensions.no_list_v2))
    return refuse_in_words(extensions.no_list_v2, "list-type");
  if (query.contains("start-after") && is_refused(extensions.no_start_after))
    return refuse_in_words(extensions.no_start_after, "start-after");
  if (query.contains("encoding-type") && is_refused(extensions.no_encoding_type))
    return refuse_in_words(extensions.no_encoding_type, "Invalid Encoding Method specified in Request");
  return std::nullopt;
}

}  // namespace hubkeep
