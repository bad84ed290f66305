// URLs as far as hubkeep needs them: absolute, http or https (RFC 3986).
#pragma once

#include <string>
#include <string_view>

namespace hubkeep {

struct Url {
  std::string scheme;  // lower case: "http" or "https"
  std::string host;    // lower case; IPv6 in brackets
  int port = 0;        // never 0: the scheme's own when the text names none
  std::string path;    // begins with '/'
  std::string query;   // without '?', may be empty

  /// Throws Error(invalid) for anything but an absolute http(s) URL, and for a URL with credentials in it:
  /// they would end up in logs. The message never repeats the credentials.
  static Url parse(std::string_view text);

  /// `reference` as a Location or Link header gives it: absolute, or relative to this URL. Throws as parse()
  /// does.
  Url resolve(std::string_view reference) const;

  /// "https://host[:port]" with the port only where it is not the scheme's own.
  std::string origin() const;
  /// "host[:port]", the same way.
  std::string host_and_port() const;
  std::string str() const;
  /// For messages: the query may be a signature that opens what it names.
  std::string without_query() const;

  bool is_loopback() const;
};

/// The bytes that a percent-encoded text stands for; a '%' that begins no escape stays.
std::string url_decode(std::string_view text);
/// Percent-encodes all but RFC 3986 unreserved characters: for one path segment or query value.
std::string url_encode(std::string_view text);

}  // namespace hubkeep
