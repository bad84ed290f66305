// Lists are walked page by page and must get on: keys come in ascending order, and a token is opaque, so it
// is the keys that show whether a page goes on. Uploads are listed in an order of the server's own, so there
// each place from which a list went on is remembered, and one that comes twice ends the walk. Without either
// a server, or a cache before it, that repeats one page would hold a run up forever
// (S3Faults.AListOfUploadsThatComesAgainHasAnEnd).
//
// An unfinished upload is stale if it is old and its newest part is old as well: a large upload that began
// yesterday may well be under way.
#include "store/s3/s3_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/error.h"
#include "store/object_key.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_part_plan.h"

namespace hubkeep {
namespace {

constexpr int kNotFound = 404;
constexpr int kMostPagesInPlace =
    100;  // that bring nothing, one after the other: of deleted objects, for one
constexpr std::size_t kMostUploadPages = 10'000;  // of a thousand each
constexpr std::size_t kLongestToken = 8 << 10;    // it becomes a part of a URL
// Each is tried again for a while: nothing waits for more of them.
constexpr std::size_t kMostProblems = 3;

// A list is in the order of its keys. One whose pages do not go on would never end.
class ListProgress {
 public:
  explicit ListProgress(std::string_view action) : action_(action) {}

  /// `last`: the greatest key of a page, empty for a page without any. Throws Error(corrupt).
  void take(const std::string& last, const std::string& token) {
    if (token.size() > kLongestToken) refuse("says where it goes on in more than 8 KiB");
    if (!last.empty() && last <= last_) refuse("does not go on, but comes again");
    if (last.empty() && ++in_place_ > kMostPagesInPlace)
      refuse("goes on and on with pages that hold nothing");
    if (last.empty()) return;
    last_ = last;
    in_place_ = 0;
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    throw Error(ErrorKind::corrupt, fmt::format("{}: the server's list {}: is it S3 that answers there, or "
                                                "something on the way to it?",
                                                action_, what));
  }

  const std::string_view action_;
  std::string last_;
  int in_place_ = 0;
};

std::string greatest_key(const S3ListPage& page) {
  std::string greatest;
  for (const auto& object : page.objects) greatest = std::max(greatest, object.key);
  for (const auto& below : page.common_prefixes) greatest = std::max(greatest, below);
  return greatest;
}

// A cache or gateway that drops the query would answer with the whole bucket, objects of others included.
void check_prefixes(const S3ListPage& page, const std::string& prefix) {
  const auto begins = [&](const std::string& key) { return key.starts_with(prefix); };
  if (std::all_of(page.objects.begin(), page.objects.end(),
                  [&](const ObjectInfo& object) { return begins(object.key); }) &&
      std::all_of(page.common_prefixes.begin(), page.common_prefixes.end(), begins)) {
    return;
  }
  throw Error(ErrorKind::corrupt, "the server lists what it was not asked for");
}

// One list, in the version that the server knows. ListObjectsV2 goes on by a token, and begins after a key
// where it is asked to; ListObjects does both by a marker. What a server does not keep of that, we leave out
// of what it lists.
class ObjectList {
 public:
  ObjectList(S3Client& client, const S3Listing& listing)
      : client_(client),
        server_(client.server()),
        listing_(listing),
        is_v1_(server_.lacks(S3Feature::list_v2)),
        after_(listing.start_after) {}

  void walk(const std::function<bool(const S3ListPage&)>& visit) {
    for (;;) {
      S3ListPage page = ask();
      const std::string last = greatest_key(page);
      progress_.take(last, page.next);
      leave_out_what_is_before(page);
      if (!visit(page) || !page.more) return;
      token_ = page.next;
      after_ = std::max(after_, page.marker.empty() ? last : page.marker);
    }
  }

 private:
  S3ListPage ask() {
    S3ListPage page;
    S3Request request{.method = "GET",
                      .query = {{"prefix", listing_.prefix}},
                      .action = "s3:ListBucket",
                      .check = [&](const HttpResponse& response) {
                        page = parse_list_page(response.body);
                        check_prefixes(page, listing_.prefix);
                        if (goes_nowhere(page) && !may_be_of_v1())
                          throw Error(ErrorKind::transient,
                                      "the server's list goes on and does not say where");
                      }};
    if (!listing_.delimiter.empty()) request.query.emplace_back("delimiter", listing_.delimiter);
    add_place(request);
    request.extensions.push_back(
        {.feature = S3Feature::encoding_type, .with = {.headers = {}, .query = {{"encoding-type", "url"}}}});
    const S3Answer answer = client_.send(request, {});
    // An older server does not see that it was asked for the second version.
    if (!is_v1_ && goes_nowhere(page)) server_.learn(S3Feature::list_v2, Known::no);
    is_v1_ = is_v1_ || goes_nowhere(page) || !answer.went_with(S3Feature::list_v2);
    return page;
  }

  static bool goes_nowhere(const S3ListPage& page) { return page.more && page.next.empty(); }
  bool may_be_of_v1() const { return is_v1_ || (token_.empty() && !server_.is_aws()); }

  // Where it begins. Only the first page can be asked for in either version.
  void add_place(S3Request& request) const {
    const S3Query marker = after_.empty() ? S3Query{} : S3Query{{"marker", after_}};
    if (is_v1_) {
      request.query.insert(request.query.end(), marker.begin(), marker.end());
    } else if (!token_.empty()) {
      request.query.insert(request.query.end(), {{"list-type", "2"}, {"continuation-token", token_}});
    } else {
      request.extensions.push_back(
          {.feature = S3Feature::list_v2,
           .with = {.headers = {}, .query = {{"list-type", "2"}}},
           .without = [=](std::string_view) { return S3Addition{.headers = {}, .query = marker}; }});
      if (!after_.empty())
        request.extensions.push_back(
            {.feature = S3Feature::start_after, .with = {.headers = {}, .query = {{"start-after", after_}}}});
    }
  }

  void leave_out_what_is_before(S3ListPage& page) const {
    const auto dropped =
        std::erase_if(page.objects, [&](const ObjectInfo& object) { return object.key <= after_; });
    if (!is_v1_ && token_.empty() && dropped > 0) server_.learn(S3Feature::start_after, Known::no);
    if (is_v1_) std::erase_if(page.common_prefixes, [&](const auto& below) { return below <= after_; });
  }

  S3Client& client_;
  S3Server& server_;
  const S3Listing& listing_;
  ListProgress progress_{"s3:ListBucket"};
  bool is_v1_;
  std::string token_;
  std::string after_;  // what has been seen, or is not asked for
};

struct Parts {
  UtcTime newest;  // when it arrived
  ByteCount size = 0;
};

/// Nothing for an upload that is gone.
std::optional<Parts> find_parts(S3Client& client, const S3PendingUpload& upload) {
  Parts parts{.newest = upload.initiated};
  for (int marker = 0;;) {
    S3PartsPage page;
    S3Request request{.method = "GET",
                      .key = upload.key,
                      .query = {{"uploadId", upload.id}},
                      .action = "s3:ListMultipartUploadParts",
                      .expected = {kNotFound},
                      .check = [&](const HttpResponse& response) { page = parse_parts_page(response.body); }};
    if (marker > 0) request.query.emplace_back("part-number-marker", std::to_string(marker));
    if (client.send(request, {}).status() == kNotFound) return std::nullopt;
    parts.newest = std::max(parts.newest, page.newest);
    parts.size += page.size;
    // Parts are numbered: a server that goes back is not followed in circles.
    const auto next = parse_byte_count(page.next).value_or(0);
    if (!page.more || std::cmp_less_equal(next, marker) || next > kMostParts) return parts;
    marker = static_cast<int>(next);
  }
}

class StaleUploads {
 public:
  StaleUploads(S3Client& client, const std::string& prefix, const KeyFilter& is_ours,
               std::chrono::seconds age)
      : client_(client), prefix_(prefix), asked_prefix_(prefix), is_ours_(is_ours), age_(age) {}

  Leftovers abort_all() {
    abort_pages();
    // MinIO takes a prefix for the whole key, and lists nothing then.
    if (seen_ == 0 && !prefix_.empty() && !client_.server().is_aws()) {
      asked_prefix_.clear();
      abort_pages();
    }
    return std::move(found_);
  }

 private:
  void abort_pages() {
    while (abort_page()) {
    }
  }

  // True when there is another page. Without encoding-type: Ceph encodes the keys here, and does not say so.
  bool abort_page() {
    S3UploadsPage page;
    S3Request request{
        .method = "GET",
        .query = {{"uploads", ""}, {"prefix", asked_prefix_}},
        .action = "s3:ListBucketMultipartUploads",
        .check = [&](const HttpResponse& response) { page = parse_uploads_page(response.body); }};
    if (!next_key_.empty()) request.query.emplace_back("key-marker", next_key_);
    if (!next_id_.empty()) request.query.emplace_back("upload-id-marker", next_id_);
    const auto answer = client_.send(request, {});
    const auto date = parse_http_date(answer.response.header("Date").value_or(""));
    // By the server's clock, since the ages are by it.
    now_ = date.value_or(client_.clock().now());
    seen_ += page.uploads.size();
    for (const auto& upload : page.uploads)
      // Other programs may keep uploads in the same bucket (RealServer.KeepsTheUnfinishedUploadsOfOthers).
      if (is_ours(upload)) judge(upload);
    // A server that says that there is more and names the same place is at its end.
    const bool more = page.more && (page.next_key != next_key_ || page.next_id != next_id_);
    // Servers encode these keys as they like: whether they go on cannot be told from their order.
    const std::size_t place = std::hash<std::string>()(page.next_key + '\n' + page.next_id);
    if (more && (!places_.insert(place).second || places_.size() > kMostUploadPages)) refuse_circle();
    next_key_ = page.next_key;
    next_id_ = page.next_id;
    return more;
  }

  [[noreturn]] static void refuse_circle() {
    throw Error(ErrorKind::corrupt,
                "s3:ListBucketMultipartUploads: the server's list does not end, or comes again and again");
  }

  bool is_ours(const S3PendingUpload& upload) const {
    if (!upload.key.starts_with(prefix_)) return false;
    const ObjectKey key = upload.key.substr(prefix_.size());
    return is_valid_key(key) && is_ours_(key);
  }

  // The edge of one upload: others may be aborted all the same.
  void judge(const S3PendingUpload& upload) {
    if (found_.problems.size() >= kMostProblems) return leave(0);
    try {
      // At age 0 nobody else writes, as the caller knows: no need to ask for the parts.
      if (age_.count() == 0) return abort(upload, 0);
      if (!may_be_stale(upload.initiated)) return leave(0);
      const auto parts = find_parts(client_, upload);
      if (!parts) return;
      if (!may_be_stale(parts->newest)) return leave(parts->size);
      abort(upload, parts->size);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      leave(0);
      found_.problems.push_back(error);
    }
  }

  bool may_be_stale(UtcTime time) const { return now_ - time >= age_; }

  void leave(ByteCount size) {
    ++found_.left;
    found_.bytes += size;
  }

  void abort(const S3PendingUpload& upload, ByteCount size) {
    const auto answer = client_.send({.method = "DELETE",
                                      .key = upload.key,
                                      .query = {{"uploadId", upload.id}},
                                      .action = "s3:AbortMultipartUpload",
                                      .expected = {kNotFound}},
                                     {});
    if (answer.status() == kNotFound) return;
    ++found_.removed;
    found_.removed_bytes += size;
  }

  S3Client& client_;
  const std::string& prefix_;
  std::string asked_prefix_;
  const KeyFilter& is_ours_;
  const std::chrono::seconds age_;
  std::size_t seen_ = 0;  // uploads, whoever's
  std::string next_key_;
  std::string next_id_;
  std::set<std::size_t> places_;  // hashes of where the pages so far went on
  UtcTime now_;
  Leftovers found_;
};

}  // namespace

void list_objects(S3Client& client, const S3Listing& listing,
                  const std::function<bool(const S3ListPage&)>& visit) {
  ObjectList(client, listing).walk(visit);
}

// A server that lists no uploads, or not to these credentials, is not asked again by this run.
Leftovers abort_stale_uploads(S3Client& client, const std::string& prefix, const KeyFilter& is_ours,
                              std::chrono::seconds age) {
  S3Server& server = client.server();
  if (server.lacks(S3Feature::list_of_uploads)) return {};
  try {
    Leftovers found = StaleUploads(client, prefix, is_ours, age).abort_all();
    server.took(S3Feature::list_of_uploads);
    return found;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::forbidden && error.kind() != ErrorKind::invalid) throw;
    server.learn(S3Feature::list_of_uploads, Known::no);
    const std::string advice =
        "Unfinished uploads stay in the bucket until a lifecycle rule, or somebody, aborts them.";
    return {.problems = {{error.kind(), with_advice(error.message(), advice)}}};
  }
}

}  // namespace hubkeep
