// One thread fills parts and puts them into a queue; up to three workers, started as parts come, send them. A
// buffer goes round: filled by the writer, sent by a worker, given back through `free_`. There are more
// buffers only while the budget has memory for them; with a single one the writer waits for each part to
// arrive.
//
// The first failure of any part is kept, and the writer gets it at its next step. What is not made visible by
// complete() is aborted by the destructor, so that an exception anywhere leaves no parts behind, which cost
// money and which nobody sees. After a crash a later run aborts them, see s3_list.cc.
#include "store/s3/s3_upload.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/crc32.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_object_headers.h"
#include "store/s3/s3_put.h"

namespace hubkeep {
namespace {

constexpr int kMostWorkers = 3;
constexpr int kAbortAttempts = 3;

// As an ETag that is made of the MD5s of so many parts: "…-3".
bool names_parts(std::string_view etag, std::size_t parts) {
  return without_quotes(etag).ends_with(fmt::format("-{}", parts));
}

S3Extension checksum_of_whole(const StoredContent& content) {
  return {.feature = S3Feature::whole_checksums,
          .with = {.headers = {{"x-amz-checksum-crc32", checksum_value(content.crc32)},
                               {"x-amz-checksum-type", "FULL_OBJECT"},
                               {"x-amz-mp-object-size", std::to_string(content.size)}},
                   .query = {}}};
}

}  // namespace

S3Upload::S3Upload(S3Context& context, std::string key, const Headers& headers)
    : context_(context), key_(std::move(key)), md5_use_(md5_use_for(context.server(), put_action(headers))) {
  S3Request request{.method = "POST",
                    .key = key_,
                    .query = {{"uploads", ""}},
                    .headers = headers,
                    .action = put_action(headers),
                    .check = [&](const HttpResponse& response) { id_ = parse_upload_id(response.body); }};
  // Where an object may have none, its parts have none either.
  const S3Server& server = context_.server();
  const bool may_have_checksums =
      !server.lacks(S3Feature::checksums) && !server.lacks(S3Feature::upload_checksums);
  if (may_have_checksums)
    request.extensions = {{.feature = S3Feature::upload_checksums,
                           .with = {.headers = {{"x-amz-checksum-algorithm", "CRC32"}}, .query = {}}},
                          {.feature = S3Feature::whole_checksums,
                           .with = {.headers = {{"x-amz-checksum-type", "FULL_OBJECT"}}, .query = {}}}};
  const S3Answer answer = context_.client.send(request, {});
  has_checksums_ = may_have_checksums && answer.went_with(S3Feature::upload_checksums);
  is_whole_ = has_checksums_ && answer.went_with(S3Feature::whole_checksums);
}

// First the workers: a part that arrives after the abort would be left behind on some servers.
S3Upload::~S3Upload() {
  stop_workers();
  if (!visible_) abort();
}

// Where another upload has taken all memory, this one goes on with the buffer that it has: nobody waits for
// memory while holding some. See S3Faults.WorkInOneBufferWhereThereIsNoMemoryForMore.
PartBuffer S3Upload::exchange(PartBuffer&& full) {
  if (parts_ == 0) equal_ = full.limit;
  enqueue(std::move(full));
  const ByteCount wished = part_size(context_.options.parts, equal_, parts_ + 1);
  std::unique_lock lock(mutex_);
  if (free_.empty() && buffers_ <= kMostWorkers) {
    if (auto further = try_buffer(wished, context_.memory)) {
      ++buffers_;
      return std::move(*further);
    }
  }
  changed_.wait(lock, [&] { return failure_ || !free_.empty(); });
  if (failure_) std::rethrow_exception(failure_);
  PartBuffer buffer = std::move(free_.back());
  free_.pop_back();
  lock.unlock();
  grow(buffer, wished, context_.memory);
  return buffer;
}

void S3Upload::enqueue(PartBuffer&& buffer) {
  if (parts_ == kMostParts) {
    throw Error(
        ErrorKind::invalid,
        fmt::format("{} is larger than anybody knew, and too large for {} parts of {}: raise --memory",
                    printable(key_), kMostParts, human_size(equal_)));
  }
  {
    const std::scoped_lock lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    tasks_.push_back({.number = ++parts_, .buffer = std::move(buffer)});
  }
  // An object of two parts needs no three threads.
  if (workers_.size() < static_cast<std::size_t>(std::min(parts_, kMostWorkers)))
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  changed_.notify_all();
}

void S3Upload::work(const std::stop_token& stop) {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return failure_ || !tasks_.empty(); }) || failure_) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    Sent sent;
    std::exception_ptr failure;
    try {
      sent = send_part(task, task.buffer.bytes);
    } catch (...) {
      failure = std::current_exception();
    }
    // The buffer goes back even after a failure, or the writer would wait for it forever.
    task.buffer.bytes.clear();
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    if (!failure) sent_.push_back(std::move(sent));
    free_.push_back(std::move(task.buffer));
    changed_.notify_all();
  }
}

S3Upload::Sent S3Upload::send_part(const Task& task, std::string& body) {
  Sent sent{.part = {.number = task.number}, .crc32 = crc32_of(body), .size = body.size()};
  BodyMd5 md5;
  S3Request request{.method = "PUT",
                    .key = key_,
                    .query = {{"partNumber", std::to_string(task.number)}, {"uploadId", id_}},
                    .headers = {{"Content-Type", "application/octet-stream"}},
                    .body = std::move(body),
                    .action = kPut,
                    .prove = [&](const HttpResponse& response, std::string_view bytes) {
                      sent.receipt = take_receipt(context_, response,
                                                  {.bytes = bytes, .crc32 = sent.crc32, .md5 = &md5});
                      // Of a part nothing can be read before the whole is complete.
                      if (sent.receipt == Receipt::doubtful && context_.server().has(S3Feature::md5_etags))
                        throw receipt_for_others();
                      if (sent.receipt == Receipt::silent) sent.md5 = md5.of(bytes).value_or("");
                    }};
  // A part of an upload that was begun without checksums may have none.
  if (has_checksums_)
    add_checksums(request, S3Feature::upload_checksums, sent.crc32, md5, md5_use_);
  else
    add_md5(request, md5);
  const auto answer = context_.client.send(request, stop_.get_token());
  body = std::move(request.body);  // for the next part
  sent.part.etag = answer.response.header("ETag").value_or("");
  sent.part.crc32 = answer.response.header("x-amz-checksum-crc32").value_or("");
  return sent;
}

CommitResult S3Upload::complete(PartBuffer&& last, const Precondition& precondition) {
  if (!last.bytes.empty()) enqueue(std::move(last));
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || sent_.size() == static_cast<std::size_t>(parts_); });
    if (failure_) std::rethrow_exception(failure_);
    // A copy, since a completion may be sent more than once.
    whole_ = sent_;
  }
  // Beyond this point all parts have arrived, and the object is as it was.
  std::sort(whole_.begin(), whole_.end(),
            [](const Sent& a, const Sent& b) { return a.part.number < b.part.number; });
  const auto result =
      publish(context_,
              {.key = key_,
               .publish = [&](const Headers& condition) { return send_completion(condition); },
               .is_there = [&] { return is_there(whole_content()); }},
              precondition);
  visible_ = result == CommitResult::committed;
  return result;
}

StoredContent S3Upload::whole_content() const {
  StoredContent whole;
  for (const auto& sent : whole_) {
    whole.crc32 = combine_crc32(whole.crc32, sent.crc32, sent.size);
    whole.size += sent.size;
  }
  return whole;
}

// The checksum and the size of the whole go along, so that a server that checks them refuses a list of parts
// in which one is missing or stale. See MotoGate.RefusesAWholeWithAnotherChecksumOrSize. Where only COMPOSITE
// is known that is refused, here at the latest, and nothing but this request has to be sent again.
S3Answer S3Upload::send_completion(const Headers& condition) {
  std::vector<S3Part> parts;
  parts.reserve(whole_.size());
  for (const auto& sent : whole_) parts.push_back(sent.part);
  const StoredContent content = whole_content();
  S3Request request{.method = "POST",
                    .key = key_,
                    .query = {{"uploadId", id_}},
                    .headers = {{"Content-Type", "application/xml"}},
                    .body = completion_body(parts),
                    .action = kPut,
                    .expected = expected_under(context_.server(), condition),
                    .check = [&](const HttpResponse& response) {
                      disproof_.reset();
                      try {
                        prove(parse_completion(response.body), content);
                      } catch (const Error& error) {
                        disproof_ = error;
                        throw;
                      }
                    }};
  request.expected.push_back(404);
  if (is_whole_) request.extensions.push_back(checksum_of_whole(content));
  request.headers.insert(request.headers.end(), condition.begin(), condition.end());
  return context_.client.send(request, {});
}

// AWS gives the CRC-32 of the whole, and that decides; as much shows a COMPOSITE one, which is made of those
// of the parts. Others leave the parts' receipts and the ETag that is made of the parts' ETags; where these
// do not suffice, a HEAD or reading back does. See Receipts.ACompletionThatHasDoneNothingIsNoSuccess and
// OfALargeObjectThatIsTheFirstAreReadBackIfTheyLookWrong.
void S3Upload::prove(const S3Completion& completion, const StoredContent& content) const {
  if (const auto crc32 = parse_crc32(completion.crc32, completion.checksum_type)) {
    if (*crc32 != content.crc32) throw receipt_for_others();
    context_.server().learn(S3Feature::whole_checksums, Known::yes);
    return;
  }
  std::vector<std::uint32_t> crc32s;
  for (const auto& sent : whole_) crc32s.push_back(sent.crc32);
  if (completion.crc32 == composite_checksum(crc32s)) return;
  const bool any_doubtful = is_any_doubtful();
  if (any_doubtful && !context_.server().lacks(S3Feature::md5_etags))
    return read_back(context_, key_, content);
  const bool all_right = std::all_of(whole_.begin(), whole_.end(), [](const Sent& sent) {
    return sent.receipt == Receipt::right || sent.receipt == Receipt::right_by_md5;
  });
  // The server has held the list of the parts' ETags against its own. Ceph 16 gives none of the whole.
  const bool is_of_these = completion.etag.empty() || without_quotes(completion.etag) == etag_of_whole();
  if (all_right && is_of_these) return;
  // R2's parts have ETags of its own, and its whole has that of their MD5s.
  const bool may_tell =
      !all_right && !any_doubtful && etag_of_whole() && names_parts(completion.etag, whole_.size());
  if (may_tell && is_of_these) return;
  if (may_tell && !context_.server().lacks(S3Feature::md5_etags)) return read_back(context_, key_, content);
  require_stored(context_, key_, content);
}

std::optional<std::string> S3Upload::etag_of_whole() const {
  std::vector<std::string> etags;
  etags.reserve(whole_.size());
  for (const auto& sent : whole_) etags.push_back(sent.md5.empty() ? sent.part.etag : sent.md5);
  return etag_of_parts(etags);
}

bool S3Upload::is_any_doubtful() const {
  return std::any_of(whole_.begin(), whole_.end(),
                     [](const Sent& sent) { return sent.receipt == Receipt::doubtful; });
}

// By its checksum or, where none is kept, its ETag; where neither decides, its bytes do: an answer is seldom
// lost, and a completion that went well and could not be proved is answered so when it is sent again. See
// Receipts.AWholeThatIsDisprovedIsNotThereWhenItIsCompletedAgain.
bool S3Upload::is_there(const StoredContent& content) const {
  const auto head = head_object(context_.client, key_);
  if (!head || head->size != content.size) return false;
  if (head->crc32 && *head->crc32 == content.crc32) return true;
  const auto etag = etag_of_whole();
  if (!head->crc32 && etag && !is_any_doubtful() && without_quotes(head->etag) == etag) return true;
  if (!head->crc32 && reads_as(context_, key_, content)) return true;
  if (disproof_) throw Error(*disproof_);
  return false;
}

void S3Upload::stop_workers() {
  stop_.request_stop();
  for (auto& worker : workers_) worker.request_stop();
  workers_.clear();
}

// Without the usual waits: what cannot be taken back now is taken back by a later run, see
// ObjectStore::remove_stale().
void S3Upload::abort() {
  S3Request request{.method = "DELETE",
                    .key = key_,
                    .query = {{"uploadId", id_}},
                    .action = "s3:AbortMultipartUpload",
                    .expected = {404}};
  for (int attempt = 1; attempt <= kAbortAttempts; ++attempt) {
    try {
      context_.client.send_once(request, nullptr, {});
      return;
    } catch (const std::exception& error) {
      log_debug("an unfinished upload is still there: {}", error.what());
    }
  }
}

}  // namespace hubkeep
