// What servers that speak S3 lack of AWS's protocol, one switch each, as their documents, their sources and
// the bug reports of their users have it; and mixes that are named after such servers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "s3/meddler.h"

namespace hubkeep {

/// How a lack shows.
enum class Lack {
  none,             // there is none
  ignored,          // what is asked is not seen
  silent,           // 400 without a body
  invalid,          // 400 in words
  forbidden,        // 403
  not_implemented,  // 501
};

struct Extensions {
  /// To every x-amz-checksum-* and x-amz-sdk-checksum-algorithm, at HEAD too. silent; invalid, as B2 has it;
  /// not_implemented, as R2 had it until 2025.
  Lack refuses_checksums = Lack::none;
  /// To x-amz-checksum-mode alone, at HEAD: silent, as every refusal of a HEAD is.
  bool refuses_checksum_mode = false;
  /// Of what was sent in parts there is only the checksum of the parts' checksums. not_implemented, as R2 has
  /// it, to FULL_OBJECT where the upload begins; invalid, as MinIO had it until 2025, where it ends.
  Lack composite_only = Lack::none;
  /// A checksum on the way to it makes it find another signature (forbidden) or an argument that is wrong
  /// (invalid), as with Google's XML API. To checksum-mode it says nothing.
  Lack signs_its_own = Lack::none;
  /// The list of parts that ends an upload may name no checksums: 400 MalformedXML, as Swift has it.
  bool strict_lists = false;
  /// A checksum is no hash where something is to be locked, or many objects deleted: it must be the MD5.
  bool locks_want_md5 = false;
  /// All parts but the last must be of one size, and the last none larger, as R2 has it. It says so at the
  /// end.
  bool equal_parts = false;
  /// not_implemented; forbidden; ignored: as MinIO has it, that takes the prefix for a whole key.
  Lack no_upload_list = Lack::none;
  /// ignored, not_implemented, invalid.
  Lack no_start_after = Lack::none;
  /// ignored: keys come as they are; invalid.
  Lack no_encoding_type = Lack::none;
  /// ignored: the answer is that of the first version; not_implemented, invalid.
  Lack no_list_v2 = Lack::none;
  /// The ETag of a part is no MD5, as R2 has it.
  bool opaque_parts = false;
  /// Nor is that of what was sent in parts made of theirs.
  bool opaque_wholes = false;
  /// R2 and Google name their requests in headers of their own.
  bool no_request_id = false;

  friend bool operator==(const Extensions&, const Extensions&) = default;
};

/// What the server says to a request that names what it does not have; nothing where it has it all.
std::optional<sim::HttpResponse> refusal_of(const Extensions& extensions, const sim::HttpRequest& request);

}  // namespace hubkeep
