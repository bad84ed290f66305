// The part of RFC 3986 that hubkeep needs: http and https, a host, a port, a path and a query, no user. Path
// and query are kept as they stand, since a signature or a token in them may depend on how they are written.
#include "http/url.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

int default_port(std::string_view scheme) {
  return scheme == "https" ? 443 : 80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_visible_ascii(char c) {
  return c > ' ' && c <= '~';
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  // Whatever stands before an '@' may be a credential, even where the text is no URL at all.
  const bool showable = text.find('@') == std::string_view::npos;
  throw Error(ErrorKind::invalid,
              fmt::format("{} is not a usable URL: {}",
                          showable ? "'" + printable(text) + "'" : "what was given", why));
}

bool is_ipv6_literal(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

int parse_port(std::string_view text, std::string_view digits) {
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || port < 1 || port > 65535) refuse(text, "the port must be a number from 1 to 65535");
  return port;
}

void parse_authority(std::string_view text, std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    refuse(text, "it holds a user name or password, which do not belong in a URL");
  }
  const auto host_end = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const auto colon = authority.find(':', host_end == std::string_view::npos ? 0 : host_end);
  const auto host = authority.substr(0, colon);
  if (!is_ipv6_literal(host) && !is_host_name(host)) refuse(text, "it names no host");
  url.host = to_lower(host);
  const auto digits = colon == std::string_view::npos ? std::string_view() : authority.substr(colon + 1);
  url.port = digits.empty() ? default_port(url.scheme) : parse_port(text, digits);
}

bool has_scheme(std::string_view reference) {
  const auto end = reference.find_first_of(":/?#");
  return end != std::string_view::npos && end > 0 && reference[end] == ':';
}

// RFC 3986 section 5.2.4
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto segments = split(path.substr(1), '/');
  for (const auto& segment : segments) {
    const bool dots = segment == "." || segment == "..";
    if (!dots) kept.push_back(segment);
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (dots && &segment == &segments.back()) kept.emplace_back();
  }
  return fmt::format("/{}", fmt::join(kept, "/"));
}

}  // namespace

Url Url::parse(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end != std::string_view::npos) url.scheme = to_lower(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") refuse(text, "it must begin with https:// or http://");
  const auto after_scheme = text.substr(scheme_end + 3);
  const auto rest = after_scheme.substr(0, after_scheme.find('#'));
  const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
  parse_authority(text, rest.substr(0, authority_end), url);
  const auto target = rest.substr(authority_end);
  if (!std::all_of(target.begin(), target.end(), is_visible_ascii)) {
    refuse(text, "blanks, control characters and anything but ASCII must be percent-encoded");
  }
  const auto question = target.find('?');
  url.path = target.substr(0, question);
  if (url.path.empty()) url.path = "/";
  if (question != std::string_view::npos) url.query = target.substr(question + 1);
  return url;
}

Url Url::resolve(std::string_view reference) const {
  if (has_scheme(reference)) return parse(reference);
  if (reference.starts_with("//")) return parse(scheme + ":" + std::string(reference));
  if (reference.empty() || reference.starts_with('#')) return *this;
  if (reference.starts_with('?')) return parse(origin() + path + std::string(reference));
  const auto folder = reference.starts_with('/') ? std::string() : path.substr(0, path.rfind('/') + 1);
  Url target = parse(origin() + folder + std::string(reference));
  target.path = without_dot_segments(target.path);
  return target;
}

std::string Url::host_and_port() const {
  return port == default_port(scheme) ? host : fmt::format("{}:{}", host, port);
}

std::string Url::origin() const {
  return scheme + "://" + host_and_port();
}

std::string Url::str() const {
  return query.empty() ? origin() + path : origin() + path + "?" + query;
}

std::string Url::without_query() const {
  return origin() + path;
}

// What does not leave this machine may go unencrypted without a word.
bool Url::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  // Digits and dots only: 127.example.com is a name that anybody may register.
  return host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3 &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || c == '.'; });
}

// What is no escape stays as it is (UrlDecode.LeavesWhatIsNoEscape).
std::string url_decode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const bool escape = text.size() >= 3 && text[0] == '%' && is_hex_digit(text[1]) && is_hex_digit(text[2]);
    decoded += escape ? from_hex(text.substr(1, 2)) : std::string(text.substr(0, 1));
    text.remove_prefix(escape ? 3 : 1);
  }
  return decoded;
}

std::string url_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace hubkeep
