// Lambda's Runtime API, version 2018-06-01: GET the next event, which takes as long as there is none, then
// POST its answer or its failure. An answer is sent once (Delivery::exact): a second one for the same
// invocation is refused. See LambdaRuntimeApi in runtime_api_test.cc.
#include "lambda/runtime_api.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::string required_header(const HttpResponse& response, std::string_view name) {
  if (auto value = response.header(name); value && !value->empty()) return *std::move(value);
  throw Error(ErrorKind::internal, fmt::format("Lambda's runtime API sent an event without {}", name));
}

std::int64_t number(const std::string& text, std::string_view what) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw Error(ErrorKind::internal,
              fmt::format("Lambda's runtime API: {} is not a number: {}", what, printable(text)));
}

}  // namespace

std::string to_json_text(const LambdaFailure& failure) {
  const nlohmann::ordered_json json = {{"errorMessage", failure.message},
                                       {"errorType", failure.type},
                                       {"stackTrace", nlohmann::ordered_json::array()}};
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

LambdaRuntime::LambdaRuntime(HttpClient& http, std::string_view api)
    : http_(http), root_(fmt::format("http://{}/2018-06-01/runtime/", api)) {
  with_context("AWS_LAMBDA_RUNTIME_API", [&] { Url::parse(root_); });
}

Invocation LambdaRuntime::next() {
  const HttpRequest request{.url = Url::parse(root_ + "invocation/next")};
  HttpResponse response = http_.send(request, nullptr, {});
  if (response.status != 200)
    throw Error(ErrorKind::internal,
                fmt::format("Lambda's runtime API has no next event: HTTP {}", response.status));
  const std::string deadline = required_header(response, "Lambda-Runtime-Deadline-Ms");
  return {.request_id = required_header(response, "Lambda-Runtime-Aws-Request-Id"),
          .event = std::move(response.body),
          .deadline = std::chrono::sys_time<std::chrono::milliseconds>(
              std::chrono::milliseconds(number(deadline, "the deadline")))};
}

void LambdaRuntime::post(const std::string& path, const std::string& body, Headers headers) {
  HttpRequest request{.method = "POST",
                      .url = Url::parse(root_ + path),
                      .headers = std::move(headers),
                      .body = body,
                      .delivery = Delivery::exact};
  request.headers.emplace_back("Content-Type", "application/json");
  const HttpResponse response = http_.send(request, nullptr, {});
  if (response.status == 202) return;
  // 500 is the container's own failure, after which the process must end.
  const ErrorKind kind = response.status >= 500 ? ErrorKind::internal : ErrorKind::invalid;
  throw Error(kind, fmt::format("Lambda does not take the answer of {} bytes: HTTP {} {}", body.size(),
                                response.status, printable(response.body)));
}

void LambdaRuntime::respond(const Invocation& invocation, const std::string& json) {
  post("invocation/" + invocation.request_id + "/response", json, {});
}

void LambdaRuntime::fail(const Invocation& invocation, const LambdaFailure& failure) {
  post("invocation/" + invocation.request_id + "/error", to_json_text(failure),
       {{"Lambda-Runtime-Function-Error-Type", failure.type}});
}

void LambdaRuntime::fail_init(const LambdaFailure& failure) {
  post("init/error", to_json_text(failure), {{"Lambda-Runtime-Function-Error-Type", failure.type}});
}

}  // namespace hubkeep
