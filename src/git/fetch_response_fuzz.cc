// An answer to fetch: the same pack, the same kind of error, however the connection cuts it.

#include "fuzz/fuzz_support.h"
#include "git/fetch.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::same_however_cut(fuzz::as_text(data, size), [](const fuzz::Feed& feed, std::string& pack) {
    fuzz::AppendSink appender(pack);
    FetchResponseParser parser(appender);
    PktLineDecoder decoder(parser);
    feed(decoder);
    decoder.finish();
    parser.finish();
    fuzz::require(parser.pack_bytes() == pack.size(), "every byte of the pack is counted");
  });
  return 0;
}
