#include "store/s3_list.h"

#include <algorithm>

#include "base/error.h"
#include "store/object_key.h"

namespace hubkeep {
namespace {

constexpr int kNotFound = 404;

void check_prefixes(const S3ListPage& page, const std::string& prefix) {
  const auto begins = [&](const std::string& key) { return key.starts_with(prefix); };
  if (std::all_of(page.objects.begin(), page.objects.end(),
                  [&](const ObjectInfo& object) { return begins(object.key); }) &&
      std::all_of(page.common_prefixes.begin(), page.common_prefixes.end(), begins)) {
    return;
  }
  throw Error(ErrorKind::corrupt, "the server lists what it was not asked for");
}

/// When the newest part arrived; nothing for an upload that is gone.
std::optional<UtcTime> newest_part(S3Client& client, const S3PendingUpload& upload) {
  UtcTime newest = upload.initiated;
  for (std::string marker;;) {
    S3PartsPage page;
    S3Request request{.method = "GET",
                      .key = upload.key,
                      .query = {{"uploadId", upload.id}},
                      .action = "s3:ListMultipartUploadParts",
                      .expected = {kNotFound},
                      .check = [&](const HttpResponse& response) { page = parse_parts_page(response.body); }};
    if (!marker.empty()) request.query.emplace_back("part-number-marker", marker);
    if (client.send(request, {}).status() == kNotFound) return std::nullopt;
    newest = std::max(newest, page.newest);
    if (!page.more || page.next.empty() || page.next == marker) return newest;
    marker = page.next;
  }
}

class StaleUploads {
 public:
  StaleUploads(S3Client& client, const std::string& prefix, const KeyFilter& is_ours,
               std::chrono::seconds age)
      : client_(client), prefix_(prefix), is_ours_(is_ours), age_(age) {}

  int abort_all() {
    while (abort_page()) {
    }
    return count_;
  }

 private:
  // True when there is another page. Without encoding-type: Ceph encodes the keys here, and does not say so.
  bool abort_page() {
    S3UploadsPage page;
    S3Request request{
        .method = "GET",
        .query = {{"uploads", ""}, {"prefix", prefix_}},
        .action = "s3:ListBucketMultipartUploads",
        .check = [&](const HttpResponse& response) { page = parse_uploads_page(response.body); }};
    if (!next_key_.empty()) request.query.emplace_back("key-marker", next_key_);
    if (!next_id_.empty()) request.query.emplace_back("upload-id-marker", next_id_);
    const auto answer = client_.send(request, {});
    const auto date = parse_http_date(answer.response.header("Date").value_or(""));
    now_ = date.value_or(client_.clock().now());
    for (const auto& upload : page.uploads) {
      if (is_ours(upload) && is_stale(upload)) abort(upload);
    }
    const bool more = page.more && (page.next_key != next_key_ || page.next_id != next_id_);
    next_key_ = page.next_key;
    next_id_ = page.next_id;
    return more;
  }

  bool is_ours(const S3PendingUpload& upload) const {
    if (!upload.key.starts_with(prefix_)) return false;
    const ObjectKey key = upload.key.substr(prefix_.size());
    return is_valid_key(key) && is_ours_(key);
  }

  bool is_stale(const S3PendingUpload& upload) {
    if (age_.count() == 0) return true;
    if (now_ - upload.initiated < age_) return false;
    const auto newest = newest_part(client_, upload);
    return newest && now_ - *newest >= age_;
  }

  void abort(const S3PendingUpload& upload) {
    const auto answer = client_.send({.method = "DELETE",
                                      .key = upload.key,
                                      .query = {{"uploadId", upload.id}},
                                      .action = "s3:AbortMultipartUpload",
                                      .expected = {kNotFound}},
                                     {});
    if (answer.status() != kNotFound) ++count_;
  }

  S3Client& client_;
  const std::string& prefix_;
  const KeyFilter& is_ours_;
  const std::chrono::seconds age_;
  std::string next_key_;
  std::string next_id_;
  UtcTime now_;
  int count_ = 0;
};

}  // namespace

void list_objects(S3Client& client, const S3Listing& listing,
                  const std::function<bool(const S3ListPage&)>& visit) {
  for (std::string token;;) {
    S3ListPage page;
    S3Request request{.method = "GET",
                      .query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", listing.prefix}},
                      .action = "s3:ListBucket",
                      .check = [&](const HttpResponse& response) {
                        page = parse_list_page(response.body);
                        check_prefixes(page, listing.prefix);
                      }};
    if (!listing.delimiter.empty()) request.query.emplace_back("delimiter", listing.delimiter);
    if (!listing.start_after.empty()) request.query.emplace_back("start-after", listing.start_after);
    if (!token.empty()) request.query.emplace_back("continuation-token", token);
    client.send(request, {});
    if (!visit(page) || page.next.empty()) return;
    token = page.next;
  }
}

int abort_stale_uploads(S3Client& client, const std::string& prefix, const KeyFilter& is_ours,
                        std::chrono::seconds age) {
  return StaleUploads(client, prefix, is_ours, age).abort_all();
}

}  // namespace hubkeep
