#include "remote/git_status.h"

#include <fmt/format.h>

#include "base/text.h"

namespace hubkeep {
namespace {

std::string server_text(const HttpResponse& response) {
  const auto text = trim(response.body);
  const bool page = text.starts_with("<");
  return text.empty() || page ? std::string() : ": " + printable(text.substr(0, 300));
}

Error unauthorized(const HttpResponse& response, const TokenUse& token) {
  if (token.origin.empty()) {
    return {ErrorKind::unauthorized, "the repository asks for a token and none is set: set TOKEN_GITHUB"};
  }
  if (!token.was_sent) {
    return {
        ErrorKind::unauthorized,
        fmt::format(
            "the repository lies on {0}, another host than the API's ({1}): the token was not sent there; "
            "if that is another name of the same GitHub, give --api-alias {0}; else name the API of that "
            "host with --api-url",
            response.url.host_and_port(), token.api_host)};
  }
  if (token.kind != TokenKind::personal) {
    return {ErrorKind::unauthorized,
            fmt::format("{} refused the token of {} for git: was the App uninstalled or suspended meanwhile?",
                        response.url.host_and_port(), token.origin)};
  }
  return {
      ErrorKind::unauthorized,
      fmt::format("{} refused the token from {} for git: it is expired, revoked or mistyped; make a new one",
                  response.url.host_and_port(), token.origin)};
}

Error forbidden(const HttpResponse& response) {
  return {ErrorKind::forbidden, fmt::format("the server refuses access to the git data ({}){}",
                                            response.status, server_text(response))};
}

}  // namespace

Error git_status_error(const HttpResponse& response, const TokenUse& token) {
  switch (response.status) {
    case 401:
      return unauthorized(response, token);
    case 403:
    case 451:
      return forbidden(response);
    case 404:
      return {ErrorKind::not_found,
              "the git data cannot be read (404): the repository is gone, or the token may list it but not "
              "read it "
              "(a fine-grained token needs the permission Contents: read, and so does an App)"};
    case 408:
    case 425:
    case 429:
      return {ErrorKind::transient, fmt::format("the server asks to slow down ({})", response.status)};
    default:
      break;
  }
  const auto kind = response.status >= 500 ? ErrorKind::transient : ErrorKind::invalid;
  return {kind, fmt::format("the git server answered with HTTP status {}{}", response.status,
                            server_text(response))};
}

}  // namespace hubkeep
