// A text is cut at "https://", each address is read as far as characters of addresses go, and its path has to
// fit a pattern by segments:
//   web host   /user-attachments/assets/UUID            /user-attachments/files/ID/NAME
//              /OWNER/REPOSITORY/assets/ID/UUID         /OWNER/REPOSITORY/files/ID/NAME
//   open hosts /ID/NAME (github.com's)                  /user/ID/files/NAME (media. of a server)
//              /user-images/… and /private-user-images/… where hosts have no names of their own
// What stands in an address behind another one is part of that one: so nothing is found in a query.
#include "github/attachment_urls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "github/attachment_hosts.h"
#include "http/url.h"

namespace hubkeep {
namespace {

constexpr std::size_t kLongestAddress = 4096;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986, without what ends an address in Markdown and HTML: brackets, quotes and the like. What is no
// ASCII goes on: some write names as they are.
bool is_of_address(char c) {
  constexpr std::string_view kOthers = "-._~:/?#@!$&*+,;=%";
  return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos || static_cast<signed char>(c) < 0;
}

std::string encode_non_ascii(std::string_view text) {
  std::string encoded;
  for (const char c : text)
    if (static_cast<signed char>(c) < 0)
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      encoded += c;
  return encoded;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 20 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "0b5d9f0c-2f5c-4d0e-8a55-3f1d1e9a7c11", with which a segment begins.
std::optional<std::string_view> uuid_in(std::string_view text) {
  constexpr std::array<std::size_t, 5> kGroups = {8, 4, 4, 4, 12};
  std::size_t at = 0;
  for (const std::size_t group : kGroups) {
    if (at > 0 && (at >= text.size() || text[at++] != '-')) return std::nullopt;
    const std::string_view digits = text.substr(std::min(at, text.size()), group);
    if (digits.size() != group || !std::all_of(digits.begin(), digits.end(), is_hex)) return std::nullopt;
    at += group;
  }
  // "…7c11x" is no UUID, "…7c11." is one at the end of a sentence.
  if (at < text.size() && (is_alphanumeric(text[at]) || text[at] == '-')) return std::nullopt;
  return text.substr(0, at);
}

// Of an owner or a repository.
bool is_plain(std::string_view text) {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text != "." && text != ".." && std::all_of(text.begin(), text.end(), fits);
}

// What ends a sentence, or an emphasis, and no name.
std::string_view without_punctuation(std::string_view name) {
  const auto end = name.find_last_not_of(".,;:!?*_~");
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end + 1);
}

bool has_whole_escapes(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '%' && (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])))
      return false;
  return true;
}

// The name of a file, which must not lead anywhere else.
std::optional<std::string_view> name_in(std::string_view segment) {
  const std::string_view name = without_punctuation(segment);
  if (name.empty() || !has_whole_escapes(name)) return std::nullopt;
  const std::string decoded = url_decode(name);
  const auto leads_away = [](char c) {
    return c == '/' || c == '\\' || (static_cast<unsigned char>(c) < 0x20) || c == 0x7f;
  };
  if (decoded == "." || decoded == ".." || std::any_of(decoded.begin(), decoded.end(), leads_away))
    return std::nullopt;
  return name;
}

using Segments = std::vector<std::string_view>;

// The path with which an attachment ends, where it is one's.
std::optional<std::string> web_path(const Segments& path) {
  if (path.size() < 3) return std::nullopt;
  const bool is_of_user = path[0] == "user-attachments";
  if (is_of_user && path[1] == "assets" && path.size() == 3)
    if (const auto uuid = uuid_in(path[2])) return fmt::format("/user-attachments/assets/{}", *uuid);
  if (is_of_user && path[1] == "files" && path.size() == 4 && is_number(path[2]))
    if (const auto name = name_in(path[3]))
      return fmt::format("/user-attachments/files/{}/{}", path[2], *name);
  if (is_of_user || path.size() != 5 || !is_plain(path[0]) || !is_plain(path[1]) || !is_number(path[3]))
    return std::nullopt;
  const auto file = path[2] == "assets"  ? uuid_in(path[4])
                    : path[2] == "files" ? name_in(path[4])
                                         : std::nullopt;
  if (!file) return std::nullopt;
  return fmt::format("/{}/{}/{}/{}/{}", path[0], path[1], path[2], path[3], *file);
}

// On a server whose other hosts are no subdomains, their names begin the path.
bool is_name_of_host(std::string_view segment) {
  return segment == "user-images" || segment == "private-user-images";
}

std::optional<std::string> open_path(const Segments& path) {
  if (path.size() > 2 && is_name_of_host(path[0])) {
    const Segments rest(path.begin() + 1, path.end());
    const auto file = rest.size() == 2 ? open_path(rest) : web_path(rest);
    return file ? std::optional(fmt::format("/{}{}", path[0], *file)) : std::nullopt;
  }
  if (path.size() == 2 && is_number(path[0]))
    if (const auto name = name_in(path[1])) return fmt::format("/{}/{}", path[0], *name);
  if (path.size() == 4 && path[0] == "user" && is_number(path[1]) && path[2] == "files")
    if (const auto name = name_in(path[3])) return fmt::format("/user/{}/files/{}", path[1], *name);
  return std::nullopt;
}

// "jwt=…" alone: HTML writes "&amp;" for what separates it from more.
std::string signature_in(std::string_view query) {
  constexpr std::string_view kName = "jwt=";
  for (std::string_view each : split(query, '&')) {
    if (each.starts_with("amp;")) each.remove_prefix(4);
    if (each.starts_with(kName)) return std::string(without_punctuation(each));
  }
  return "";
}

std::optional<Url> parse(std::string_view address) {
  try {
    return Url::parse(address);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> as_attachment(std::string_view address, const GitHubPlaces& places) {
  const std::string encoded = encode_non_ascii(address.substr(0, address.find('#')));
  auto url = encoded.size() > kLongestAddress ? std::nullopt : parse(encoded);
  const auto from = url ? attachment_host(*url, places) : std::nullopt;
  if (!from || url->path.empty()) return std::nullopt;
  const Segments segments = split(std::string_view(url->path).substr(1), '/');
  const auto path = *from == DownloadFrom::web ? web_path(segments) : open_path(segments);
  if (!path) return std::nullopt;
  url->query = *from == DownloadFrom::open ? signature_in(url->query) : "";
  url->path = *path;
  return url->str();
}

std::vector<std::string> find_attachments(std::string_view text, const GitHubPlaces& places) {
  std::vector<std::string> found;
  std::set<std::string> known;
  for (std::size_t at = text.find("http"); at != std::string_view::npos; at = text.find("http", at)) {
    const std::string_view rest = text.substr(at);
    const bool begins = at == 0 || !is_alphanumeric(text[at - 1]);
    if (!begins || !(rest.starts_with("https://") || rest.starts_with("http://"))) {
      at += 4;
      continue;
    }
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_of_address);
    const std::string_view address = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    at += address.size();
    auto url = as_attachment(address, places);
    if (url && known.insert(attachment_identity(*url)).second) found.push_back(std::move(*url));
  }
  return found;
}

std::string attachment_identity(std::string_view url) {
  return std::string(url.substr(0, url.find('?')));
}

std::string attachment_name(std::string_view url) {
  const std::string identity = attachment_identity(url);
  return url_decode(std::string_view(identity).substr(identity.rfind('/') + 1));
}

}  // namespace hubkeep
