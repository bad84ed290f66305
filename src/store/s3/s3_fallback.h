// A request that was refused, once more without what the server may lack. Each refusal may have a reason of
// its own: wrong credentials give SignatureDoesNotMatch, just as a server does that signs headers in its own
// way. So only an answer that is good without an extension shows that the server lacks it, and where none is
// good the first refusal stands.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "http/http_client.h"
#include "store/s3/s3_error.h"
#include "store/s3/s3_server.h"
#include "store/s3/s3_url.h"

namespace hubkeep {

/// What is added to a request.
struct S3Addition {
  Headers headers;
  S3Query query;
};

/// What a request says beyond the protocol that all servers speak.
struct S3Extension {
  S3Feature feature;
  S3Addition with;
  /// What stands in for it, if anything does.
  std::function<S3Addition(std::string_view body)> without = {};
  /// Whether a 501 may be for it alone, and not for the whole request.
  bool may_be_unimplemented = true;
};

/// Of one attempt: first with all that the server is not known to lack, then without one extension after the
/// other, then without all. Keeps references.
class S3Fallback {
 public:
  S3Fallback(S3Server& server, const std::vector<S3Extension>& extensions);

  /// As the request is to be sent now.
  S3Addition addition(std::string_view body) const;
  /// What that goes without.
  std::vector<S3Feature> left_out() const;

  /// Whether a refusal may be that of an extension: 400, 501, or a signature that does not match; not one
  /// that passes, nor one that names another reason.
  bool concerns(const S3Refusal& refusal) const;

  /// Whether the request is to be sent again, with another addition().
  bool goes_on_after(const S3Refusal& refusal);

  /// The request went well, whether with success or with another answer that was expected: what that teaches
  /// goes to the server.
  void went_well(bool with_success);

  /// What is to be told in the end, of the first refusal and this last one.
  Error verdict(const S3Refusal& last, const S3Action& action) const;

 private:
  bool is_left_out(std::size_t extension) const;
  bool has_all_left_out() const;
  void learn_lack(S3Feature feature);

  S3Server& server_;
  const std::vector<S3Extension>& extensions_;
  std::vector<std::vector<std::size_t>> tries_;  // what each leaves out; the next one stands last
  std::vector<std::size_t> lacking_;             // as known at the begin
  std::vector<std::size_t> left_out_;
  std::optional<S3Refusal> first_;
  int refusals_ = 0;
};

}  // namespace hubkeep
