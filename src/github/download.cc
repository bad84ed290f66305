// RestClient::download(): what the API hands on to another host. For a zip, GET
// /repos/{owner}/{name}/zipball/{ref} is a redirect to a download host, for a private repository with a
// short-lived token in the query.
// https://docs.github.com/rest/repos/contents#download-a-repository-archive-zip

#include <fmt/format.h>

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

}  // namespace

bool RestClient::is_of_api(const Url& url) const {
  return (url.origin() == options_.api_url.origin() || is_alias(url)) &&
         is_below(url.path, options_.api_url.path);
}

// The first redirects may stay within the API, with the token; the one that leaves it goes without. From
// there on the HTTP client follows.
HttpResponse RestClient::follow_to_download(const Url& url, ByteSink& body, const std::stop_token& stop) {
  Url next = url;
  for (int redirects = 0; redirects <= kMaxApiRedirects; ++redirects) {
    const bool of_api = is_of_api(next);
    HttpRequest request{.url = next};
    HttpResponse response;
    if (of_api) {
      add_api_headers(request);
      request.delivery = Delivery::exact;  // where a redirect leads decides whether the token goes along
      response = with_token(request, stop, [&] { return send_to_api(request, ApiKind::rest, &body, stop); });
    } else {
      response = http_.send(request, &body, stop);
    }
    const auto target = of_api ? redirect_target(response) : std::nullopt;
    if (!target) return response;
    next = *target;
  }
  throw Error(ErrorKind::invalid, fmt::format("more than {} redirects", kMaxApiRedirects));
}

void RestClient::download(const Url& url, ByteSink& body, const std::stop_token& stop) {
  if (!may_have_token(url)) refuse_elsewhere(url);
  with_context("GET " + url.without_query(), [&] {
    ApiBudget::Patience patience;
    for (bool is_second_look = false;;) {
      const HttpResponse response = [&] {
        const ApiBudget::UnderWay under_way = begin(ApiKind::rest, patience, stop);
        return follow_to_download(url, body, stop);
      }();
      const bool of_api = is_of_api(response.url);
      const AnswerMeaning meaning =
          heed(response, {.token_origin = of_api && has_token() ? token_origin() : ""}, patience);
      if (std::holds_alternative<Accepted>(meaning)) return;
      const auto* error = std::get_if<Error>(&meaning);
      if (!error) continue;
      // A refusal that comes once is not believed (DownloadTest.ARefusalThatComesOnceIsNotBelieved); nothing
      // has reached the sink, since only a success does.
      if (is_second_look || !is_worth_a_second_look(error->kind()))
        throw of_api ? *error : error->with_context(response.url.without_query());
      is_second_look = true;
      clock_.sleep(kSecondLook, stop);
    }
  });
}

}  // namespace hubkeep
