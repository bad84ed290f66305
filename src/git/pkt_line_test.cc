#include "git/pkt_line.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.h"

namespace hubkeep {
namespace {

class Recorder final : public PktHandler {
 public:
  void packet(PktKind kind, std::string_view payload) override {
    switch (kind) {
      case PktKind::data:
        seen.emplace_back(payload);
        break;
      case PktKind::flush:
        seen.emplace_back("<flush>");
        break;
      case PktKind::delimiter:
        seen.emplace_back("<delimiter>");
        break;
      case PktKind::response_end:
        seen.emplace_back("<end>");
        break;
    }
  }
  std::vector<std::string> seen;
};

std::vector<std::string> decode(std::string_view bytes, std::size_t piece) {
  Recorder recorder;
  PktLineDecoder decoder(recorder);
  for (std::size_t i = 0; i < bytes.size(); i += piece) decoder.write(bytes.substr(i, piece));
  decoder.finish();
  return recorder.seen;
}

TEST(PktLine, CountsItsOwnLength) {
  EXPECT_EQ(pkt_line("done\n"), "0009done\n");
}

TEST(PktLineDecoder, CutsAnywhereTheSame) {
  const std::string big(65516, 'x');
  const std::string bytes =
      pkt_line("a\n") + "0001" + pkt_line(big) + "0004" + "0002" + "0000" + pkt_line("b");
  const std::vector<std::string> expected = {"a\n", "<delimiter>", big, "", "<end>", "<flush>", "b"};

  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{4096}, bytes.size()}) {
    EXPECT_EQ(decode(bytes, piece), expected) << "pieces of " << piece;
  }
}

TEST(PktLineDecoder, RejectsLengthsThatGitDoesNotAllow) {
  for (const char* bytes : {"0003", "fff1", "<htm", "00 5", "-001", "0x05"}) {
    EXPECT_THROW(decode(bytes, 4), Error) << bytes;
    EXPECT_THROW(decode(bytes, 1), Error) << bytes;
  }
}

TEST(PktLineDecoder, NoticesTheEndInsideAPacket) {
  for (const char* bytes : {"0", "0009do"}) EXPECT_THROW(decode(bytes, 2), Error) << bytes;
}

}  // namespace
}  // namespace hubkeep
