#include "aws/sigv4.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

// docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html: GET Object
TEST(SigV4, SignsTheS3ExampleOfARangedGet) {
  HttpRequest request{.url = Url::parse("https://examplebucket.s3.amazonaws.com/test.txt"),
                      .headers = {{"Range", "bytes=0-9"}}};

  sign(request,
       {.access_key_id = "AKIAIOSFODNN7EXAMPLE",
        .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")},
       {.region = "us-east-1", .service = "s3"}, *parse_time("20130524T000000Z"),
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  EXPECT_EQ(request.secret_headers.back().second,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

}  // namespace
}  // namespace hubkeep
