// What GitHub answers an App: its installation in the first line, a token for it in the rest. A token that is
// believed can stand in a header.

#include <algorithm>

#include "crypto/test_keys.h"
#include "fuzz/fuzz_support.h"
#include "github/installation_token.h"

using namespace hubkeep;

namespace {

constexpr UtcTime kNow{std::chrono::seconds(1'700'000'000)};

class TwoAnswers final : public HttpClient {
 public:
  explicit TwoAnswers(std::string_view text) : text_(text) {}

  HttpResponse send(const HttpRequest& request, ByteSink*, const std::stop_token&) override {
    const auto end = std::min(text_.find('\n'), text_.size());
    const auto body =
        request.method == "POST" ? text_.substr(std::min(end + 1, text_.size())) : text_.substr(0, end);
    return {.status = 200, .headers = {}, .body = std::string(body), .url = request.url};
  }

 private:
  const std::string_view text_;
};

class StandingClock final : public Clock {
 public:
  UtcTime now() override { return kNow; }
  void sleep(std::chrono::milliseconds, std::stop_token) override {}
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TwoAnswers http(fuzz::as_text(data, size));
  StandingClock clock;
  static const Rs256Key key = Rs256Key::parse(kTestKey);
  const auto source = installation_token(http, clock,
                                         {.api_url = Url::parse("https://api.github.com"),
                                          .app = "1",
                                          .key = key,
                                          .selection = {.organizations = {"acme"}},
                                          .observer = {},
                                          .retries = {.max_attempts = 1}});
  fuzz::error_of([&] {
    const std::string token = source->token({}).reveal();
    fuzz::require(
        !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; }),
        "a token can stand in a header");
  });
  return 0;
}
