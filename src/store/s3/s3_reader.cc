// A GET that breaks is taken up where it broke, with a Range from there and an If-Match on the ETag of the
// first answer: bytes of two versions are never mixed (S3Faults.AnObjectThatChangesWhileItIsReadIsNotMixed).
// The number of attempts counts from the last byte that came, so that a long read over a bad line ends only
// where nothing moves any more (S3Faults.AReadGoesOnWhereTheConnectionBroke).
//
// The head of an answer is looked at before its first byte reaches the sink: a gateway's page, or a server
// that ignores Range and sends the whole, would otherwise stand in the middle of an object
// (S3Faults.ARangeThatWasNotAskedForIsRefused).
#include "store/s3/s3_reader.h"

#include <fmt/format.h>

#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "store/s3/s3_head.h"

namespace hubkeep {
namespace {

constexpr int kOk = 200;
constexpr int kPartialContent = 206;
constexpr int kPreconditionFailed = 412;
constexpr int kRangeNotSatisfiable = 416;

/// "bytes 100-199/1000": where the body begins. A whole body begins at 0.
std::optional<ByteCount> first_byte(const HttpResponse& response) {
  if (response.status != kPartialContent) return ByteCount{0};
  constexpr std::string_view kUnit = "bytes ";
  const std::string range = response.header("Content-Range").value_or("");
  if (!range.starts_with(kUnit)) return std::nullopt;
  return parse_byte_count(std::string_view(range).substr(kUnit.size(), range.find('-') - kUnit.size()));
}

class Reader {
 public:
  Reader(S3Client& client, const std::string& key, const S3Range& range, ByteSink& sink,
         const std::stop_token& stop)
      : client_(client), key_(key), range_(range), sink_(*this, sink), stop_(stop) {}

  std::string run() {
    if (range_.length == ByteCount{0}) return check_reach();
    for (int failures = 0; !try_to_the_end(failures);) {
    }
    if (range_.length && received_ < *range_.length) throw too_short();
    return etag_;
  }

 private:
  // Passes bytes on and counts them. An Error of the next sink is no broken connection.
  // `sink_failed_` is set while the next sink works, so that it stays set when that throws.
  class CountingSink final : public ByteSink {
   public:
    CountingSink(Reader& reader, ByteSink& next) : reader_(reader), next_(next) {}
    void write(std::string_view bytes) override {
      // A server that sends more than was asked for must not write past the range.
      if (reader_.range_.length) bytes = bytes.substr(0, *reader_.range_.length - reader_.received_);
      reader_.sink_failed_ = true;
      next_.write(bytes);
      reader_.sink_failed_ = false;
      reader_.received_ += bytes.size();
    }

   private:
    Reader& reader_;
    ByteSink& next_;
  };

  bool try_to_the_end(int& failures) {
    const ByteCount before = received_;
    try {
      ask();
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::transient || error.is_final() || sink_failed_) throw;
      if (received_ > before) failures = 0;
      if (++failures >= client_.retries().max_attempts) throw error.after_attempts(failures);
      const auto delay = retry_delay(client_.retries(), failures, random_unit());
      if (client_.observer().on_retry) client_.observer().on_retry(error, delay);
      client_.clock().sleep(delay, stop_);
      return false;
    }
  }

  void ask() {
    const ByteCount position = range_.offset + received_;
    if (range_.length && received_ == *range_.length) return;
    S3Request request{.method = "GET",
                      .key = key_,
                      .action = "s3:GetObject",
                      .expected = {kPreconditionFailed, kRangeNotSatisfiable},
                      .on_head = [&](const HttpResponse& head) { take_head(head, position); }};
    if (position > 0 || range_.length)
      request.headers.emplace_back("Range", fmt::format("bytes={}-{}", position, last_byte()));
    if (!etag_.empty()) request.headers.emplace_back("If-Match", etag_);
    head_taken_ = false;
    const S3Answer answer = client_.send_once(request, &sink_, stop_);
    if (answer.status() == kPreconditionFailed) throw changed();
    if (answer.status() == kRangeNotSatisfiable) {
      check_reach();
    } else if (!head_taken_) {
      take_head(answer.response, position);  // of nothing no byte has come that could have brought it
    }
  }

  std::string last_byte() const {
    if (!range_.length || *range_.length > std::numeric_limits<ByteCount>::max() - range_.offset) return {};
    return std::to_string(range_.offset + *range_.length - 1);
  }

  void take_head(const HttpResponse& head, ByteCount position) {
    head_taken_ = true;
    if ((head.status != kOk && head.status != kPartialContent) || !is_head_of_object(head))
      throw Error(ErrorKind::transient,
                  fmt::format("s3:GetObject on {}: not S3 answered, but something on the way to it: HTTP {}",
                              printable(key_), head.status));
    if (first_byte(head) != position)
      throw Error(ErrorKind::internal,
                  fmt::format("the server sent another range of {} than was asked for", printable(key_)));
    const std::string etag = head.header("ETag").value_or("");
    if (!etag_.empty() && etag != etag_) throw changed();
    etag_ = etag;
  }

  // Of nothing there is no range in HTTP: whether the range lies within the object is asked otherwise.
  std::string check_reach() {
    const auto head = head_object(client_, key_);
    if (!head) throw Error(ErrorKind::not_found, "there is no " + printable(key_));
    const bool complete = received_ == range_.length.value_or(received_);
    if (range_.offset + received_ > head->size || !complete) throw too_short();
    return head->etag;
  }

  Error changed() const { return {ErrorKind::corrupt, printable(key_) + " changed while it was read"}; }

  Error too_short() const {
    return {ErrorKind::corrupt, fmt::format("{} is too short: it ends before byte {}", printable(key_),
                                            range_.offset + range_.length.value_or(0))};
  }

  S3Client& client_;
  const std::string& key_;
  const S3Range range_;
  CountingSink sink_;
  const std::stop_token stop_;
  ByteCount received_ = 0;
  std::string etag_;
  bool sink_failed_ = false;
  bool head_taken_ = false;  // of the answer that comes
};

}  // namespace

std::string read_object(S3Client& client, const std::string& key, const S3Range& range, ByteSink& sink,
                        const std::stop_token& stop) {
  return Reader(client, key, range, sink, stop).run();
}

}  // namespace hubkeep
