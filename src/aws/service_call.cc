#include "aws/service_call.h"

namespace hubkeep {

std::string call_service(const AwsContext& context, HttpClient& http, std::string_view action,
                         const std::function<HttpRequest()>& make_request, const std::stop_token& stop) {
  return with_retries(context.retries, context.clock, stop, context.on_retry, [&] {
    // Made anew each time: a signature holds for some minutes, and a token file may have been replaced.
    HttpRequest request = make_request();
    request.delivery = Delivery::exact;
    auto response = with_context(action, [&] { return http.send(request, nullptr, stop); });
    if (response.status != 200) throw refusal_error(action, parse_refusal(response));
    return std::move(response.body);
  });
}

}  // namespace hubkeep
