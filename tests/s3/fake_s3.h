// S3's protocol in memory, as far as a store needs it: it checks what AWS checks and Ceph does not
// (checksums, the whole's size), has AWS's archive classes, and can lack what others lack (extensions.h).
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "s3/extensions.h"
#include "sim/http_message.h"

namespace hubkeep {

class FakeS3 {
 public:
  struct Lock {
    std::string mode;
    UtcTime until;

    friend bool operator==(const Lock&, const Lock&) = default;
  };

  /// Thread-safe.
  sim::HttpResponse handle(const sim::HttpRequest& request);

  std::map<std::string, std::string> objects() const;
  std::size_t uploads() const;
  sim::Headers headers_of(const std::string& path) const;
  /// Mode empty: not locked.
  Lock lock_of(const std::string& path) const;
  /// The bodies of all requests to bring an object back that were followed.
  std::vector<std::string> restore_requests() const;

  /// As somebody else does, or a disk that decays.
  void remove(const std::string& path);
  void add(const std::string& path, std::string bytes);
  void overwrite(const std::string& path, std::string bytes);

  /// What has been asked back is there now.
  void finish_restores();
  /// Moves an object into another class, as a lifecycle rule does; one of INTELLIGENT_TIERING may sink into
  /// an archive tier.
  void move_to_class(const std::string& path, const std::string& storage_class,
                     const std::string& archive_status = "");

  /// What an answer to a write shows of the content: AWS its checksum and an ETag that is an MD5, Ceph the
  /// MD5 alone, others an ETag that is none, though it looks like one, or does not.
  enum class Receipts { checksum, md5, like_md5, opaque };
  Receipts receipts = Receipts::checksum;

  Extensions extensions;
  /// What has everything is to be told the checksum of each body, though AWS would do without: then none is
  /// forgotten. What lacks something goes by the hashes that are there.
  bool wants_checksums = true;
  /// Whether the signature is that of what has come. Off where something on the way puts in other bytes.
  bool checks_signatures = false;
  /// Else they were begun, and got their parts, when they did.
  bool uploads_are_old = true;
  /// Bytes that came for nothing: in bodies that were refused for a lack, and in parts of uploads that were,
  /// or that were given up.
  std::uint64_t wasted() const;
  /// How often a lack has shown in a refusal.
  int refusals() const;

  enum class Conditions { kept, ignored, refused, refused_silently };
  Conditions conditions = Conditions::kept;
  bool has_object_lock = false;
  /// Of DeleteObjects: what a server says that does not know it; 0: it does.
  int refuses_deletions_with = 0;
  /// The code for each key (path) that it does not delete.
  std::map<std::string, std::string> undeletable;

 private:
  enum class Restore { none, ongoing, done };
  struct Object {
    std::string bytes;
    std::string etag;
    sim::Headers headers;  // of the request that made it
    std::string checksum;  // empty: the CRC-32 of the bytes
    std::string storage_class;
    std::string archive_status;
    Restore restore = Restore::none;
    Lock lock;

    bool is_cold() const;
  };
  struct Upload {
    std::string path;
    std::map<int, std::string> parts;
    sim::Headers headers;
    UtcTime begun;

    std::uint64_t size() const;
    bool has_checksums() const { return sim::has_header(headers, "x-amz-checksum-algorithm"); }
  };
  /// What is asked of a list, in whichever version.
  struct ListQuery {
    bool is_v2 = false;
    bool encodes = false;
    std::string prefix;
    std::string delimiter;
    std::string after;
  };

  sim::HttpResponse answer(const sim::HttpRequest& request);
  sim::HttpResponse post(const sim::HttpRequest& request);
  sim::HttpResponse put(const sim::HttpRequest& request);
  sim::HttpResponse begin_upload(const sim::HttpRequest& request);
  sim::HttpResponse answer_upload(const sim::HttpRequest& request, const std::string& id);
  sim::HttpResponse put_part(const sim::HttpRequest& request, Upload& upload, int number);
  sim::HttpResponse complete(const sim::HttpRequest& request, const std::string& id);
  std::optional<sim::HttpResponse> refuse_parts(const sim::HttpRequest& request, const Upload& upload);
  std::optional<sim::HttpResponse> refuse_whole(const sim::HttpRequest& request, const Upload& upload,
                                                std::string_view whole);
  sim::HttpResponse get(const sim::HttpRequest& request) const;
  ListQuery list_query(const sim::HttpRequest& request) const;
  sim::HttpResponse list(const sim::HttpRequest& request) const;
  sim::HttpResponse list_uploads(const sim::HttpRequest& request) const;
  sim::HttpResponse list_parts(const Upload& upload) const;
  std::string time_of(const Upload& upload) const;
  sim::HttpResponse delete_many(const sim::HttpRequest& request);
  sim::HttpResponse restore(const sim::HttpRequest& request);
  sim::HttpResponse put_retention(const sim::HttpRequest& request);
  static bool is_conditional(const sim::HttpRequest& request);
  bool condition_fails(const sim::HttpRequest& request) const;
  bool may_be_locked_so(const sim::Headers& headers) const;
  /// What is wrong with the hashes of a body, or that there are none.
  std::optional<sim::HttpResponse> refuse_body(const sim::HttpRequest& request, bool is_to_lock);
  bool gives_md5() const { return receipts == Receipts::checksum || receipts == Receipts::md5; }
  bool gives_checksums() const;
  std::string etag_of(std::string_view bytes) const;
  std::string etag_of_part(std::string_view bytes) const;
  std::string etag_of_parts(const Upload& upload, std::string_view whole) const;
  sim::HttpResponse receipt_for(std::string_view bytes, std::string etag) const;
  /// The checksum of what was sent in parts, and its type.
  std::pair<std::string, std::string> checksum_of(const Upload& upload, std::string_view whole) const;
  static Object make_object(std::string bytes, std::string etag, const sim::Headers& headers);
  static void describe(const Object& object, sim::Headers& headers);
  /// Each refusal for a lack comes through here, with what came for nothing.
  sim::HttpResponse lacks(sim::HttpResponse refusal, std::uint64_t wasted = 0);

  mutable std::mutex mutex_;
  std::map<std::string, Object> objects_;  // by path, guarded by mutex_ as are the others
  std::map<std::string, Upload> uploads_;
  std::vector<std::string> restore_requests_;
  std::uint64_t wasted_ = 0;
  int refusals_ = 0;
  int next_id_ = 1;
};

}  // namespace hubkeep
