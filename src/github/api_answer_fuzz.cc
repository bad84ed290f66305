// What an answer of the REST API means, header lines and body from the input: a wait is never long or none.

#include "base/text.h"
#include "fuzz/fuzz_support.h"
#include "github/rate_limit.h"

using namespace hubkeep;

namespace {

// "STATUS LF *(name ":" value LF) LF body"
HttpResponse response_of(std::string_view text) {
  HttpResponse response;
  for (bool first = true;; first = false) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const auto colon = line.find(':');
    if (first) {
      for (const char c : line.substr(0, 3)) response.status = response.status * 10 + (c - '0') % 10;
    } else if (colon == std::string_view::npos) {
      break;
    } else {
      response.headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
  }
  response.body = text;
  return response;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const HttpResponse response = response_of(fuzz::as_text(data, size));
  const AnswerContext context{.now = UtcTime(std::chrono::seconds(1'700'000'000)),
                              .waits = static_cast<int>(size % 7),
                              .token_origin = "T"};
  const AnswerMeaning meaning = classify_response(response, context);
  if (const auto* wait = std::get_if<RateLimitWait>(&meaning)) {
    fuzz::require(wait->duration.count() > 0 && wait->duration <= std::chrono::hours(2), "a wait is bounded");
  }
  if (const auto* error = std::get_if<Error>(&meaning)) {
    fuzz::require(printable(error->message()) == error->message(), "messages are printable");
  }
  return 0;
}
