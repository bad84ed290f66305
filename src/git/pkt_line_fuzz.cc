// pkt-lines: the same packets however the stream is cut, and written again they are the stream.

#include "base/text.h"
#include "fuzz/fuzz_support.h"
#include "git/pkt_line.h"

using namespace hubkeep;

namespace {

class PktWriter final : public PktHandler {
 public:
  explicit PktWriter(std::string& out) : out_(out) {}
  void packet(PktKind kind, std::string_view payload) override {
    switch (kind) {
      case PktKind::data:
        out_ += pkt_line(payload);
        break;
      case PktKind::flush:
        out_ += kFlushPkt;
        break;
      case PktKind::delimiter:
        out_ += kDelimiterPkt;
        break;
      case PktKind::response_end:
        out_ += "0002";
        break;
    }
  }

 private:
  std::string& out_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto stream = fuzz::as_text(data, size);
  const auto outcome = fuzz::same_however_cut(stream, [](const fuzz::Feed& feed, std::string& output) {
    PktWriter writer(output);
    PktLineDecoder decoder(writer);
    feed(decoder);
    decoder.finish();
  });
  // Lengths may come in upper case.
  const auto read = stream.substr(0, outcome.output.size());
  fuzz::require(equals_ignoring_case(outcome.output, read), "the packets are the stream");
  fuzz::require(outcome.error || outcome.output.size() == stream.size(), "nothing is left over in silence");
  return 0;
}
