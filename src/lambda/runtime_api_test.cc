#include "lambda/runtime_api.h"

#include <gmock/gmock.h>

#include "base/error_of.h"
#include "http/scripted_http.h"

namespace hubkeep {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string kRoot = "http://127.0.0.1:9001/2018-06-01/runtime/";

class LambdaRuntimeApi : public ::testing::Test {
 protected:
  ScriptedHttp http_;
  LambdaRuntime runtime_{http_, "127.0.0.1:9001"};
  const Invocation invocation_{.request_id = "8476a536", .event = "{}", .deadline = {}};
};

TEST_F(LambdaRuntimeApi, GivesTheNextEvent) {
  http_.answer(
      kRoot + "invocation/next", 200, R"({"action":"backup"})",
      {{"Lambda-Runtime-Aws-Request-Id", "8476a536"}, {"lambda-runtime-deadline-ms", "1542409706888"}});

  const Invocation next = runtime_.next();

  EXPECT_EQ(next.request_id, "8476a536");
  EXPECT_EQ(next.event, R"({"action":"backup"})");
  EXPECT_EQ(next.deadline.time_since_epoch().count(), 1'542'409'706'888);
}

TEST_F(LambdaRuntimeApi, EndsWhenThereIsNoEventAnyMore) {
  http_.answer(kRoot + "invocation/next", 500, "");

  EXPECT_THROW(runtime_.next(), Error);
}

TEST_F(LambdaRuntimeApi, RefusesAnEventWithoutItsHeaders) {
  http_.answer(kRoot + "invocation/next", 200, "{}", {{"Lambda-Runtime-Deadline-Ms", "1"}});
  EXPECT_THROW(runtime_.next(), Error);

  http_.answer(kRoot + "invocation/next", 200, "{}",
               {{"Lambda-Runtime-Aws-Request-Id", "x"}, {"Lambda-Runtime-Deadline-Ms", "soon"}});
  EXPECT_THROW(runtime_.next(), Error);
}

TEST_F(LambdaRuntimeApi, SendsTheAnswerOnce) {
  http_.answer(kRoot + "invocation/8476a536/response", 202, R"({"status":"OK"})");

  runtime_.respond(invocation_, R"({"status":"DONE"})");

  ASSERT_EQ(http_.requests.size(), 1U);
  EXPECT_EQ(http_.requests[0].method, "POST");
  EXPECT_EQ(http_.requests[0].body, R"({"status":"DONE"})");
  EXPECT_EQ(http_.requests[0].delivery, Delivery::exact);
}

TEST_F(LambdaRuntimeApi, SaysThatAnAnswerIsRefused) {
  http_.answer(kRoot + "invocation/8476a536/response", 413, R"({"errorType":"RequestEntityTooLarge"})");

  const Error error = error_of([&] { runtime_.respond(invocation_, "{}"); });

  EXPECT_EQ(error.kind(), ErrorKind::invalid);
  EXPECT_THAT(error.message(), HasSubstr("RequestEntityTooLarge"));
}

TEST_F(LambdaRuntimeApi, TellsFailures) {
  http_.answer(kRoot + "invocation/8476a536/error", 202, "");
  http_.answer(kRoot + "init/error", 202, "");

  runtime_.fail(invocation_, {.type = "Hubkeep.Forbidden", .message = "no \"way\" \xff"});
  runtime_.fail_init({.type = "Hubkeep.Invalid", .message = "no settings"});

  EXPECT_EQ(http_.requests[0].body,
            R"({"errorMessage":"no \"way\" \ufffd","errorType":"Hubkeep.Forbidden","stackTrace":[]})");
  EXPECT_THAT(http_.requests[0].headers,
              Contains(Pair("Lambda-Runtime-Function-Error-Type", "Hubkeep.Forbidden")));
  EXPECT_EQ(http_.requests[1].url.str(), kRoot + "init/error");
}

TEST(LambdaRuntimeAddress, MustBeOne) {
  ScriptedHttp http;

  EXPECT_THROW(LambdaRuntime(http, "no host"), Error);
}

}  // namespace
}  // namespace hubkeep
