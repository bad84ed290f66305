// A HEAD comes first: most objects are not cold, and a second RestoreObject would cost a request for nothing
// (S3Thaw.IsAskedForOnce). A copy out of GLACIER is kept for some days; what INTELLIGENT_TIERING has let sink
// comes back for good, and S3 refuses days for it (S3Thaw.HasNoDaysForWhatComesBackForGood).
#include "store/s3/s3_thaw.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "store/s3/s3_checksums.h"
#include "store/s3/s3_head.h"

namespace hubkeep {
namespace {

constexpr int kConflict = 409;  // RestoreAlreadyInProgress: somebody else has asked meanwhile

const char* name_of(ThawTier tier) {
  switch (tier) {
    case ThawTier::expedited:
      return "Expedited";
    case ThawTier::standard:
      return "Standard";
    case ThawTier::bulk:
      return "Bulk";
  }
  return "Standard";
}

}  // namespace

std::string thaw_body(const ThawRequest& request, bool for_good) {
  const std::string days = for_good ? "" : fmt::format("<Days>{}</Days>", request.days.count());
  return fmt::format(
      "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}"
      "<GlacierJobParameters><Tier>{}</Tier></GlacierJobParameters></RestoreRequest>",
      days, name_of(request.tier));
}

Access thaw_object(S3Client& client, const std::string& key, const ThawRequest& request) {
  const auto head = head_object(client, key);
  if (!head) throw Error(ErrorKind::not_found, "there is no " + printable(key));
  if (head->access != Access::cold) return head->access;
  S3Request ask{.method = "POST",
                .key = key,
                .query = {{"restore", ""}},
                .headers = {{"Content-Type", "application/xml"}},
                .body = thaw_body(request, !is_archive_class(head->storage_class)),
                .action = "s3:RestoreObject",
                .expected = {kConflict}};
  add_checksums_of_xml(ask);
  const auto answer = client.send(ask, {});
  if (answer.status() != kConflict) return Access::cold;
  if (answer.refusal.code == "RestoreAlreadyInProgress") return Access::thawing;
  throw classify_refusal(answer.refusal, {ask.action, s3_arn(client.address(), key)});
}

}  // namespace hubkeep
