#include "http/redirect.h"

#include <fmt/format.h>

#include "base/error.h"

namespace hubkeep {

std::optional<Url> redirect_target(const HttpResponse& response) {
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      break;
    default:
      return std::nullopt;
  }
  const auto location = response.header("Location");
  if (!location) return std::nullopt;
  Url target = with_context(response.url.without_query() + ": redirect",
                            [&] { return response.url.resolve(*location); });
  // What is asked and what comes would go on in the clear. See CurlClientTlsTest.IsNotLedFromHttpsToHttp.
  if (response.url.scheme == "https" && target.scheme != "https") {
    throw Error(ErrorKind::invalid,
                fmt::format("{} redirects to {}: refused, the way on would not be encrypted",
                            response.url.without_query(), target.origin()));
  }
  return target;
}

}  // namespace hubkeep
