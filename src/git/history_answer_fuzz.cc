// An answer about a history: the same boundary, the same kind of error, however the connection cuts it.

#include "fuzz/fuzz_support.h"
#include "git/history_question.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool has_depth = (data[0] & 1U) != 0;
  const bool counts = (data[0] & 2U) != 0;
  fuzz::same_however_cut(fuzz::as_text(data + 1, size - 1), [&](const fuzz::Feed& feed, std::string& output) {
    HistoryAnswerParser parser(has_depth, counts);
    PktLineDecoder decoder(parser);
    feed(decoder);
    decoder.finish();
    const HistoryAnswer answer = parser.finish();
    fuzz::require(answer.boundary.size() <= kMostBoundaryCommits, "no more is kept than is needed");
    fuzz::require(counts || !answer.commits, "what was not counted has no number");
    for (const Oid& oid : answer.boundary) output += oid.hex();
    output += answer.commits ? std::to_string(*answer.commits) : "";
  });
  return 0;
}
