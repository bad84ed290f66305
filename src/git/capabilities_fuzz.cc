// A capability advertisement: the same however the connection cuts it.

#include "fuzz/fuzz_support.h"
#include "git/ls_refs.h"

using namespace hubkeep;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::same_however_cut(fuzz::as_text(data, size), [](const fuzz::Feed& feed, std::string& output) {
    CapabilitiesParser parser;
    PktLineDecoder decoder(parser);
    feed(decoder);
    decoder.finish();
    const Capabilities capabilities = parser.finish();
    output = std::string(to_string(capabilities.format)) + (capabilities.version_2 ? " 2" : " older") +
             (capabilities.fetch.shallow ? " shallow" : "") + (capabilities.fetch.filter ? " filter" : "");
  });
  return 0;
}
