// HTTP as the rest of hubkeep sees it. One request, one answer; redirects and retries are decided above.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_sink.h"
#include "http/url.h"

namespace hubkeep {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse;

/// exact: what is sent is sent once. A redirect is a result like any other, and where a connection breaks
/// before the answer, that is an Error: the server may have done what it was asked for. For requests whose
/// signature holds for one host, and for those that must not be done twice unseen.
enum class Delivery { forgiving, exact };

struct HttpRequest {
  std::string method = "GET";
  Url url;
  Headers headers;
  std::string body;
  /// Headers that carry a credential: sent with `headers`, but to no other origin than `url`'s, unless
  /// `is_trusted` vouches for it.
  Headers secret_headers;
  Delivery delivery = Delivery::forgiving;
  /// Told status and headers of a 2xx answer before the first byte of its body; what it throws ends the
  /// transfer.
  std::function<void(const HttpResponse&)> on_head;
  /// How much of what has come is payload, where a server may send other bytes to keep the connection alive:
  /// only payload counts as progress. Empty: every byte of the body is.
  std::function<ByteCount()> payload;
  /// Whether a redirect's target may have the secrets though its origin is another. Empty: none may.
  std::function<bool(const Url& target)> is_trusted;
};

struct HttpResponse {
  int status = 0;
  Headers headers;   // in the order received, names as sent
  std::string body;  // empty when the body went to a sink
  Url url;           // where the answer came from, after redirects

  /// The first header of that name, without regard to case.
  std::optional<std::string> header(std::string_view name) const;
};

/// Thread-safe: every call is one blocking transfer on the caller's thread; connections are kept and shared
/// out.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Sends `request` and follows redirects as RFC 9110 allows for requests that only read: at most five, the
  /// method and body kept, never from https to http; `secret_headers` go to the request's own origin and
  /// those that `is_trusted` only. A 2xx body goes to `body` as it comes when given; any other body, and all
  /// without `body`, is kept in the response (error bodies are cut at 64 KiB). More than 8 MiB of such a body
  /// is Error(corrupt), more than 256 KiB of headers Error(transient). Any status is a result but 407, which
  /// is the proxy's: Error(invalid). Throws Error(transient) for a failed connection or a body that ends
  /// early (the message says after how many bytes), Error(invalid) for a certificate or host that cannot be
  /// trusted or does not exist in a way that trying again does not mend, Error(cancelled) when `stop` is
  /// requested, and whatever `body` throws.
  virtual HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) = 0;
};

}  // namespace hubkeep
