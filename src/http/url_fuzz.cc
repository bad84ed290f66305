// URLs, and references against one: what is believed reads the same when written, and is fit for a request.

#include <algorithm>

#include "fuzz/fuzz_support.h"
#include "http/url.h"

using namespace hubkeep;

namespace {

bool is_fit_for_a_request(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void check(const Url& url) {
  fuzz::require(url.scheme == "http" || url.scheme == "https", "the scheme is one of HTTP's");
  fuzz::require(url.port > 0 && url.port < 65536, "there is a port");
  fuzz::require(is_fit_for_a_request(url.str()), "nothing breaks a request's line");
  fuzz::require(url.host.find_first_of("@/?#\\") == std::string::npos, "a host is a host");
  fuzz::require(Url::parse(url.str()).str() == url.str(), "what was read can be written");
  fuzz::require(url.str().starts_with(url.without_query()), "the query comes last");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::as_text(data, size);
  const auto base = Url::parse("https://api.github.com/user/repos?page=1");
  fuzz::error_of([&] { check(Url::parse(text)); });
  fuzz::error_of([&] { check(base.resolve(text)); });
  fuzz::require(is_fit_for_a_request(url_encode(text)), "whatever is encoded is fit for a request");
  return 0;
}
