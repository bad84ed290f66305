#include "store/s3/s3_xml.h"

#include <gmock/gmock.h>

#include "store/store_contract_test.h"

namespace hubkeep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(S3ListPage, IsReadWithItsKeysDecoded) {
  const auto page = parse_list_page(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
      "<IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>"
      "<Contents><Key>a+b%2Bc/%25d</Key><LastModified>2026-11-23T18:45:01.123Z</LastModified>"
      "<Size>5000000000</Size></Contents>"
      "<CommonPrefixes><Prefix>a/x%2F/</Prefix></CommonPrefixes></ListBucketResult>");

  ASSERT_EQ(page.objects.size(), 1U);
  EXPECT_EQ(page.objects[0].key, "a b+c/%d");
  EXPECT_EQ(page.objects[0].size, 5'000'000'000U);
  EXPECT_EQ(page.objects[0].modified, parse_time("2026-11-23T18:45:01Z").value());
  EXPECT_THAT(page.common_prefixes, ElementsAre("a/x//"));
  EXPECT_EQ(page.next, "t/+=");
}

TEST(S3ListPage, KeepsKeysOfAServerThatDoesNotEncode) {
  const auto page = parse_list_page(
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a+%25&amp;</Key>"
      "<LastModified>2026-11-23T18:45:01Z</LastModified><Size>0</Size></Contents></ListBucketResult>");

  EXPECT_EQ(page.objects.at(0).key, "a+%25&");
  EXPECT_EQ(page.next, "");
}

TEST(S3ListPage, KnowsByItsClassWhatIsCold) {
  const std::vector<std::pair<std::string, Access>> cases = {
      {"", Access::at_once},
      {"<StorageClass>STANDARD</StorageClass>", Access::at_once},
      {"<StorageClass>GLACIER_IR</StorageClass>", Access::at_once},
      {"<StorageClass>INTELLIGENT_TIERING</StorageClass>", Access::at_once},
      {"<StorageClass>GLACIER</StorageClass>", Access::cold},
      {"<StorageClass>DEEP_ARCHIVE</StorageClass>", Access::cold}};
  for (const auto& [storage_class, access] : cases) {
    const auto page = parse_list_page(
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key>"
        "<LastModified>2026-11-23T18:45:01Z</LastModified><Size>0</Size>" +
        storage_class + "</Contents></ListBucketResult>");

    EXPECT_EQ(page.objects.at(0).access, access) << storage_class;
  }
}

TEST(S3Xml, ThatIsNotWholeIsWorthAnotherTry) {
  for (const auto* xml :
       {"", " \n", "<ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size><LastModified>2026-11-23T18:45:01Z</"
        "LastModified>"
        "</Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "<html/>", "no XML"}) {
    EXPECT_EQ(kind_of_error([&] { parse_list_page(xml); }), ErrorKind::transient) << xml;
  }
  EXPECT_EQ(kind_of_error([&] { parse_upload_id("<InitiateMultipartUploadResult/>"); }),
            ErrorKind::transient);
  EXPECT_EQ(kind_of_error([&] { parse_completion("<CompleteMultipartUploadResult><ETag>"); }),
            ErrorKind::transient);
}

TEST(S3UploadsPage, NamesWhatIsUnfinished) {
  const auto page = parse_uploads_page(
      "<ListMultipartUploadsResult><EncodingType>url</EncodingType><NextKeyMarker>b%20</NextKeyMarker>"
      "<NextUploadIdMarker>2~x</NextUploadIdMarker><IsTruncated>true</IsTruncated><Upload><Key>a%2Fb</Key>"
      "<UploadId>2~y</UploadId><Initiated>2026-11-23T18:45:01.000Z</Initiated></Upload>"
      "</ListMultipartUploadsResult>");

  ASSERT_EQ(page.uploads.size(), 1U);
  EXPECT_EQ(page.uploads[0].key, "a/b");
  EXPECT_EQ(page.uploads[0].id, "2~y");
  EXPECT_EQ(page.uploads[0].initiated, parse_time("2026-11-23T18:45:01Z").value());
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.next_key, "b ");
  EXPECT_EQ(page.next_id, "2~x");
}

TEST(S3PartsPage, KnowsTheNewestPart) {
  const auto page = parse_parts_page(
      "<ListPartsResult><IsTruncated>false</IsTruncated>"
      "<Part><LastModified>2026-11-23T18:45:02.000Z</LastModified></Part>"
      "<Part><LastModified>2026-11-23T18:45:01.000Z</LastModified></Part></ListPartsResult>");

  EXPECT_EQ(page.newest, parse_time("2026-11-23T18:45:02Z").value());
  EXPECT_FALSE(page.more);
}

TEST(S3Completion, NamesEachPart) {
  EXPECT_EQ(completion_body({{.number = 1, .etag = "\"e<1\"", .crc32 = "AAAA=="}}),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Part>"
            "<PartNumber>1</PartNumber><ETag>\"e&lt;1\"</ETag><ChecksumCRC32>AAAA==</ChecksumCRC32></Part>"
            "</CompleteMultipartUpload>");
}

TEST(S3Completion, IsAcknowledgedByItsOwnRootOnly) {
  const S3Completion completion = parse_completion(
      "\n \n<CompleteMultipartUploadResult><ETag>x</ETag><ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>"
      "<ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>");

  EXPECT_EQ(completion.etag, "x");
  EXPECT_EQ(completion.crc32, "y/Q5Jg==");
  EXPECT_EQ(completion.checksum_type, "FULL_OBJECT");
  EXPECT_THROW(parse_completion("<Error><Code>InternalError</Code></Error>"), Error);
}

TEST(S3Deletion, NamesEachKeyEscaped) {
  EXPECT_EQ(deletion_body({"p/a", "q&<>/b"}),
            "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>p/a</Key></Object>"
            "<Object><Key>q&amp;&lt;&gt;/b</Key></Object></Delete>");
}

TEST(S3Deletion, IsAnsweredForEachKey) {
  const S3Deletions answer = parse_deletions(
      "<?xml version=\"1.0\"?><DeleteResult><Deleted><Key>a&amp;b</Key></Deleted><Error><Key>c</Key>"
      "<Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>");

  EXPECT_THAT(answer.deleted, ElementsAre("a&b"));
  ASSERT_EQ(answer.failed.size(), 1U);
  EXPECT_EQ(answer.failed.front().key, "c");
  EXPECT_EQ(answer.failed.front().code, "AccessDenied");
  EXPECT_EQ(answer.failed.front().message, "Access Denied");
  EXPECT_EQ(kind_of_error([] { parse_deletions("<DeleteResult><Deleted><Key>a</Key></Deleted>"); }),
            ErrorKind::transient);
}

TEST(S3UploadsPage, IsNoListOfObjects) {
  try {
    parse_uploads_page("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace hubkeep
