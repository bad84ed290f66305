// RestClient::do_download(): what the API or the web host hands on to another host. For a zip, GET
// /repos/{owner}/{name}/zipball/{ref} is a redirect to a download host, for a private repository with a
// short-lived token in the query; for an asset and an attachment it is one to a storage with a signature.
// https://docs.github.com/rest/repos/contents#download-a-repository-archive-zip
//
// A storage may send the whole where a piece was asked for, and then what is known is dropped on its way.

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "github/rest_client.h"
#include "http/redirect.h"

namespace hubkeep {
namespace {

constexpr int kMaxApiRedirects = 5;  // a repository's old name leads to its id

// The download host may be the API's own: a GitHub Enterprise Server has it at /_codeload.
bool is_below(const std::string& path, std::string root) {
  while (root.ends_with('/')) root.pop_back();
  return path.starts_with(root + "/");
}

std::optional<ByteCount> number_of(std::string_view text) {
  ByteCount number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty() ? std::optional(number)
                                                                                   : std::nullopt;
}

// What of the whole an answer has.
struct Piece {
  ByteCount begin = 0;
  std::optional<ByteCount> whole;
};

// "Content-Range: bytes 1000-1999/2000" (RFC 9110, 14.4)
Piece piece_of(const HttpResponse& response) {
  constexpr std::string_view kUnit = "bytes ";
  if (response.status != 206) return {.whole = number_of(response.header("Content-Length").value_or(""))};
  const std::string header = response.header("Content-Range").value_or("");
  std::string_view range = header;
  if (range.starts_with(kUnit)) range.remove_prefix(kUnit.size());
  const std::size_t dash = range.find('-');
  const std::size_t slash = range.find('/');
  const auto begin = number_of(range.substr(0, dash));
  if (!begin || dash > slash || slash == std::string_view::npos)
    throw Error(ErrorKind::corrupt, "a piece came that does not say which: " + printable(header));
  return {.begin = *begin, .whole = number_of(range.substr(slash + 1))};
}

// Sees that what comes is what was asked for, and hands on what is not here already.
class PieceSink final : public ByteSink {
 public:
  PieceSink(const DownloadRequest& request, ByteSink& next) : request_(request), next_(next) {}

  void begin(const HttpResponse& response) {
    const Piece piece = piece_of(response);
    if (piece.begin != (response.status == 206 ? request_.offset : 0))
      throw Error(ErrorKind::corrupt,
                  fmt::format("the bytes from {} on were asked for, and those from {} on came",
                              request_.offset, piece.begin));
    to_drop_ = request_.offset - piece.begin;
    if (request_.on_head)
      request_.on_head({.size = piece.whole,
                        .type = response.header("Content-Type").value_or(""),
                        .disposition = response.header("Content-Disposition").value_or(""),
                        .url = response.url});
  }

  void write(std::string_view bytes) override {
    const auto dropped = std::min<ByteCount>(to_drop_, bytes.size());
    to_drop_ -= dropped;
    bytes.remove_prefix(dropped);
    if (!bytes.empty()) next_.write(bytes);
  }

 private:
  const DownloadRequest& request_;
  ByteSink& next_;
  ByteCount to_drop_ = 0;
};

}  // namespace

bool RestClient::is_of_api(const Url& url) const {
  return (url.origin() == options_.api_url.origin() || is_alias(url)) &&
         is_below(url.path, options_.api_url.path);
}

bool RestClient::is_trusted(const DownloadRequest& request, const Url& url) const {
  switch (request.from) {
    case DownloadFrom::api:
      return is_of_api(url);
    case DownloadFrom::web:
      return may_have_token(url) && (url.host_and_port() == git_host(options_.api_url) || is_alias(url));
    case DownloadFrom::open:
      break;
  }
  return false;
}

// An address with which none of our hosts begins is somebody else's idea, but for those that take no token.
bool RestClient::may_begin(const DownloadRequest& request) const {
  switch (request.from) {
    case DownloadFrom::api:
      return may_have_token(request.url);
    case DownloadFrom::web:
      return is_trusted(request, request.url);
    case DownloadFrom::open:
      break;
  }
  return true;
}

// The first redirects may stay where the token may go, and take it along; the one that leaves goes without.
// From there on the HTTP client follows, unless each place has to be allowed.
HttpResponse RestClient::follow_to_download(const DownloadRequest& request, ByteSink& body,
                                            const std::stop_token& stop) {
  Url next = request.url;
  for (int redirects = 0; redirects <= kMaxApiRedirects; ++redirects) {
    const bool has_token = is_trusted(request, next);
    const bool is_ours_to_follow = has_token || request.may_lead_to;
    PieceSink piece(request, body);
    HttpRequest http{.url = next};
    http.on_head = [&](const HttpResponse& response) { piece.begin(response); };
    if (request.offset > 0) http.headers.emplace_back("Range", fmt::format("bytes={}-", request.offset));
    // Where a redirect leads decides whether the token goes along.
    if (is_ours_to_follow) http.delivery = Delivery::exact;
    HttpResponse response;
    if (has_token) {
      if (request.from == DownloadFrom::api) add_api_headers(http, request.accept);
      response = with_token(http, stop, [&] {
        return request.from == DownloadFrom::api ? send_to_api(http, ApiKind::rest, &piece, stop)
                                                 : http_.send(http, &piece, stop);
      });
    } else {
      response = http_.send(http, &piece, stop);
    }
    const auto target = is_ours_to_follow ? redirect_target(response) : std::nullopt;
    if (!target) return response;
    if (request.may_lead_to && !request.may_lead_to(*target))
      throw Error(ErrorKind::invalid,
                  fmt::format("it leads to {}, which is no host of this GitHub: refused", target->origin()));
    next = *target;
  }
  throw Error(ErrorKind::invalid, fmt::format("more than {} redirects", kMaxApiRedirects));
}

void RestClient::do_download(const DownloadRequest& request, ByteSink& body, const std::stop_token& stop) {
  if (!may_begin(request)) refuse_elsewhere(request.url);
  with_context("GET " + request.url.without_query(), [&] {
    ApiBudget::Patience patience;
    for (bool is_second_look = false;;) {
      const HttpResponse response = [&] {
        const ApiBudget::UnderWay under_way = begin(ApiKind::rest, patience, stop);
        return follow_to_download(request, body, stop);
      }();
      const bool had_token = is_trusted(request, response.url);
      const AnswerMeaning meaning =
          heed(response, {.token_origin = had_token && has_token() ? token_origin() : ""}, patience);
      if (std::holds_alternative<Accepted>(meaning)) return;
      const auto* error = std::get_if<Error>(&meaning);
      if (!error) continue;
      // A refusal that comes once is not believed (DownloadTest.ARefusalThatComesOnceIsNotBelieved); nothing
      // has reached the sink, since only a success does.
      if (is_second_look || !is_worth_a_second_look(error->kind()))
        throw had_token ? *error : error->with_context(response.url.without_query());
      is_second_look = true;
      clock_.sleep(kSecondLook, stop);
    }
  });
}

}  // namespace hubkeep
