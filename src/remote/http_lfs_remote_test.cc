#include "remote/http_lfs_remote.h"

#include <gmock/gmock.h>

#include <deque>

#include "base/error_of.h"
#include "base/json.h"
#include "http/scripted_http.h"
#include "remote/lfs_batch.h"

namespace hubkeep {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kBatch = "https://github.com/acme/site.git/info/lfs/objects/batch";

/// Answers in the order of a script, with bodies that stream.
class StreamingHttp final : public HttpClient {
 public:
  HttpResponse send(const HttpRequest& request, ByteSink* body, const std::stop_token&) override {
    requests.push_back(request);
    if (script.empty()) throw Error(ErrorKind::internal, "nobody expects this request");
    HttpResponse response = std::move(script.front());
    script.pop_front();
    response.url = request.url;
    if (response.status / 100 != 2 || body == nullptr) return response;
    if (request.on_head) request.on_head(response);
    body->write(std::exchange(response.body, ""));
    return response;
  }
  void answer(int status, std::string body, Headers headers = {}) {
    script.push_back({.status = status, .headers = std::move(headers), .body = std::move(body), .url = {}});
  }
  std::vector<std::string> header_values(std::size_t place, const std::string& name) const {
    std::vector<std::string> values;
    for (const auto* headers : {&requests.at(place).headers, &requests.at(place).secret_headers})
      for (const auto& [key, value] : *headers)
        if (key == name) values.push_back(value);
    return values;
  }

  std::deque<HttpResponse> script;
  std::vector<HttpRequest> requests;
};

std::vector<LfsPointer> objects(std::size_t count) {
  std::vector<LfsPointer> objects;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string digits = std::to_string(i);
    objects.push_back({std::string(64 - digits.size(), '0') + digits, i + 1});
  }
  return objects;
}

std::string batch_of(const std::vector<LfsPointer>& objects) {
  json answer = {{"objects", json::array()}};
  for (const LfsPointer& object : objects)
    answer["objects"].push_back(
        {{"oid", object.oid},
         {"size", object.size},
         {"actions", {{"download", {{"href", "https://media.test/" + object.oid.substr(60)}}}}}});
  return answer.dump();
}

class HttpLfsRemote : public testing::Test {
 protected:
  std::unique_ptr<LfsRemote> open(const std::string& clone_url = "https://github.com/acme/site.git") {
    return http_lfs_opener(http_, clock_,
                           {.api_url = Url::parse("https://api.github.com"),
                            .token = fixed_token(Secret("ghp_hunter2", "TOKEN_GITHUB")),
                            .observer = {},
                            .aliases = {}})(clone_url);
  }
  std::string download(ByteCount offset) {
    StringSink sink;
    open()->download({.href = Url::parse("https://media.test/a"), .headers = {{"X-Key", "v"}}}, offset, sink,
                     {});
    return sink.take();
  }

  StreamingHttp http_;
  ManualClock clock_;
};

TEST_F(HttpLfsRemote, AsksTheGitHostWithItsToken) {
  http_.answer(200, batch_of(objects(2)));

  const auto remote = open();
  const auto answers = remote->ask(objects(2), {});

  EXPECT_EQ(answers.size(), 2U);
  EXPECT_EQ(http_.requests.front().url.str(), kBatch);
  EXPECT_EQ(http_.requests.front().method, "POST");
  EXPECT_THAT(http_.header_values(0, "Accept"), ElementsAre(kLfsMediaType));
  EXPECT_THAT(http_.header_values(0, "Content-Type"), ElementsAre(kLfsMediaType));
  EXPECT_THAT(http_.header_values(0, "Authorization"),
              ElementsAre("Basic eC1hY2Nlc3MtdG9rZW46Z2hwX2h1bnRlcjI="));
  EXPECT_EQ(remote->request_count(), 1U);
}

TEST_F(HttpLfsRemote, SendsNoTokenToAnotherHost) {
  http_.answer(200, batch_of(objects(1)));

  open("https://elsewhere.test/acme/site")->ask(objects(1), {});

  EXPECT_EQ(http_.requests.front().url.str(), "https://elsewhere.test/acme/site.git/info/lfs/objects/batch");
  EXPECT_THAT(http_.header_values(0, "Authorization"), IsEmpty());
}

TEST_F(HttpLfsRemote, AsksForFewerAtATimeWhereTheServerTakesNoMore) {
  http_.answer(413, R"({"message":"too many"})");
  http_.answer(200, batch_of(objects(5)));

  const auto remote = open();
  // What is in both answers is of those that were asked for.
  http_.answer(200, batch_of(objects(5)));
  http_.answer(200, batch_of(objects(5)));
  const auto answers = remote->ask(objects(5), {});

  EXPECT_EQ(answers.size(), 5U);
  EXPECT_EQ(http_.requests.size(), 4U) << "five, then two, two and one";
  for (const LfsAnswer& answer : answers) EXPECT_TRUE(std::holds_alternative<LfsAddress>(answer));
}

TEST_F(HttpLfsRemote, RefusesAllObjectsWithTheServersWords) {
  const std::string body = R"({"message":"This repository is over its data quota."})";
  http_.answer(403, body);
  http_.answer(403, body);

  const auto answers = open()->ask(objects(2), {});

  for (const LfsAnswer& answer : answers)
    EXPECT_EQ(std::get<LfsRefusal>(answer).kind, LfsRefusal::Kind::over_quota);
  EXPECT_EQ(http_.requests.size(), 2U) << "a refusal is looked at twice";
}

TEST_F(HttpLfsRemote, WaitsAsLongAsItIsAsked) {
  http_.answer(429, "{}", {{"Retry-After", "7"}});
  http_.answer(200, batch_of(objects(1)));

  open()->ask(objects(1), {});

  EXPECT_THAT(clock_.slept, ElementsAre(std::chrono::seconds(7)));
}

TEST_F(HttpLfsRemote, DownloadsWithTheActionsHeadersAndNoToken) {
  http_.answer(200, "hello");

  EXPECT_EQ(download(0), "hello");
  EXPECT_THAT(http_.header_values(0, "X-Key"), ElementsAre("v"));
  EXPECT_THAT(http_.header_values(0, "Authorization"), IsEmpty());
  EXPECT_THAT(http_.header_values(0, "Range"), IsEmpty());
  EXPECT_EQ(http_.requests.front().secret_headers.size(), 1U) << "a redirect to another host goes without";
}

TEST_F(HttpLfsRemote, GoesOnAtAnOffset) {
  http_.answer(206, "lo", {{"Content-Range", "bytes 3-4/5"}});

  EXPECT_EQ(download(3), "lo");
  EXPECT_THAT(http_.header_values(0, "Range"), ElementsAre("bytes=3-"));
}

TEST_F(HttpLfsRemote, PassesOverWhatIsHereWhereTheServerBeginsAnew) {
  http_.answer(200, "hello");
  http_.answer(206, "ello", {{"Content-Range", "bytes 1-4/5"}});

  EXPECT_EQ(download(3), "lo");
  EXPECT_EQ(download(3), "lo");
}

TEST_F(HttpLfsRemote, TakesNoOtherPiece) {
  for (const char* range : {"bytes 4-4/5", "bytes */5", "items 3-4/5", ""}) {
    http_.answer(206, "o", {{"Content-Range", range}});
    EXPECT_EQ(error_of([&] { download(3); }).kind(), ErrorKind::corrupt) << range;
  }
}

TEST_F(HttpLfsRemote, TellsAnAddressThatIsNotTakenFromAHostThatIsBusy) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const Case& c :
       {Case{400, ErrorKind::forbidden}, Case{401, ErrorKind::forbidden}, Case{403, ErrorKind::forbidden},
        Case{404, ErrorKind::not_found}, Case{410, ErrorKind::not_found}, Case{429, ErrorKind::transient},
        Case{500, ErrorKind::transient}, Case{503, ErrorKind::transient}}) {
    http_.answer(c.status, "no");
    EXPECT_EQ(error_of([&] { download(0); }).kind(), c.kind) << c.status;
  }
}

}  // namespace
}  // namespace hubkeep
