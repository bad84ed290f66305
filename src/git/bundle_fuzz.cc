// Bundles: a header that is believed is one that hubkeep could have written, and the rest is the pack.

#include "fuzz/fuzz_support.h"
#include "git/bundle.h"

using namespace hubkeep;

namespace {

BundleHeader parse_header(std::string_view text) {
  std::string pack;
  fuzz::AppendSink appender(pack);
  BundleReader reader(appender);
  reader.write(text);
  reader.finish();
  fuzz::require(pack.empty(), "the header ends where it ends");
  return reader.header();
}

void check(const BundleHeader& header) {
  for (const Oid& oid : header.prerequisites)
    fuzz::require(oid.format() == header.format, "prerequisites have the header's format");
  for (const Ref& ref : header.refs) {
    fuzz::require(ref.oid.format() == header.format, "refs have the header's format");
    fuzz::require(ref.name == "HEAD" || is_valid_ref_name(ref.name), "names are those of refs");
  }
  StringSink written;
  write_bundle_header(header, written);
  fuzz::require(parse_header(written.str()) == header, "what was read can be written");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bundle = fuzz::as_text(data, size);
  fuzz::same_however_cut(bundle, [&](const fuzz::Feed& feed, std::string& pack) {
    fuzz::AppendSink appender(pack);
    BundleReader reader(appender);
    feed(reader);
    reader.finish();
    fuzz::require(reader.header_size() + pack.size() == bundle.size(), "header and pack are the bundle");
    check(reader.header());
  });
  return 0;
}
