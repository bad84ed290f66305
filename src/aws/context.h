// What every source of credentials may use.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "aws/environment.h"
#include "base/clock.h"
#include "base/retry.h"
#include "http/curl_options.h"
#include "http/http_client.h"

namespace hubkeep {

/// The referred objects must outlive it.
struct AwsContext {
  AwsEnvironment environment;
  HttpClient& http;
  HttpClient& link_local;  // for the metadata services of the machine and the container
  Clock& clock;
  RetryPolicy retries;
  std::function<void(const Error&, std::chrono::milliseconds)> on_retry;
};

/// How `link_local` is made: where there is no such service nobody answers, and no proxy leads there.
inline CurlOptions link_local_options(std::string user_agent) {
  using std::chrono::seconds;
  return {.user_agent = std::move(user_agent),
          .authorities = {},
          .connect_timeout = seconds(1),
          .stall_timeout = seconds(2),
          .use_proxy = false};
}

}  // namespace hubkeep
