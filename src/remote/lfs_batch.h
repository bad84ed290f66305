// The body of a batch request and of its answer (git-lfs: docs/api/batch.md). What a server answers is not
// trusted: it may name other objects than it was asked for, other sizes, and addresses where nobody should
// go. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/http_client.h"
#include "remote/git_status.h"
#include "remote/lfs_remote.h"

namespace hubkeep {

constexpr const char* kLfsMediaType = "application/vnd.git-lfs+json";

std::string lfs_batch_request(std::span<const LfsPointer> objects);

/// An answer for each of `asked`, in their order. Addresses without TLS are refused if `only_tls`. Throws
/// Error(corrupt) for what is no answer to a batch request.
std::vector<LfsAnswer> parse_lfs_batch(std::string_view body, std::span<const LfsPointer> asked,
                                       bool only_tls);

/// What a refusal of the whole request says of each object: that the owner's quota is used up, or that the
/// server takes none of them. Throws the Error for any other status but 2xx.
LfsRefusal lfs_refusal(const HttpResponse& response, const TokenUse& token);

}  // namespace hubkeep
