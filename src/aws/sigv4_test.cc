// Against the vectors that AWS has published: its Signature Version 4 test suite (all requests are of
// 2015-08-30 12:36, for "service" in us-east-1), and the examples in the documentation of S3 and STS.
#include "aws/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "crypto/hash.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto kUnreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct Vector {
  std::string name;
  std::string method;
  std::string path;  // as the suite gives it, raw
  std::string query;
  Headers headers;
  std::string token;
  std::string signature;
};

const Vector kVectors[] = {
    {"get-vanilla",
     "GET",
     "/",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-header-key-duplicate",
     "GET",
     "/",
     "",
     {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
     "",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-multiline",
     "GET",
     "/",
     "",
     {{"My-Header1", "value1\n  value2\n     value3"}},
     "",
     "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd"},
    {"get-header-value-order",
     "GET",
     "/",
     "",
     {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}},
     "",
     "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
    {"get-header-value-trim",
     "GET",
     "/",
     "",
     {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
     "",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"get-relative-normalized",
     "GET",
     "/example/..",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-relative-relative-normalized",
     "GET",
     "/example1/example2/../..",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-dot-slash-normalized",
     "GET",
     "/./",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-normalized",
     "GET",
     "//",
     "",
     {},
     "",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-slash-pointless-dot-normalized",
     "GET",
     "/./example",
     "",
     {},
     "",
     "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
    {"get-slashes-normalized",
     "GET",
     "//example//",
     "",
     {},
     "",
     "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
    {"get-space-normalized",
     "GET",
     "/example space/",
     "",
     {},
     "",
     "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
    {"get-unreserved",
     "GET",
     std::string("/") + kUnreserved,
     "",
     {},
     "",
     "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
    {"get-utf8",
     "GET",
     "/\u1234",
     "",
     {},
     "",
     "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
    {"get-vanilla-empty-query-key",
     "GET",
     "/",
     "Param1=value1",
     {},
     "",
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
    {"get-vanilla-query-order-encoded",
     "GET",
     "/",
     "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
     {},
     "",
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
    {"get-vanilla-query-order-key-case",
     "GET",
     "/",
     "Param2=value2&Param1=value1",
     {},
     "",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"get-vanilla-query-unreserved",
     "GET",
     "/",
     std::string(kUnreserved) + "=" + kUnreserved,
     {},
     "",
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
    {"get-vanilla-utf8-query",
     "GET",
     "/",
     "\u1234=bar",
     {},
     "",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
    {"get-vanilla-with-session-token",
     "GET",
     "/",
     "",
     {},
     "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
    {"post-vanilla",
     "POST",
     "/",
     "",
     {},
     "",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort",
     "POST",
     "/",
     "",
     {{"My-Header1", "value1"}},
     "",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-header-value-case",
     "POST",
     "/",
     "",
     {{"My-Header1", "VALUE1"}},
     "",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"post-sts-header-before",
     "POST",
     "/",
     "",
     {},
     "AQoDYXdzEPT//////////"
     "wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
     "qkPpKPi/"
     "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d"
     "+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/"
     "oLxBA==",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
    {"post-vanilla-query",
     "POST",
     "/",
     "Param1=value1",
     {},
     "",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
};

std::string signature_of(const HttpRequest& request) {
  const auto& [name, value] = request.secret_headers.back();
  EXPECT_EQ(name, "Authorization");
  return value.substr(value.find("Signature=") + 10);
}

HttpRequest request_to(const std::string& method, const std::string& url, Headers headers = {}) {
  return {.method = method, .url = Url::parse(url), .headers = std::move(headers)};
}

Credentials suite_credentials(const std::string& token) {
  return {.access_key_id = "AKIDEXAMPLE",
          .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""),
          .session_token = Secret(token, "")};
}

const UtcTime kSuiteTime = *parse_time("20150830T123600Z");
const SigningScope kSuiteScope{.region = "us-east-1", .service = "service"};

TEST(SigV4, AgreesWithThePublishedSuite) {
  for (const auto& vector : kVectors) {
    auto request = request_to(vector.method, "https://example.amazonaws.com/", vector.headers);
    request.url.path = vector.path;
    request.url.query = vector.query;

    sign(request, suite_credentials(vector.token), kSuiteScope, kSuiteTime, kEmptyHash);

    EXPECT_EQ(signature_of(request), vector.signature) << vector.name;
  }
}

TEST(SigV4, AgreesWithTheSuitesFormPost) {
  auto request = request_to("POST", "https://example.amazonaws.com/",
                            {{"Content-Type", "application/x-www-form-urlencoded"},
                             {"Content-Length", "13"},
                             {"X-Amz-Content-Sha256", sha256_hex("Param1=value1")}});
  // The suite signs this header for any service, sign() only for S3: so its two steps.
  request.headers.emplace_back("X-Amz-Date", "20150830T123600Z");

  const auto canonical = canonical_request(request, kSuiteScope, sha256_hex("Param1=value1"));

  EXPECT_EQ(canonical,
            "POST\n/\n\ncontent-length:13\ncontent-type:application/x-www-form-urlencoded\n"
            "host:example.amazonaws.com\n"
            "x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\n"
            "x-amz-date:20150830T123600Z\n\n"
            "content-length;content-type;host;x-amz-content-sha256;x-amz-date\n"
            "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e");
  EXPECT_EQ(string_to_sign(canonical, kSuiteScope, kSuiteTime),
            "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n" +
                sha256_hex(canonical));
}

// docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
struct S3Example {
  std::string method;
  std::string url;
  Headers headers;
  std::string payload;
  std::string signed_headers;
  std::string signature;
};

const S3Example kS3Examples[] = {
    {"GET",
     "https://examplebucket.s3.amazonaws.com/test.txt",
     {{"Range", "bytes=0-9"}},
     "",
     "host;range;x-amz-content-sha256;x-amz-date",
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
    {"PUT",
     "https://examplebucket.s3.amazonaws.com/test%24file.text",
     {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
     "Welcome to Amazon S3.",
     "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
    {"GET",
     "https://examplebucket.s3.amazonaws.com/?lifecycle",
     {},
     "",
     "host;x-amz-content-sha256;x-amz-date",
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
    {"GET",
     "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2",
     {},
     "",
     "host;x-amz-content-sha256;x-amz-date",
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
};

Credentials s3_credentials() {
  return {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")};
}

const UtcTime kS3Time = *parse_time("20130524T000000Z");
const SigningScope kS3Scope{.region = "us-east-1", .service = "s3"};

TEST(SigV4, AgreesWithTheExamplesOfS3) {
  for (const auto& example : kS3Examples) {
    auto request = request_to(example.method, example.url, example.headers);

    sign(request, s3_credentials(), kS3Scope, kS3Time, sha256_hex(example.payload));

    EXPECT_EQ(request.secret_headers.back().second,
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
              "SignedHeaders=" +
                  example.signed_headers + ", Signature=" + example.signature)
        << example.url;
  }
}

std::string canonical_path(const std::string& path, const SigningScope& scope) {
  const auto request = request_to("GET", "https://host" + path);
  return std::string(split(canonical_request(request, scope, kEmptyHash), '\n')[1]);
}

// The suite's "-unnormalized" cases, which are S3's rule, and the characters that signers get wrong.
TEST(SigV4, SignsAPathOfS3AsItIs) {
  for (const char* path :
       {"/example/..", "/example1/example2/../..", "/./", "//", "/./example", "//example//",
        "/example%20space/", "/a%2Bb%3Dc%2A", "/%E1%88%B4", "/a%2F", "/100%25"}) {
    EXPECT_EQ(canonical_path(path, kS3Scope), path);
  }
  EXPECT_EQ(canonical_path("/a%2bb+c=d*e", kS3Scope), "/a%2Bb%2Bc%3Dd%2Ae");
}

TEST(SigV4, EncodesThePathOfOtherServicesAgain) {
  EXPECT_EQ(canonical_path("/a%20b/../c%2Fd/", kSuiteScope), "/c%252Fd/");
}

std::string canonical_query(const std::string& query) {
  const auto request = request_to("GET", "https://host/?" + query);
  return std::string(split(canonical_request(request, kS3Scope, kEmptyHash), '\n')[2]);
}

TEST(SigV4, SortsTheQueryAfterEncodingIt) {
  EXPECT_EQ(canonical_query("uploads"), "uploads=");
  EXPECT_EQ(canonical_query("prefix=a/b&list-type=2"), "list-type=2&prefix=a%2Fb");
  EXPECT_EQ(canonical_query("a=2&a=10&a=1&A=3"), "A=3&a=1&a=10&a=2");
  EXPECT_EQ(canonical_query("a-=1&a=2&a%7E=3"), "a=2&a-=1&a~=3");
  EXPECT_EQ(canonical_query("a=b=c&d=%20+"), "a=b%3Dc&d=%20%2B");
}

TEST(SigV4, SortsHeadersByNameAlone) {
  const auto request = request_to("GET", "https://host/", {{"x-amz-meta", "1"}, {"X-Amz-Meta-A", "2"}});

  const auto canonical = canonical_request(request, kS3Scope, kEmptyHash);

  EXPECT_THAT(canonical, HasSubstr("host:host\nx-amz-meta:1\nx-amz-meta-a:2\n\n"));
}

TEST(SigV4, NamesThePortWhereItIsNotTheSchemesOwn) {
  const auto lines = [](const std::string& url) {
    return canonical_request(request_to("GET", url), kS3Scope, kEmptyHash);
  };

  EXPECT_THAT(lines("http://host:9000/"), HasSubstr("host:host:9000\n"));
  EXPECT_THAT(lines("https://host:443/"), HasSubstr("host:host\n"));
}

TEST(SigV4, LeavesOutWhatProxiesChange) {
  const auto request = request_to("GET", "https://host/", {{"User-Agent", "x"}, {"Expect", "100-continue"}});

  const auto canonical = canonical_request(request, kS3Scope, kEmptyHash);

  EXPECT_THAT(canonical, Not(HasSubstr("user-agent")));
  EXPECT_THAT(canonical, Not(HasSubstr("expect")));
}

TEST(SigV4, ReplacesAnEarlierSignature) {
  auto request = request_to("GET", "https://host/", {{"Range", "bytes=0-9"}});
  auto other = request;
  auto temporary = s3_credentials();
  temporary.session_token = Secret("token", "");
  sign(request, temporary, kS3Scope, kSuiteTime, kEmptyHash);

  sign(request, s3_credentials(), kS3Scope, kS3Time, kUnsignedPayload);

  sign(other, s3_credentials(), kS3Scope, kS3Time, kUnsignedPayload);
  EXPECT_EQ(request.secret_headers, other.secret_headers);
}

TEST(SigV4, KeepsItsHeadersFromOtherOrigins) {
  auto request = request_to("GET", "https://host/");
  auto temporary = s3_credentials();
  temporary.session_token = Secret("token", "");

  sign(request, temporary, kS3Scope, kS3Time, kUnsignedPayload);

  EXPECT_EQ(request.headers.size(), 0U);
  EXPECT_EQ(request.secret_headers.size(), 4U);
  EXPECT_THAT(request.secret_headers, ::testing::Contains(::testing::Pair("x-amz-security-token", "token")));
}

}  // namespace
}  // namespace hubkeep
