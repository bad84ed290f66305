#include "store/s3/s3_url.h"

#include <gmock/gmock.h>

#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

TEST(S3Url, NamesTheObjectInTheStyleOfTheEndpoint) {
  struct Case {
    const char* endpoint;
    const char* region;
    const char* bucket;
    const char* key;
    S3Query query;
    const char* url;
  };
  for (const Case& c : {
           Case{"", "eu-west-1", "bucket", "a/b.c", {}, "https://bucket.s3.eu-west-1.amazonaws.com/a/b.c"},
           Case{"",
                "eu-west-1",
                "bucket",
                "",
                {{"uploads", ""}},
                "https://bucket.s3.eu-west-1.amazonaws.com/?uploads="},
           Case{"", "cn-north-1", "bucket", "a", {}, "https://bucket.s3.cn-north-1.amazonaws.com.cn/a"},
           Case{"", "us-east-1", "my.bucket", "a", {}, "https://s3.us-east-1.amazonaws.com/my.bucket/a"},
           Case{"", "us-east-1", "My_Bucket", "", {}, "https://s3.us-east-1.amazonaws.com/My_Bucket"},
           Case{"http://127.0.0.1:7480", "x", "bucket", "", {}, "http://127.0.0.1:7480/bucket"},
           Case{"http://127.0.0.1:7480/",
                "x",
                "bucket",
                "a b+c=%25/\xc3\xa4",
                {},
                "http://127.0.0.1:7480/bucket/a%20b%2Bc%3D%2525/%C3%A4"},
           Case{"https://host/storage/v1/s3/",
                "x",
                "bucket",
                "a",
                {{"x-id", "a/b c"}, {"y", "&"}},
                "https://host/storage/v1/s3/bucket/a?x-id=a%2Fb%20c&y=%26"},
       }) {
    S3Address address{.endpoint = {}, .region = c.region, .bucket = c.bucket};
    if (*c.endpoint != '\0') address.endpoint = Url::parse(c.endpoint);

    EXPECT_EQ(s3_url(address, c.key, c.query).str(), c.url);
  }
}

TEST(S3Url, KnowsAwsByItsHost) {
  EXPECT_TRUE(is_aws({.endpoint = {}, .region = "eu-west-1", .bucket = "b"}));
  EXPECT_TRUE(
      is_aws({.endpoint = Url::parse("https://s3.eu-west-1.amazonaws.com"), .region = "", .bucket = "b"}));
  EXPECT_FALSE(
      is_aws({.endpoint = Url::parse("https://amazonaws.com.example.org"), .region = "", .bucket = "b"}));
}

TEST(S3Arn, NamesBucketOrObject) {
  EXPECT_EQ(s3_arn({.endpoint = {}, .region = "eu-west-1", .bucket = "b"}, ""), "arn:aws:s3:::b");
  EXPECT_EQ(s3_arn({.endpoint = {}, .region = "cn-north-1", .bucket = "b"}, "a/b"), "arn:aws-cn:s3:::b/a/b");
  EXPECT_EQ(s3_arn({.endpoint = {}, .region = "us-gov-west-1", .bucket = "b"}, "a"),
            "arn:aws-us-gov:s3:::b/a");
}

}  // namespace
}  // namespace hubkeep
