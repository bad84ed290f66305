#include "http/scripted_http.h"

namespace hubkeep {

HttpResponse ScriptedHttp::send(const HttpRequest& request, ByteSink* body, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped");
  requests.push_back(request);
  const auto found = script_.find(request.url.str());
  if (found == script_.end()) {
    return {.status = 404,
            .headers = {{"Date", kDate}},
            .body = R"({"message":"Not Found"})",
            .url = request.url};
  }
  auto& answers = found->second;
  const Answer next = answers.front();
  if (answers.size() > 1) answers.pop_front();
  if (next.error) throw *next.error;
  const bool is_for_sink = body != nullptr && next.response.status / 100 == 2;
  if (!is_for_sink || next.response.body.empty()) return next.response;
  if (request.on_head) request.on_head(next.response);
  body->write(next.response.body);
  HttpResponse response = next.response;
  response.body.clear();
  return response;
}

void ScriptedHttp::answer(const std::string& url, int status, std::string body, Headers headers) {
  headers.emplace_back("Date", kDate);
  script_[url].push_back({.response = {.status = status,
                                       .headers = std::move(headers),
                                       .body = std::move(body),
                                       .url = Url::parse(url)},
                          .error = std::nullopt});
}

void ScriptedHttp::fail(const std::string& url, const Error& error) {
  script_[url].push_back({.response = {}, .error = error});
}

std::vector<std::string> ScriptedHttp::urls() const {
  std::vector<std::string> urls;
  urls.reserve(requests.size());
  for (const auto& request : requests) urls.push_back(request.url.str());
  return urls;
}

void ManualClock::sleep(std::chrono::milliseconds duration, std::stop_token stop) {
  if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while waiting");
  slept.push_back(duration);
  time += std::chrono::duration_cast<std::chrono::seconds>(duration);
}

}  // namespace hubkeep
