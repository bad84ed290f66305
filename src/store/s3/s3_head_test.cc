#include "store/s3/s3_head.h"

#include <gtest/gtest.h>

namespace hubkeep {
namespace {

HttpResponse answer(Headers headers) {
  headers.emplace_back("Content-Length", "9");
  headers.emplace_back("Last-Modified", "Mon, 23 Nov 2026 18:45:01 GMT");
  headers.emplace_back("ETag", "\"e\"");
  return {.status = 200, .headers = std::move(headers), .body = {}, .url = {}};
}

TEST(S3Head, HasSizeTimeAndVersion) {
  const auto head = parse_head(answer({}));

  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->size, 9U);
  EXPECT_EQ(head->modified, parse_time("2026-11-23T18:45:01Z"));
  EXPECT_EQ(head->etag, "\"e\"");
}

TEST(S3Head, IsNoneWithoutSizeTimeOrVersionAndOfAPage) {
  const HttpResponse whole = answer({{"Content-Type", "binary/octet-stream"}});
  ASSERT_TRUE(parse_head(whole));
  for (const char* name : {"Content-Length", "Last-Modified", "ETag"}) {
    HttpResponse less = whole;
    std::erase_if(less.headers, [&](const auto& header) { return header.first == name; });

    EXPECT_FALSE(parse_head(less)) << name;
  }
  EXPECT_FALSE(parse_head(answer({{"Content-Type", "Text/HTML; charset=utf-8"}})));
  HttpResponse nothing = whole;
  nothing.status = 204;
  EXPECT_FALSE(parse_head(nothing));
}

TEST(S3Head, KnowsWhatCanBeReadNow) {
  struct Case {
    const char* storage_class;
    const char* archive_status;
    const char* restore;
    Access access;
  };
  constexpr const char* kNone = "";
  constexpr const char* kOngoing = "ongoing-request=\"true\"";
  constexpr const char* kBack = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
  for (const Case& c :
       {Case{kNone, kNone, kNone, Access::at_once}, Case{"STANDARD_IA", kNone, kNone, Access::at_once},
        Case{"GLACIER_IR", kNone, kNone, Access::at_once}, Case{"GLACIER", kNone, kNone, Access::cold},
        Case{"DEEP_ARCHIVE", kNone, kNone, Access::cold}, Case{"GLACIER", kNone, kOngoing, Access::thawing},
        Case{"GLACIER", kNone, kBack, Access::at_once},
        Case{"INTELLIGENT_TIERING", kNone, kNone, Access::at_once},
        Case{"INTELLIGENT_TIERING", "ARCHIVE_ACCESS", kNone, Access::cold},
        Case{"INTELLIGENT_TIERING", "DEEP_ARCHIVE_ACCESS", kOngoing, Access::thawing}}) {
    Headers headers;
    if (c.storage_class != kNone) headers.emplace_back("x-amz-storage-class", c.storage_class);
    if (c.archive_status != kNone) headers.emplace_back("x-amz-archive-status", c.archive_status);
    if (c.restore != kNone) headers.emplace_back("x-amz-restore", c.restore);

    const auto head = parse_head(answer(headers));

    EXPECT_EQ(head.value().access, c.access)
        << c.storage_class << " " << c.archive_status << " " << c.restore;
    EXPECT_EQ(head.value().storage_class, c.storage_class);
  }
}

TEST(S3Head, TakesAChecksumOfTheWholeOnly) {
  struct Case {
    const char* value;
    const char* type;
    std::optional<std::uint32_t> crc32;
  };
  for (const Case& c :
       {Case{"y/Q5Jg==", "FULL_OBJECT", 0xCBF43926U}, Case{"y/Q5Jg==", "", 0xCBF43926U},
        Case{"y/Q5Jg==", "COMPOSITE", {}}, Case{"y/Q5Jg==-3", "COMPOSITE", {}}, Case{"y/Q5Jg==-3", "", {}},
        Case{"", "", {}}, Case{"y/Q5", "", {}}, Case{"not base64!", "FULL_OBJECT", {}}}) {
    Headers headers = {{"x-amz-checksum-crc32", c.value}};
    if (*c.type != '\0') headers.emplace_back("x-amz-checksum-type", c.type);

    EXPECT_EQ(parse_head(answer(headers)).value().crc32, c.crc32) << c.value << " " << c.type;
  }
  EXPECT_EQ(parse_head(answer({})).value().crc32, std::nullopt);
}

TEST(S3Head, TellsOfALock) {
  const auto head = parse_head(answer({{"x-amz-object-lock-mode", "GOVERNANCE"},
                                       {"x-amz-object-lock-retain-until-date", "2026-12-24T00:00:00.000Z"}}));

  EXPECT_EQ(head.value().lock_mode, "GOVERNANCE");
  EXPECT_EQ(head.value().locked_until, parse_time("2026-12-24T00:00:00Z"));
  EXPECT_EQ(parse_head(answer({})).value().locked_until, std::nullopt);
}

}  // namespace
}  // namespace hubkeep
