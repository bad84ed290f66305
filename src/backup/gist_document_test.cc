#include "backup/gist_document.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace hubkeep {
namespace {

std::string document(std::string_view json, std::size_t piece = std::string::npos) {
  GistDocument document;
  for (std::size_t at = 0; at < json.size(); at += std::min(piece, json.size() - at))
    document.write(json.substr(at, piece));
  return document.finish();
}

TEST(GistDocument, LacksTheContentsOfFilesAndNothingElse) {
  const std::string sent =
      "{ \"id\": \"aa\",\n \"content\": \"kept\", \"files\": {\"content\": {\"content\": \"a \\\" \\\\\", "
      "\"size\": 1.50},\r\n"
      "\"b\": {\"x\": [{\"content\": \"kept\"}], \"content\": \"\"}}, \"history\": [{\"a\": {\"content\": "
      "\"kept\"}}]}";
  const std::string kept =
      "{ \"id\": \"aa\",  \"content\": \"kept\", \"files\": {\"content\": {\"content\": null, \"size\": "
      "1.50},  "
      "\"b\": {\"x\": [{\"content\": \"kept\"}], \"content\": null}}, \"history\": [{\"a\": {\"content\": "
      "\"kept\"}}]}";

  EXPECT_EQ(document(sent), kept);
  EXPECT_EQ(document(sent, 1), kept);
  EXPECT_EQ(document(sent, 7), kept);
}

TEST(GistDocument, OfLargeFilesIsSmall) {
  const std::string content(20 << 20, 'x');

  EXPECT_EQ(document("{\"files\":{\"a\":{\"content\":\"" + content + "\"}}}"),
            "{\"files\":{\"a\":{\"content\":null}}}");
  EXPECT_THROW(document("{\"files\":{\"a\":{\"other\":\"" + content + "\"}}}"), Error);
}

TEST(GistDocument, RefusesWhatIsNoJson) {
  for (const char* text : {"", "}", "{\"a\"", "{]", "<html>", "{\"files\":{\"a\":{\"content\":\"x"})
    EXPECT_THROW(document(text), Error) << text;
  EXPECT_THROW(document(std::string(100, '[')), Error);
}

}  // namespace
}  // namespace hubkeep
