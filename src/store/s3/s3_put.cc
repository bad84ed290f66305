// S3's conditional writes (If-None-Match: *, If-Match: ETag) keep one run from overwriting what another
// wrote. Not every server keeps them: some ignore the header, some answer 501, and a server that ignores it
// looks just like one whose condition held. So the first writes under a condition are followed
// (If-None-Match) or preceded (If-Match) by one that must fail. Where that one succeeds, the server is known
// to have no conditions: the user is told, once, that runs must not overlap, and from then on the ETag is
// asked for before each write. That leaves a gap between the question and the write, but finds most
// collisions. See ForgetfulServer in tests/s3/s3_faults_test.cc.
//
// Before a server is known to keep a condition, and always at CompleteMultipartUpload, both are done: a HEAD
// first, then the condition.
#include "store/s3/s3_put.h"

#include <fmt/format.h>

#include <utility>

#include "base/crc32.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "store/s3/s3_head.h"
#include "store/s3/s3_object_headers.h"
#include "store/s3/s3_reader.h"
#include "store/s3/s3_receipt.h"

namespace hubkeep {
namespace {

// No object has it, so that a write with If-Match must fail.
constexpr std::string_view kNoSuchEtag = "\"00000000000000000000000000000000\"";
// For If-None-Match: larger content is not sent twice just to learn something.
constexpr std::size_t kLargestProbe = std::size_t{64} << 10;

constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;
constexpr int kPreconditionFailed = 412;
constexpr int kNotImplemented = 501;

bool is_success(const S3Answer& answer) {
  return answer.status() >= 200 && answer.status() < 300;
}

// What a server says that does not know conditions.
bool refuses_condition(const S3Answer& answer) {
  return answer.status() == kNotImplemented || answer.status() == kBadRequest;
}

class Publisher {
 public:
  Publisher(S3Context& context, const S3Publication& publication)
      : context_(context), server_(context.server()), publication_(publication) {}

  CommitResult always() { return published(publication_.publish({})); }

  // The condition is sent even where a HEAD has just found nothing: between the two another run may write.
  CommitResult when_absent() {
    const bool relies = may_rely_on(S3Feature::if_none_match);
    if (!relies && current_etag()) return CommitResult::precondition_failed;
    if (server_.lacks(S3Feature::if_none_match)) return always();
    const auto answer = publication_.publish({{"If-None-Match", "*"}});
    if (refuses_condition(answer)) {
      if (relies && current_etag()) return does_not_hold(answer);
      return without_condition(S3Feature::if_none_match);
    }
    const CommitResult result = published(answer);
    if (result == CommitResult::committed && !server_.has(S3Feature::if_none_match)) test_if_none_match();
    return result;
  }

  // Four servers are met on this way: one that wants ETags without quotes (radosgw:
  // RealServer.KeepsConditionsInItsOwnWay), one whose comparison never holds (see never_matches()), one that
  // refuses conditions with 501 (ForgetfulServer), and one that says NoSuchKey where the object has gone,
  // which means no more than that it has changed (StoreContract.DoesNotBringBackWhatWasRemoved).
  CommitResult when_unchanged(const std::string& version) {
    const bool relies = may_rely_on(S3Feature::if_match);
    if (!relies && current_etag() != version) return CommitResult::precondition_failed;
    if (server_.lacks(S3Feature::if_match)) return always();
    if (!server_.has(S3Feature::if_match) && publication_.by_put) {
      if (const auto done = test_if_match()) return *done;
    }
    auto answer = publication_.publish({{"If-Match", stated(version)}});
    const bool may_want_it_bare = !server_.is_aws() && !server_.lacks(S3Feature::quoted_etags);
    if (answer.status() == kPreconditionFailed && may_want_it_bare && current_etag() == version) {
      server_.learn(S3Feature::quoted_etags, Known::no);
      answer = publication_.publish({{"If-Match", stated(version)}});
    }
    // Only after the ETag was tried with and without quotes: else a server that wants them bare would count
    // as this one.
    if (answer.status() == kPreconditionFailed && never_matches(version))
      return without_condition(S3Feature::if_match);
    if (refuses_condition(answer)) {
      if (relies && current_etag() != version) return does_not_hold(answer);
      return without_condition(S3Feature::if_match);
    }
    if (answer.refusal.code == "NoSuchKey") return CommitResult::precondition_failed;
    return published(answer);
  }

 private:
  bool may_rely_on(S3Feature condition) const { return server_.has(condition) && publication_.by_put; }

  // Ceph 16, where a bucket keeps versions: it compares with the version that is to come, which never is
  // there.
  bool never_matches(const std::string& version) const {
    return !server_.is_aws() && current_etag() == version;
  }

  std::optional<std::string> current_etag() const {
    const auto head = head_object(context_.client, publication_.key);
    return head ? std::optional(head->etag) : std::nullopt;
  }

  std::string stated(const std::string& version) const {
    return server_.lacks(S3Feature::quoted_etags) ? without_quotes(version) : version;
  }

  // A refusal may be the answer to our own success: the first answer was lost, the request was sent again,
  // and the condition no longer holds, or the upload is complete and no longer known. So the content decides.
  // See S3Faults.AnAnswerToAPutThatIsLostIsFoundOut and AnotherOneWhoCameFirstIsNotTakenForALostAnswer.
  CommitResult published(const S3Answer& answer) const {
    if (is_success(answer)) return CommitResult::committed;
    const bool lost_upload = answer.refusal.code == "NoSuchUpload";
    if (answer.status() != kPreconditionFailed && !lost_upload)
      throw classify_refusal(answer.refusal, {kPut, s3_arn(context_.client.address(), publication_.key)});
    const bool may_be_ours = answer.attempts > 1 || lost_upload;
    if (may_be_ours && publication_.is_there()) return CommitResult::committed;
    if (lost_upload)
      throw Error(ErrorKind::internal,
                  publication_.key + ": its unfinished upload is gone: has another run removed it?");
    return CommitResult::precondition_failed;
  }

  // As a HEAD says: of a server that was known to keep conditions, and refuses one now. An earlier attempt
  // may have worked without our knowing.
  CommitResult does_not_hold(const S3Answer& answer) const {
    return answer.attempts > 1 && publication_.is_there() ? CommitResult::committed
                                                          : CommitResult::precondition_failed;
  }

  // The refusal may have had another reason: only what goes well without the condition shows that it was
  // that. A server may keep it at PutObject all the same.
  CommitResult without_condition(S3Feature condition) {
    const CommitResult result = always();
    if (publication_.by_put || !server_.has(condition)) tell_of(condition);
    return result;
  }

  // The object is there now, so that a second time must fail; where it does not, nothing has changed.
  void test_if_none_match() {
    if (!publication_.by_put || !publication_.small) return;
    const auto answer = publication_.publish({{"If-None-Match", "*"}});
    if (is_success(answer)) {
      tell_of(S3Feature::if_none_match);
    } else if (answer.status() == kPreconditionFailed) {
      server_.learn(S3Feature::if_none_match, Known::yes);
    }
  }

  // A condition that cannot hold: where it is published all the same, then what was to be published is.
  std::optional<CommitResult> test_if_match() {
    const auto answer = publication_.publish({{"If-Match", std::string(kNoSuchEtag)}});
    if (refuses_condition(answer)) return without_condition(S3Feature::if_match);
    if (is_success(answer)) {
      tell_of(S3Feature::if_match);
      return CommitResult::committed;
    }
    server_.learn(S3Feature::if_match, Known::yes);
    return std::nullopt;
  }

  // Each store says it once, whichever condition showed it first.
  void tell_of(S3Feature condition) {
    server_.learn(condition, Known::no);
    tell_once(context_, S3Notice::conditions,
              fmt::format("the server of the bucket {} does not keep one run from overwriting what another "
                          "writes: see to it that runs into this vault do not overlap",
                          context_.client.address().bucket));
  }

  S3Context& context_;
  S3Server& server_;
  const S3Publication& publication_;
};

/// Gives a request's body back to the one that lent it.
class BodyReturn {
 public:
  BodyReturn(S3Request& request, std::string& owner) : request_(request), owner_(owner) {}
  BodyReturn(const BodyReturn&) = delete;
  BodyReturn& operator=(const BodyReturn&) = delete;
  ~BodyReturn() { owner_ = std::move(request_.body); }

 private:
  S3Request& request_;
  std::string& owner_;
};

// What the receipt leaves open costs one more request: a HEAD where the server says nothing of the content, a
// whole read where its ETag looks like the MD5 of other bytes. The latter happens once, and then the server's
// ETags are known to be no MD5s.
void prove_put(S3Context& context, const std::string& key, const HttpResponse& response,
               const SentBytes& sent) {
  const Receipt receipt = take_receipt(context, response, sent);
  const StoredContent content{.size = sent.bytes.size(), .crc32 = sent.crc32};
  const bool opaque = context.server().lacks(S3Feature::md5_etags);
  if (receipt == Receipt::doubtful && !opaque) return read_back(context, key, content);
  if (receipt == Receipt::silent || receipt == Receipt::doubtful) require_stored(context, key, content);
}

bool holds(S3Client& client, const std::string& key, const std::string& sha256) {
  try {
    Hasher stored(HashKind::sha256);
    read_object(client, key, {}, stored, {});
    return to_hex(stored.finish()) == sha256;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    return false;
  }
}

}  // namespace

CommitResult publish(S3Context& context, const S3Publication& publication, const Precondition& precondition) {
  Publisher publisher(context, publication);
  switch (precondition.kind) {
    case Precondition::Kind::absent:
      return publisher.when_absent();
    case Precondition::Kind::unchanged:
      return publisher.when_unchanged(precondition.version);
    case Precondition::Kind::none:
      break;
  }
  return publisher.always();
}

std::vector<int> expected_under(const S3Server& server, const Headers& condition) {
  std::vector<int> expected = {kPreconditionFailed, kNotImplemented};
  if (condition.empty()) return expected;
  const bool names_a_version = condition.front().first == "If-Match";
  if (names_a_version) expected.push_back(kNotFound);
  if (!server.has(names_a_version ? S3Feature::if_match : S3Feature::if_none_match))
    expected.push_back(kBadRequest);
  return expected;
}

CommitResult put_object(S3Context& context, const std::string& key, const Headers& headers, std::string& body,
                        const Precondition& precondition) {
  const std::uint32_t crc32 = crc32_of(body);
  const std::string_view action = put_action(headers);
  BodyMd5 md5;
  const auto put = [&](const Headers& condition) {
    S3Request request{.method = "PUT",
                      .key = key,
                      .headers = headers,
                      .body = std::exchange(body, {}),
                      .action = action,
                      .expected = expected_under(context.server(), condition),
                      .prove = [&](const HttpResponse& response, std::string_view sent) {
                        prove_put(context, key, response, {.bytes = sent, .crc32 = crc32, .md5 = &md5});
                      }};
    const BodyReturn back(request, body);
    add_checksums(request, S3Feature::checksums, crc32, md5, md5_use_for(context.server(), action));
    request.headers.insert(request.headers.end(), condition.begin(), condition.end());
    return context.client.send(request, {});
  };
  return publish(context,
                 {.key = key,
                  .publish = put,
                  .is_there = [&] { return holds(context.client, key, sha256_hex(body)); },
                  .by_put = true,
                  .small = body.size() <= kLargestProbe},
                 precondition);
}

}  // namespace hubkeep
