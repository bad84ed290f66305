// One process serves one event after another. What is wrong with an event fails that invocation alone; what
// is wrong with the runtime API ends the process, and Lambda starts another.
#include "lambda/serve.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "app/wiring.h"
#include "base/error.h"
#include "base/log.h"
#include "lambda/answer.h"
#include "lambda/handle.h"
#include "lambda/runtime_api.h"

namespace hubkeep {
namespace {

constexpr const char* kRuntimeApi = "AWS_LAMBDA_RUNTIME_API";

Environment with_lambda_defaults(Environment environment) {
  environment.emplace("HUBKEEP_LOG_FORMAT", "json");
  return environment;
}

// What is wrong before any event would be wrong with all of them.
bool is_set_up(LambdaRuntime& runtime, const Environment& environment) {
  try {
    check_lambda_settings(environment);
    return true;
  } catch (const Error& error) {
    log_error(error.message());
    runtime.fail_init(failure_of(error));
    return false;
  }
}

void tell_failure(LambdaRuntime& runtime, const Invocation& invocation, const Error& error) {
  log_error(error.message());
  runtime.fail(invocation, failure_of(error));
}

// The edge of one invocation: the next one gets the same process.
void serve_one(LambdaRuntime& runtime, const Environment& environment) {
  const Invocation invocation = runtime.next();
  std::string answer;
  try {
    answer = handle_event(invocation, environment);
  } catch (const Error& error) {
    return tell_failure(runtime, invocation, error);
  } catch (const std::exception& error) {
    return tell_failure(runtime, invocation, Error(ErrorKind::internal, error.what()));
  }
  try {
    runtime.respond(invocation, answer);
  } catch (const Error& error) {
    // Lambda refuses an answer that is too large (LambdaRuntimeApi.SaysThatAnAnswerIsRefused). Without
    // another word from us the invocation would end only when its time is over.
    if (error.kind() != ErrorKind::invalid) throw;
    tell_failure(runtime, invocation, error);
  }
}

}  // namespace

bool is_lambda(const Environment& environment) {
  return environment.contains(kRuntimeApi);
}

int serve_lambda(const Environment& environment) {
  set_log_format(LogFormat::json);
  try {
    const auto http = make_patient_client();
    LambdaRuntime runtime(*http, environment.at(kRuntimeApi));
    const Environment settled = with_lambda_defaults(environment);
    if (!is_set_up(runtime, settled)) return 1;
    for (;;) serve_one(runtime, settled);
  } catch (const Error& error) {
    log_error(error.message());
    return 1;
  }
}

}  // namespace hubkeep
