// What is not S3 but answers in its place, a proxy, a firewall, a captive portal: for each request and each
// answer, what comes of it. Once: the request is sent again. Always: an error, and nothing is believed of an
// object.
#include <gmock/gmock.h>

#include <chrono>

#include "s3/fake_s3.h"
#include "s3/meddler.h"
#include "s3/s3_fixture.h"
#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

const std::string kPage = "<!DOCTYPE html>\n<html><body>Please log in</body></html>";
const std::string kTwoParts(std::size_t{6} << 20, 'x');

struct GatewayAnswer {
  std::string name;
  int status = 0;
  std::string body;
};

const std::vector<GatewayAnswer> kAnswers = {
    {"200 with a page", 200, kPage}, {"200 with nothing", 200, ""},   {"204", 204, ""},
    {"302 to a login", 302, kPage},  {"403 with a page", 403, kPage}, {"403 with nothing", 403, ""},
    {"404 with a page", 404, kPage}, {"404 with nothing", 404, ""},   {"405 with a page", 405, kPage},
    {"511 with a page", 511, kPage}, {"412 with a page", 412, kPage}, {"416 with a page", 416, kPage},
    {"501 with a page", 501, kPage}, {"502 with a page", 502, kPage}, {"503 with nothing", 503, ""},
    {"530 with a page", 530, kPage}};

/// `does_work`: S3 hears of the request, and its answer is replaced.
S3Fault gateway(const GatewayAnswer& answer, bool does_work) {
  return [=](const sim::HttpRequest& request, const S3Backend& backend) {
    if (does_work) backend(request);
    sim::HttpResponse response{.status = answer.status, .headers = {}, .body = answer.body};
    response.headers.emplace_back("Content-Type", "text/html");
    if (answer.status == 302) response.headers.emplace_back("Location", "http://127.0.0.1:1/login");
    if (request.method == "HEAD") response.body.clear();
    return response;
  };
}

/// A request, and what the store makes of it where all is well.
struct Operation {
  std::string name;
  std::string request;  // as Meddler has it
  std::function<std::string(ObjectStore&)> run;
  std::string result;
  /// Its own answer is empty, and so is not to be told from another's; it is asked for again by a later run.
  bool believes_nothing = false;
};

std::string name_of(CommitResult result) {
  return result == CommitResult::committed ? "committed" : "precondition failed";
}

std::string written(ObjectStore& store, const std::string& key, const std::string& bytes) {
  const std::string result = name_of(put(store, key, bytes, Precondition::absent()));
  return get(store, key) == bytes ? result : "other bytes";
}

std::string found(ObjectStore& store, const std::string& key) {
  const auto info = store.find(key);
  return info ? std::to_string(info->size) : "nothing";
}

std::string removed(ObjectStore& store, int age) {
  const Leftovers found = store.remove_stale(std::chrono::seconds(age));
  if (!found.problems.empty()) throw Error(found.problems.front());
  return std::to_string(found.removed);
}

std::string range_of(ObjectStore& store) {
  StringSink content;
  store.read("old", 2, 3, content, {});
  return content.take();
}

const std::vector<Operation> kOperations = {
    {"PutObject", "PUT /bucket/p/new?", [](ObjectStore& store) { return written(store, "new", "bytes"); },
     "committed"},
    {"PutObject under If-Match", "PUT /bucket/p/old?",
     [](ObjectStore& store) {
       return name_of(
           put(store, "old", "newer", Precondition::unchanged(store.read_versioned("old", {}).version)));
     },
     "committed"},
    {"CreateMultipartUpload", "POST /bucket/p/new?uploads=",
     [](ObjectStore& store) { return written(store, "new", kTwoParts); }, "committed"},
    {"UploadPart", "partNumber=2", [](ObjectStore& store) { return written(store, "new", kTwoParts); },
     "committed"},
    {"CompleteMultipartUpload", "POST /bucket/p/new?uploadId",
     [](ObjectStore& store) { return written(store, "new", kTwoParts); }, "committed"},
    {"AbortMultipartUpload", "DELETE /bucket/p/unfinished?",
     [](ObjectStore& store) { return removed(store, 0); }, "1", true},
    {"ListMultipartUploads", "uploads=", [](ObjectStore& store) { return removed(store, 0); }, "1"},
    {"ListParts", "GET /bucket/p/unfinished?", [](ObjectStore& store) { return removed(store, 1); }, "1"},
    {"HeadObject", "HEAD", [](ObjectStore& store) { return found(store, "old"); }, "10"},
    {"GetObject", "GET /bucket/p/old?", [](ObjectStore& store) { return get(store, "old"); }, "0123456789"},
    {"GetObject with its version", "GET /bucket/p/old?",
     [](ObjectStore& store) { return store.read_versioned("old", {}).bytes; }, "0123456789"},
    {"GetObject of a range", "GET /bucket/p/old?", range_of, "234"},
    {"ListObjectsV2", "list-type=2", [](ObjectStore& store) { return keys_of(store).front(); }, "cold"},
    {"ListObjectsV2 of what is right below", "list-type=2",
     [](ObjectStore& store) { return children_of(store).front(); }, "cold"},
    {"DeleteObject", "DELETE /bucket/p/old?",
     [](ObjectStore& store) {
       store.remove("old");
       return found(store, "old");
     },
     "nothing", true},
    {"DeleteObjects", "POST /bucket?delete",
     [](ObjectStore& store) {
       const auto results = store.remove(std::vector<ObjectKey>{"old", "missing"}, {});
       for (const auto& error : results)
         if (error) throw Error(*error);
       return found(store, "old");
     },
     "nothing"},
    {"RestoreObject", "POST /bucket/p/cold?restore",
     [](ObjectStore& store) {
       store.thaw("cold", {});
       return store.find("cold")->access == Access::thawing ? "asked for" : "forgotten";
     },
     "asked for", true},
    {"PutObjectRetention", "PUT /bucket/p/old?retention",
     [](ObjectStore& store) {
       store.extend_lock("old", store.lock_plan(SystemClock().now())->until);
       return "locked";
     },
     "locked"}};

class Gateway : public ::testing::Test {
 protected:
  // A bucket with an object, one that is cold, and an unfinished upload.
  struct Bucket {
    explicit Bucket(FakeS3::Receipts receipts) {
      fake.receipts = receipts;
      fake.has_object_lock = true;
      parts.options.lock = {.mode = "GOVERNANCE",
                            .retention = std::chrono::days(30),
                            .covers = [](const ObjectKey&) { return false; }};
      parts.options.retries.max_attempts = 3;
      store = parts.store(server.endpoint(), "s3://bucket/p");
      must_put(*store, "old", "0123456789", Precondition::absent());
      must_put(*store, "cold", "1");
      fake.move_to_class("/bucket/p/cold", "GLACIER");
      fake.handle({.method = "POST",
                   .path = "/bucket/p/unfinished",
                   .query = "uploads=",
                   .headers = {{"x-amz-content-sha256",
                                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}});
    }

    FakeS3 fake;
    Meddler server{[this](const sim::HttpRequest& request) { return fake.handle(request); }};
    S3Parts parts;
    std::unique_ptr<ObjectStore> store;
  };
};

bool is_empty_success(const GatewayAnswer& answer) {
  return answer.status < 300 && answer.body.empty();
}

TEST_F(Gateway, ThatAnswersOnceInPlaceOfS3IsNotHeard) {
  for (const Operation& operation : kOperations) {
    for (const GatewayAnswer& answer : kAnswers) {
      if (operation.believes_nothing && is_empty_success(answer)) continue;
      SCOPED_TRACE(operation.name + ": " + answer.name);
      Bucket bucket(FakeS3::Receipts::checksum);
      bucket.server.meddle(operation.request, gateway(answer, false));

      EXPECT_EQ(operation.run(*bucket.store), operation.result);
      EXPECT_TRUE(bucket.parts.notices.empty());  // of a server that keeps no conditions
    }
  }
}

TEST_F(Gateway, ThatAnswersOnceForS3IsNotHeard) {
  for (const Operation& operation : kOperations) {
    // An upload that is taken back is none to count.
    if (operation.name == "AbortMultipartUpload") continue;
    for (const GatewayAnswer& answer : kAnswers) {
      SCOPED_TRACE(operation.name + ": " + answer.name);
      Bucket bucket(FakeS3::Receipts::checksum);
      bucket.server.meddle(operation.request, gateway(answer, true));

      EXPECT_EQ(operation.run(*bucket.store), operation.result);
    }
  }
}

TEST_F(Gateway, ThatAlwaysAnswersIsAnErrorAndNothingIsBelieved) {
  for (const Operation& operation : kOperations) {
    for (const GatewayAnswer& answer : kAnswers) {
      if (operation.believes_nothing && is_empty_success(answer)) continue;
      SCOPED_TRACE(operation.name + ": " + answer.name);
      Bucket bucket(FakeS3::Receipts::checksum);
      bucket.server.meddle(operation.request, gateway(answer, false), 1000);

      EXPECT_EQ(kind_of_error([&] { operation.run(*bucket.store); }), ErrorKind::transient);
      EXPECT_FALSE(bucket.fake.objects().contains("/bucket/p/new"));
      EXPECT_EQ(bucket.fake.objects().at("/bucket/p/old"), "0123456789");
    }
  }
}

TEST_F(Gateway, IsNamedAsSuch) {
  Bucket bucket(FakeS3::Receipts::checksum);
  bucket.server.meddle("PUT", gateway({"", 404, kPage}, false), 1000);

  const auto message = message_of_error([&] { must_put(*bucket.store, "new", "1", Precondition::absent()); });

  EXPECT_THAT(message, HasSubstr("s3:PutObject on arn:aws:s3:::bucket/p/new: HTTP 404, text/html."));
  EXPECT_THAT(message, HasSubstr("not S3 answered"));
  EXPECT_THAT(message, HasSubstr("tried 3 times"));
}

TEST_F(Gateway, CannotMakeAnObjectVanishByAHead) {
  Bucket bucket(FakeS3::Receipts::checksum);
  bucket.server.meddle("HEAD", gateway({"", 404, ""}, false));

  EXPECT_EQ(found(*bucket.store, "old"), "10");
  EXPECT_EQ(found(*bucket.store, "never"), "nothing");
}

TEST_F(Gateway, TheHeadOfS3CostsOneRequest) {
  Bucket bucket(FakeS3::Receipts::checksum);
  const auto before = bucket.server.requests().size();

  EXPECT_EQ(found(*bucket.store, "never"), "nothing");

  EXPECT_EQ(bucket.server.requests().size(), before + 1);
}

TEST_F(Gateway, WhatS3ItselfSaysIsHeard) {
  Bucket bucket(FakeS3::Receipts::checksum);

  EXPECT_EQ(kind_of_error([&] { get(*bucket.store, "never"); }), ErrorKind::not_found);
  bucket.server.meddle("GET", refuse(404, "NoSuchBucket"));
  EXPECT_EQ(kind_of_error([&] { get(*bucket.store, "old"); }), ErrorKind::not_found);
  bucket.server.meddle("PUT", refuse(404, "NoSuchBucket"));
  EXPECT_EQ(kind_of_error([&] { must_put(*bucket.store, "new", "1", Precondition::absent()); }),
            ErrorKind::not_found);
  bucket.server.meddle("partNumber=2", refuse(404, "NoSuchUpload"));
  EXPECT_EQ(kind_of_error([&] { must_put(*bucket.store, "new", kTwoParts, Precondition::absent()); }),
            ErrorKind::not_found);
}

}  // namespace
}  // namespace hubkeep
