// Each attempt signs the request anew, sends it and reads the answer. What a refusal blames on us is mended
// at once and does not count as an attempt: credentials that expired are renewed, a clock that is off is
// corrected by the server's Date, a bucket that lives in another region is asked for there. Each of these is
// done once per attempt. What the server may lack is left out (S3Fallback). What remains is an Error, which
// with_retries() takes up only where it is transient.
//
// A status alone proves nothing, since a proxy or gateway can send any. A success is looked at by the
// request's own `check` and `prove`; a refusal that the caller expects counts only if it carries S3's marks.
// The tests with a Gateway in tests/s3/s3_gateway_test.cc show what passes for S3 otherwise.
#include "store/s3/s3_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sigv4.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

constexpr std::chrono::minutes kLargestSkew = kClockTolerance;  // S3: RequestTimeTooSkewed
constexpr int kBadRequest = 400;
constexpr int kNotImplemented = 501;
constexpr std::chrono::minutes kTimelyAnswer{1};  // the Date of one that took longer may be as old

bool is_success(int status) {
  return status >= 200 && status < 300;
}

/// Lends a request's body to the HTTP request: a part is too large to be copied.
class BodyLoan {
 public:
  BodyLoan(S3Request& owner, HttpRequest& borrower) : owner_(owner), borrower_(borrower) {
    borrower_.body = std::move(owner_.body);
  }
  BodyLoan(const BodyLoan&) = delete;
  BodyLoan& operator=(const BodyLoan&) = delete;
  ~BodyLoan() { owner_.body = std::move(borrower_.body); }

 private:
  S3Request& owner_;
  HttpRequest& borrower_;
};

HttpRequest http_request(const S3Request& request) {
  return {.method = request.method,
          .url = {},
          .headers = request.headers,
          .body = {},
          .secret_headers = {},
          .delivery = Delivery::exact,
          .on_head = request.on_head};
}

bool expects(const S3Request& request, int status) {
  return std::find(request.expected.begin(), request.expected.end(), status) != request.expected.end();
}

// A server may refuse a condition so, and for a moment anybody else: it counts when it comes again.
bool is_without_words(const S3Request& request, const S3Answer& answer) {
  const bool is_refusal = answer.status() == kBadRequest || answer.status() == kNotImplemented;
  return is_refusal && answer.refusal.is_empty && expects(request, answer.status());
}

template <typename List>
List joined(List list, const List& more) {
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

void look_at_success(const S3Request& request, const HttpResponse& response, std::string_view sent,
                     const S3Action& action) {
  const bool wants_content = request.method == "GET" || request.check;
  if (!wants_content && holds_page(response))
    throw classify_refusal(read_refusal(response, request.method), action);
  with_context(fmt::format("{} on {}", action.name, action.resource), [&] {
    if (request.check) request.check(response);
    if (request.prove) request.prove(response, sent);
  });
}

// S3 redirects (301, 307) or, where the signature names the wrong region, refuses (400); a HEAD is answered
// 400 or 403 without a word. See S3Faults.AnotherRegionIsFollowedAndRemembered.
bool names_another_region(const S3Refusal& refusal) {
  return refusal.status == 301 || refusal.status == 307 || refusal.status == 400 || refusal.status == 403;
}

}  // namespace

/// What was mended already for this request: each thing once, or two servers could send us around forever.
struct S3Client::Mended {
  bool credentials = false;
  bool clock = false;
  bool region = false;
};

/// What a request was signed with; other threads may have mended more since.
struct S3Client::Signed {
  Credentials credentials;
  S3Address address;
  std::chrono::seconds offset;
};

S3Client::S3Client(HttpClient& http, CredentialsProvider& credentials, Clock& clock, S3Address address,
                   S3Observer observer, RetryPolicy retries)
    : http_(http),
      credentials_(credentials),
      clock_(clock),
      observer_(std::move(observer)),
      retries_(retries),
      server_(is_aws(address)),
      address_(std::move(address)) {}

struct S3Client::Sending {
  std::string sha256;
  int number = 1;  // of the attempt
};

S3Address S3Client::address() const {
  const std::scoped_lock lock(mutex_);
  return address_;
}

S3Answer S3Client::send(S3Request& request, const std::stop_token& stop) {
  HttpRequest http = http_request(request);
  const BodyLoan loan(request, http);
  const std::string sha256 = sha256_hex(http.body);
  int attempts = 0;
  auto answer = with_retries(retries_, clock_, stop, observer_.on_retry, [&] {
    ++attempts;
    return attempt(http, request, {.sha256 = sha256, .number = attempts}, nullptr, stop);
  });
  answer.attempts += attempts - 1;
  return answer;
}

// For whoever goes on from where an attempt ended, as a reader does: trying again here would send bytes
// twice.
S3Answer S3Client::send_once(S3Request& request, ByteSink* body, const std::stop_token& stop) {
  HttpRequest http = http_request(request);
  const BodyLoan loan(request, http);
  return attempt(http, request, {.sha256 = sha256_hex(http.body)}, body, stop);
}

// What was mended or left out is not waited for: the request goes out again at once.
S3Answer S3Client::attempt(HttpRequest& http, const S3Request& request, const Sending& sending,
                           ByteSink* body, const std::stop_token& stop) {
  Mended mended;
  S3Fallback fallback(server_, request.extensions);
  std::optional<S3Answer> result;  // a refusal that is expected, and may all the same be for an extension
  while (true) {
    const Signed with{.credentials = credentials_.get(stop),
                      .address = address(),
                      .offset = std::chrono::seconds(clock_offset_)};
    const S3Addition addition = fallback.addition(http.body);
    http.headers = joined(request.headers, addition.headers);
    http.url = s3_url(with.address, request.key, joined(request.query, addition.query));
    S3Answer answer = exchange(http, sending.sha256, with, body, stop);
    answer.went_without = fallback.left_out();
    const HttpResponse& response = answer.response;
    const S3Action action{request.action, s3_arn(with.address, request.key)};
    if (is_success(response.status) && (body != nullptr || !holds_refusal(response))) {
      if (body == nullptr) look_at_success(request, response, http.body, action);
      fallback.went_well(true);
      return answer;
    }
    answer.refusal = read_refusal(response, request.method);
    const bool is_expected = expects(request, response.status) && is_result(answer.refusal);
    if (is_expected && !fallback.concerns(answer.refusal)) {
      fallback.went_well(false);
      return answer;
    }
    if (mend(answer.refusal, response, with, mended)) continue;
    if (is_expected && !result) result = answer;
    // What was refused has not been done, so it is no attempt that may have worked.
    // Kinds/StoreContract.LosesNoUpdateOfManyAtOnce.
    if (fallback.goes_on_after(answer.refusal)) continue;
    if (sending.number > 1 && is_without_words(request, answer)) return answer;
    const Error error = fallback.verdict(answer.refusal, action);
    if (result && error.kind() != ErrorKind::transient) return *std::move(result);
    throw Error(error);
  }
}

S3Answer S3Client::exchange(HttpRequest& http, const std::string& sha256, const Signed& with, ByteSink* body,
                            const std::stop_token& stop) {
  sign(http, with.credentials, {.region = with.address.region, .service = "s3"}, clock_.now() + with.offset,
       sha256);
  const std::chrono::seconds begun = clock_.uptime();
  const UtcTime sent = clock_.now();
  S3Answer answer{.response = http_.send(http, body, stop), .refusal = {}};
  hear_time(answer.response, {.sent = sent, .answered = clock_.now()}, clock_.uptime() - begun);
  return answer;
}

// A refused HEAD has no body and so no code: then everything is tried that its status may stand for.
bool S3Client::mend(const S3Refusal& refusal, const HttpResponse& response, const Signed& with,
                    Mended& mended) {
  const bool silent = refusal.to_head && (refusal.status == 400 || refusal.status == 403);
  if (!mended.region && names_another_region(refusal) && mend_region(refusal, with.address.region))
    return mended.region = true;
  if (!mended.clock && (silent || refusal.code == "RequestTimeTooSkewed") &&
      mend_clock(response, with.offset))
    return mended.clock = true;
  const bool may_expire = with.credentials.expires_at || !with.credentials.session_token.empty();
  if (!mended.credentials &&
      (refusal.code == "ExpiredToken" || refusal.code == "TokenRefreshRequired" || (silent && may_expire))) {
    // Those that were sent, not those that are current: another thread may have renewed them meanwhile.
    credentials_.invalidate(with.credentials);
    return mended.credentials = true;
  }
  return false;
}

// S3 refuses a request that is signed more than 15 minutes off, and its Date says what the time is there. The
// offset is ours alone: the machine's clock stays as it is. See S3Faults.AClockThatIsWrongGoesByTheServers.
bool S3Client::mend_clock(const HttpResponse& response, std::chrono::seconds offset) {
  const auto date = response.header("Date");
  const auto server_time = date ? parse_http_date(*date) : std::nullopt;
  if (!server_time) return false;
  const std::chrono::seconds mended = *server_time - clock_.now();
  if (std::chrono::abs(mended - offset) < kLargestSkew) return false;
  clock_offset_ = mended.count();
  return true;
}

void S3Client::hear_time(const HttpResponse& response, const Exchange& exchange, std::chrono::seconds took) {
  const auto ahead = clock_ahead(response, exchange);
  if (!ahead) return;
  if (observer_.on_time) observer_.on_time(*ahead);
  // A Date may be from the begin or from the end of a long answer.
  if (took > kTimelyAnswer) return;
  const std::scoped_lock lock(mutex_);
  heard_ = {.date = parse_http_date(response.header("Date").value_or("")).value_or(exchange.answered),
            .uptime = clock_.uptime()};
}

// By the uptime that has passed since: somebody may set this machine's clock meanwhile. See
// ServerClock.GoesOnWhateverBecomesOfThisMachines.
std::optional<UtcTime> S3Client::server_time() {
  const std::chrono::seconds uptime = clock_.uptime();
  const std::scoped_lock lock(mutex_);
  if (!heard_) return std::nullopt;
  return heard_->date + (uptime - heard_->uptime);
}

bool S3Client::mend_region(const S3Refusal& refusal, const std::string& region) {
  if (refusal.region.empty() || refusal.region == region) return false;
  const bool plausible = std::all_of(refusal.region.begin(), refusal.region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!plausible) return false;  // it becomes part of a host name
  const std::scoped_lock lock(mutex_);
  address_.region = refusal.region;
  return true;
}

}  // namespace hubkeep
