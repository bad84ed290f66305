// HTTP messages as the simulator's handlers see them, free of any HTTP library.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubkeep::sim {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name (in any case), or "".
std::string header_value(const Headers& headers, std::string_view name);
bool has_header(const Headers& headers, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string path;   // percent-decoded
  std::string query;  // raw, without the question mark
  Headers headers;
  std::string body;                // already decompressed
  std::uint64_t wire_body_size{};  // Content-Length where given, else the body's size
};

/// Thrown by a body source: the connection is to be broken here.
struct ConnectionCut {};

/// Yields the next piece of a body, "" at its end; may throw ConnectionCut.
using BodySource = std::function<std::string()>;

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  BodySource stream;                                   // in place of `body`
  bool close_connection = false;                       // nothing at all is answered
  std::optional<std::uint64_t> length = std::nullopt;  // of `stream`; nothing: it is sent chunked
};

HttpResponse text_response(int status, std::string text);
/// A source that yields `text` once.
BodySource source_of(std::string text);

std::string percent_decode(std::string_view text);
std::string base64_encode(std::string_view bytes);
std::string base64_decode(std::string_view text);
/// The parameters of a query string, decoded; of repeated ones the last.
std::map<std::string, std::string> parse_query(std::string_view query);

}  // namespace hubkeep::sim
