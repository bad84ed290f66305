// Requests to one bucket: signed, sent, and where the server objects to something that can be mended (its
// clock, its region, an expired token), or that can be done without, sent again.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/retry.h"
#include "http/clock_watch.h"
#include "http/http_client.h"
#include "store/s3/s3_error.h"
#include "store/s3/s3_fallback.h"
#include "store/s3/s3_server.h"
#include "store/s3/s3_url.h"

namespace hubkeep {

using KeyFilter = std::function<bool(const std::string& key)>;

struct S3Request {
  std::string method = "GET";
  std::string key;  // the whole key in the bucket; empty: the bucket itself
  S3Query query;
  Headers headers;
  std::string body;
  std::vector<S3Extension> extensions = {};  // what the server may lack
  std::string_view action;                   // "s3:PutObject", for messages
  std::vector<int> expected;  // statuses besides 2xx that are results, where S3 itself gives them
  /// Takes the XML of a 2xx answer, when XML is what is asked for; an <Error> in it is a refusal. Where it
  /// throws Error(transient), the request is sent again.
  std::function<void(const HttpResponse&)> check;
  /// Holds a 2xx answer against the body that was sent; throws as `check` does.
  std::function<void(const HttpResponse&, std::string_view body)> prove;
  std::function<void(const HttpResponse&)> on_head;  // as in HttpRequest
};

struct S3Answer {
  HttpResponse response;
  S3Refusal refusal;  // of an expected status
  int attempts = 1;   // more than one: an earlier one may have worked without our knowing
  std::vector<S3Feature> went_without = {};

  int status() const { return response.status; }
  bool went_with(S3Feature feature) const {
    return std::find(went_without.begin(), went_without.end(), feature) == went_without.end();
  }
};

struct S3Observer {
  std::function<void(const std::string&)> notice;
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry;
  /// How far this machine's clock is ahead of the server's, as of an answer; see clock_ahead().
  std::function<void(std::chrono::seconds)> on_time = {};
};

/// Thread-safe. Keeps references to `http`, `credentials` and `clock`.
class S3Client {
 public:
  S3Client(HttpClient& http, CredentialsProvider& credentials, Clock& clock, S3Address address,
           S3Observer observer, RetryPolicy retries);

  /// Throws Error as classify_refusal() says, after the policy's attempts where it is transient. The body of
  /// `request` is there again afterwards, also after an Error.
  S3Answer send(S3Request& request, const std::stop_token& stop);
  S3Answer send(S3Request&& request, const std::stop_token& stop) { return send(request, stop); }

  /// One attempt, whose 2xx body goes to `body`.
  S3Answer send_once(S3Request& request, ByteSink* body, const std::stop_token& stop);

  S3Address address() const;
  S3Server& server() { return server_; }
  const S3Server& server() const { return server_; }
  const S3Observer& observer() const { return observer_; }
  const RetryPolicy& retries() const { return retries_; }
  Clock& clock() { return clock_; }
  /// What time it is by the server's clock: that of a recent answer, and what has gone by since. Nothing
  /// before the first answer that tells.
  std::optional<UtcTime> server_time();

 private:
  struct Mended;

  struct Signed;

  struct Sending;
  S3Answer attempt(HttpRequest& http, const S3Request& request, const Sending& sending, ByteSink* body,
                   const std::stop_token& stop);
  S3Answer exchange(HttpRequest& http, const std::string& sha256, const Signed& with, ByteSink* body,
                    const std::stop_token& stop);
  bool mend(const S3Refusal& refusal, const HttpResponse& response, const Signed& with, Mended& mended);
  bool mend_clock(const HttpResponse& response, std::chrono::seconds offset);
  bool mend_region(const S3Refusal& refusal, const std::string& region);
  void hear_time(const HttpResponse& response, const Exchange& exchange, std::chrono::seconds took);

  HttpClient& http_;
  CredentialsProvider& credentials_;
  Clock& clock_;
  const S3Observer observer_;
  const RetryPolicy retries_;
  S3Server server_;
  std::atomic<std::chrono::seconds::rep> clock_offset_ = 0;
  mutable std::mutex mutex_;
  S3Address address_;  // guarded by mutex_: its region is what a redirect said last
  struct Heard {
    UtcTime date;
    std::chrono::seconds uptime;
  };
  std::optional<Heard> heard_;  // guarded by mutex_
};

}  // namespace hubkeep
