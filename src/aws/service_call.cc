#include "aws/service_call.h"

#include "http/retry.h"

namespace hubkeep {

std::string call_service(HttpClient& http, Clock& clock, std::string_view action,
                         const std::function<HttpRequest()>& make_request, const std::stop_token& stop) {
  constexpr RetryPolicy kPolicy{.max_attempts = 3};
  return with_retries(kPolicy, clock, stop, nullptr, [&] {
    auto response = with_context(action, [&] { return http.send(make_request(), nullptr, stop); });
    if (response.status != 200) throw refusal_error(action, parse_refusal(response));
    return std::move(response.body);
  });
}

}  // namespace hubkeep
