#include "store/store_location.h"

#include <gmock/gmock.h>

#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::HasSubstr;

TEST(StoreLocation, TakesAPathAsItStands) {
  for (const auto* path : {"/srv/vault", "vault/", "./no:such"})
    EXPECT_EQ(parse_store_location(path), StoreLocation(FolderLocation{path}));
}

TEST(StoreLocation, TakesAFileUrl) {
  for (const auto* url : {"file:///srv/a%20vault%25", "FILE://localhost/srv/a%20vault%25"})
    EXPECT_EQ(parse_store_location(url), StoreLocation(FolderLocation{"/srv/a vault%"})) << url;
}

TEST(StoreLocation, TakesABucket) {
  for (const auto* url : {"s3://bucket/prefix", "S3://bucket/prefix/"})
    EXPECT_EQ(parse_store_location(url), StoreLocation(S3Location{"bucket", "prefix/"})) << url;
}

TEST(StoreLocation, RefusesWhatNoStoreServesAndSaysWhatToDo) {
  struct Case {
    std::string location;
    const char* words;
  };
  for (const Case& c :
       {Case{"", "give a folder or s3://BUCKET/PREFIX"}, Case{"s3:bucket", "s3://BUCKET/PREFIX"},
        Case{"s3://", "not a valid bucket name"}, Case{"gs://bucket", "cannot use gs://"},
        Case{"file:relative", "cannot use file://"}, Case{"file://host/vault", "file:///path/to/folder"},
        Case{"file://vault", "file:///path/to/folder"}, Case{"file:///vault?x", "%3F"},
        Case{"file:///vault%2", "hexadecimal"}, Case{"file:///vault%zz", "hexadecimal"},
        Case{"file:///vault%00", "NUL"}, Case{std::string("/vault\0x", 8), "NUL"}}) {
    const auto parse = [&] { parse_store_location(c.location); };

    EXPECT_EQ(kind_of_error(parse), ErrorKind::invalid) << c.location;
    EXPECT_THAT(message_of_error(parse), HasSubstr(c.words));
  }
}

TEST(S3Location, IsABucketAndAPrefix) {
  struct Case {
    const char* text;
    S3Location location;
  };
  for (const Case& c :
       {Case{"s3://bucket", {"bucket", ""}}, Case{"s3://bucket/", {"bucket", ""}},
        Case{"S3://bucket/a", {"bucket", "a/"}}, Case{"s3://b.k_t-1/a/b c+d/", {"b.k_t-1", "a/b c+d/"}},
        Case{"s3://bucket/\xc3\xa4", {"bucket", "\xc3\xa4/"}}}) {
    EXPECT_EQ(parse_s3_location(c.text), c.location) << c.text;
  }
}

TEST(S3Location, RefusesWhatNamesNoPlace) {
  for (const std::string& text :
       {std::string("s3:bucket"), std::string("s3://"), std::string("s3://ab"), std::string("s3:///a"),
        std::string("s3://-bucket"), std::string("s3://buck et/a"), std::string("s3://user@bucket"),
        std::string("s3://bucket/a//b"), std::string("s3://bucket/../a"), std::string("s3://bucket/./a"),
        std::string("s3://bucket//a"), std::string("s3://bucket/a\nb"),
        "s3://bucket/" + std::string(501, 'a')}) {
    EXPECT_EQ(kind_of_error([&] { parse_s3_location(text); }), ErrorKind::invalid) << text;
  }
}

}  // namespace
}  // namespace hubkeep
