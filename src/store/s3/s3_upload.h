// One multipart upload: parts are sent by a few threads while the next one is filled.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/s3/s3_context.h"
#include "store/s3/s3_part_buffers.h"
#include "store/s3/s3_receipt.h"
#include "store/s3/s3_xml.h"

namespace hubkeep {

/// Destroyed without a successful complete(), it stops its threads and takes all parts back. Used by one
/// thread.
class S3Upload {
 public:
  /// Begins the upload; `key` is the whole key in the bucket.
  S3Upload(S3Context& context, std::string key, const Headers& headers);
  S3Upload(const S3Upload&) = delete;
  S3Upload& operator=(const S3Upload&) = delete;
  ~S3Upload();

  /// Sends `full` as the next part and gives a buffer for the one after it: a further one where there is
  /// memory, else one whose part has arrived. Throws what sending any part has thrown.
  PartBuffer exchange(PartBuffer&& full);

  /// Sends `last`, waits for all parts and makes the object visible. Throws Error.
  CommitResult complete(PartBuffer&& last, const Precondition& precondition);

 private:
  struct Task {
    int number = 0;
    PartBuffer buffer;
  };
  struct Sent {
    S3Part part;
    std::uint32_t crc32 = 0;
    ByteCount size = 0;
    Receipt receipt = Receipt::none;
    std::string md5;  // of a part whose receipt is silent: that of the whole may tell
  };

  void enqueue(PartBuffer&& buffer);
  void work(const std::stop_token& stop);
  Sent send_part(const Task& task, std::string& body);
  void stop_workers();
  void abort();
  StoredContent whole_content() const;
  S3Answer send_completion(const Headers& condition);
  void prove(const S3Completion& completion, const StoredContent& content) const;
  bool is_there(const StoredContent& content) const;
  bool is_any_doubtful() const;
  std::optional<std::string> etag_of_whole() const;

  S3Context& context_;
  const std::string key_;
  const Md5Use md5_use_;
  std::string id_;
  bool has_checksums_ = false;  // of its parts; the upload was begun so
  bool is_whole_ = false;       // and one of them all at its end
  bool visible_ = false;
  int parts_ = 0;
  ByteCount equal_ = 0;  // the size of all parts but the last
  int buffers_ = 1;
  std::vector<Sent> whole_;        // all parts in order, once they have arrived
  std::optional<Error> disproof_;  // of a completion that the server said went well

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Task> tasks_;  // guarded by mutex_, as are the three below
  std::vector<PartBuffer> free_;
  std::vector<Sent> sent_;
  std::exception_ptr failure_;

  std::stop_source stop_;  // of transfers
  std::vector<std::jthread> workers_;
};

}  // namespace hubkeep
