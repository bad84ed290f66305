// An answer to ls-refs: whatever is believed of it could have come from git, and reads the same however cut.

#include <algorithm>

#include "fuzz/fuzz_support.h"
#include "git/ls_refs.h"

using namespace hubkeep;

namespace {

void check(const RefState& state) {
  const auto& target = state.head.symref_target;
  fuzz::require(target.empty() || is_valid_ref_name(target), "HEAD names a ref");
  const auto by_name = [](const Ref& a, const Ref& b) { return a.name < b.name; };
  fuzz::require(std::is_sorted(state.refs.begin(), state.refs.end(), by_name), "refs are sorted");
  for (const Ref& ref : state.refs) {
    fuzz::require(is_valid_ref_name(ref.name) && !is_test_merge(ref.name), "names are those of refs");
    fuzz::require(ref.oid.format() == state.format, "there is one object format");
    fuzz::require(!ref.oid.is_zero(), "a ref names an object");
  }
}

// As a server would write it.
std::string answer_of(const RefState& state) {
  std::string lines;
  const auto& [target, oid] = state.head;
  const std::string attribute = target.empty() ? "" : " symref-target:" + target;
  if (oid || !target.empty()) lines += pkt_line((oid ? oid->hex() : "unborn") + " HEAD" + attribute + "\n");
  for (const Ref& ref : state.refs) lines += pkt_line(ref.oid.hex() + " " + ref.name + "\n");
  return lines + std::string(kFlushPkt);
}

RefState parse(const fuzz::Feed& feed) {
  LsRefsParser parser;
  PktLineDecoder decoder(parser);
  feed(decoder);
  decoder.finish();
  return parser.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome =
      fuzz::same_however_cut(fuzz::as_text(data, size), [](const fuzz::Feed& feed, std::string& answer) {
        const RefState state = parse(feed);
        check(state);
        answer = answer_of(state);
      });
  if (outcome.error) return 0;
  const RefState again = parse([&](ByteSink& sink) { sink.write(outcome.output); });
  fuzz::require(answer_of(again) == outcome.output, "what was read can be written and read again");
  return 0;
}
