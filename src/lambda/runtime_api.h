// AWS Lambda's Runtime API, by which a program of its own (runtime provided.al2023) takes invocations:
//   GET  /2018-06-01/runtime/invocation/next
//   POST /2018-06-01/runtime/invocation/<id>/response, …/<id>/error
//   POST /2018-06-01/runtime/init/error
// Specification: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/http_client.h"

namespace hubkeep {

struct Invocation {
  std::string request_id;
  std::string event;  // JSON
  /// When Lambda kills the process, by the machine's own clock.
  std::chrono::sys_time<std::chrono::milliseconds> deadline;
};

/// An answer may have 6 MB; Lambda says RequestEntityTooLarge to more.
constexpr std::size_t kMaxLambdaAnswer = 6'291'556;

/// How a failure is told. `type` is what Step Functions and the metrics of Lambda see: "Hubkeep.Forbidden".
struct LambdaFailure {
  std::string type;
  std::string message;
};

/// The failure as JSON, as all of the API's errors have it.
std::string to_json_text(const LambdaFailure& failure);

/// One thread. Keeps a reference to the client, which must know no stall timeout: next() may last for hours,
/// and the process may be frozen in it.
class LambdaRuntime {
 public:
  /// `api` is AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001". Throws Error(invalid).
  LambdaRuntime(HttpClient& http, std::string_view api);

  /// Waits for the next event. Throws Error(internal) when Lambda has no more use for the process, which must
  /// end then; Error as HttpClient::send.
  Invocation next();

  /// Throws Error(invalid) when Lambda refuses the answer: it is too large, or the time is over.
  void respond(const Invocation& invocation, const std::string& json);
  void fail(const Invocation& invocation, const LambdaFailure& failure);
  /// Tells that the program cannot start. It ends then.
  void fail_init(const LambdaFailure& failure);

 private:
  void post(const std::string& path, const std::string& body, Headers headers);

  HttpClient& http_;
  const std::string root_;
};

}  // namespace hubkeep
