#include "remote/lfs_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 300;
constexpr std::size_t kMostHeaders = 32;
constexpr std::size_t kLongestHeader = 8 << 10;

const json& at(const json& value, const char* name) {
  static const json kNull;
  const auto found = value.is_object() ? value.find(name) : value.end();
  return found == value.end() ? kNull : *found;
}

std::string text_at(const json& value, const char* name) {
  const json& text = at(value, name);
  return text.is_string() ? text.get<std::string>() : std::string();
}

std::string message_at(const json& value) {
  return printable(trim(text_at(value, "message")).substr(0, kLongestMessage));
}

// 0: none that is one.
int status_at(const json& error) {
  constexpr std::uint64_t kGreatest = 999;
  const json& code = at(error, "code");
  if (!code.is_number_unsigned()) return 0;
  const auto number = code.get<std::uint64_t>();
  return number <= kGreatest ? static_cast<int>(number) : 0;
}

// GitHub's words, which changed when billing did: "This repository is over its data quota", "This repository
// exceeded its LFS budget".
bool speaks_of_quota(std::string_view message) {
  const std::string text = to_lower(message);
  const bool names_it = text.find("quota") != std::string::npos || text.find("budget") != std::string::npos ||
                        text.find("bandwidth") != std::string::npos;
  const bool is_over = text.find("over") != std::string::npos || text.find("exceed") != std::string::npos ||
                       text.find("restore access") != std::string::npos;
  return names_it && is_over;
}

LfsRefusal refusal_of(int code, std::string message) {
  using Kind = LfsRefusal::Kind;
  Kind kind = Kind::other;
  if (code == 509 || speaks_of_quota(message))
    kind = Kind::over_quota;
  else if (code == 404 || code == 410)
    kind = Kind::missing;
  else if (code == 408 || code == 429 || code >= 500)
    kind = Kind::busy;
  return {.kind = kind, .code = code, .message = std::move(message)};
}

LfsRefusal refuse(std::string message) {
  return {.message = std::move(message)};
}

// RFC 9110, 5.6.2
bool is_token(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

// What is ours to say of a request.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 9> kOurs = {
      "host",   "range",      "content-length", "transfer-encoding", "connection",
      "expect", "keep-alive", "upgrade",        "accept-encoding"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [&](std::string_view ours) { return equals_ignoring_case(ours, name); });
}

// Nothing where there is something among them that cannot be sent.
std::optional<Headers> headers_of(const json& download) {
  Headers headers;
  const json& told = at(download, "header");
  if (told.is_null()) return headers;
  if (!told.is_object() || told.size() > kMostHeaders) return std::nullopt;
  for (const auto& [name, value] : told.items()) {
    if (!is_token(name) || !value.is_string()) return std::nullopt;
    const auto& text = value.get_ref<const std::string&>();
    if (name.size() + text.size() > kLongestHeader || !is_header_value(text)) return std::nullopt;
    if (!is_ours(name)) headers.emplace_back(name, text);
  }
  return headers;
}

LfsAnswer address_of(const json& download, ByteCount size, bool only_tls) {
  auto headers = headers_of(download);
  if (!headers) return refuse("the server names headers for its download that cannot be sent");
  try {
    Url href = Url::parse(text_at(download, "href"));
    if (only_tls && href.scheme != "https")
      return refuse("the server gives an address that is not encrypted: " + href.origin());
    return LfsAddress{.href = std::move(href), .headers = *std::move(headers), .size = size};
  } catch (const Error& error) {
    return refuse("the server gives an address that cannot be used: " + error.message());
  }
}

LfsAnswer answer_of(const json& object, const LfsPointer& asked, bool only_tls) {
  const json& error = at(object, "error");
  if (error.is_object()) {
    return refusal_of(status_at(error), message_at(error));
  }
  const json& download = at(at(object, "actions"), "download");
  if (!download.is_object()) return refuse("the server gives no address for it");
  // A pointer's size is what anybody wrote. The bytes prove themselves by the object's name.
  const json& told = at(object, "size");
  const ByteCount size = told.is_number_unsigned() ? told.get<std::uint64_t>() : asked.size;
  return address_of(download, size, only_tls);
}

std::string words_of(const HttpResponse& response) {
  std::string message = message_at(parse_json_or_discard(response.body));
  if (!message.empty()) return message;
  const auto text = trim(response.body);
  return text.starts_with("<") || text.starts_with("{") ? std::string()
                                                        : printable(text.substr(0, kLongestMessage));
}

}  // namespace

std::string lfs_batch_request(std::span<const LfsPointer> objects) {
  nlohmann::ordered_json body = {{"operation", "download"},
                                 {"transfers", {"basic"}},
                                 {"objects", nlohmann::ordered_json::array()},
                                 {"hash_algo", "sha256"}};
  for (const LfsPointer& object : objects)
    body["objects"].push_back({{"oid", object.oid}, {"size", object.size}});
  return body.dump();
}

std::vector<LfsAnswer> parse_lfs_batch(std::string_view body, std::span<const LfsPointer> asked,
                                       bool only_tls) {
  const json answer = parse_json_or_discard(body);
  const json& objects = at(answer, "objects");
  if (!objects.is_array())
    throw Error(ErrorKind::corrupt, "the LFS server's answer is not one to a batch request");
  const std::string transfer = text_at(answer, "transfer");
  if (!transfer.empty() && transfer != "basic")
    throw Error(ErrorKind::corrupt, "the LFS server wants a transfer that it was not offered: " +
                                        printable(transfer.substr(0, 40)));
  const std::string hash = text_at(answer, "hash_algo");
  if (!hash.empty() && hash != "sha256")
    throw Error(ErrorKind::corrupt,
                "the LFS server names objects by another hash: " + printable(hash.substr(0, 40)));
  std::map<std::string_view, const json*> told;  // the first word on an object counts
  for (const json& object : objects)
    if (const json& oid = at(object, "oid"); oid.is_string())
      told.emplace(oid.get_ref<const std::string&>(), &object);
  std::vector<LfsAnswer> answers;
  answers.reserve(asked.size());
  for (const LfsPointer& object : asked) {
    const auto found = told.find(object.oid);
    answers.push_back(found == told.end() ? refuse("the server says nothing of it")
                                          : answer_of(*found->second, object, only_tls));
  }
  return answers;
}

LfsRefusal lfs_refusal(const HttpResponse& response, const TokenUse& token) {
  const std::string words = words_of(response);
  const std::string quoted = words.empty() ? "" : ": " + words;
  if (response.status == 509 || speaks_of_quota(words))
    return {.kind = LfsRefusal::Kind::over_quota, .code = response.status, .message = words};
  switch (response.status) {
    case 401:
      throw git_status_error(response, token);
    case 403:
    case 451:
      throw Error(ErrorKind::forbidden,
                  fmt::format("the server refuses access to LFS objects ({}){}", response.status, quoted));
    case 404:
      throw Error(ErrorKind::not_found,
                  "the LFS server does not know the repository, or the token may not read it (404)" + quoted);
    case 422:
      return {.code = response.status, .message = words};
    case 408:
    case 425:
    case 429:
      throw Error(ErrorKind::transient,
                  fmt::format("the LFS server asks to slow down ({}){}", response.status, quoted));
    default:
      break;
  }
  // 507: the server's own disk is full, which is no matter of a moment.
  const bool is_overloaded = response.status >= 500 && response.status != 501 && response.status != 507;
  throw Error(is_overloaded ? ErrorKind::transient : ErrorKind::refused,
              fmt::format("the LFS server answered with HTTP status {}{}", response.status, quoted));
}

}  // namespace hubkeep
