// Lines of documents and of their state: what is believed is written as it is read.

#include "fuzz/fuzz_support.h"
#include "fuzz/one_object.h"
#include "vault/meta_line.h"
#include "vault/meta_state.h"

using namespace hubkeep;

namespace {

constexpr auto kFolder = "repos/host/owner/name.1/";
constexpr auto kKey = "meta/x";
constexpr auto kNewKey = "meta/20261130T100000Z-00000a.cursor.zst";
constexpr auto kNextKey = "meta/20261130T100001Z-00000a.cursor.zst";

void check_line(std::string_view text) {
  const MetaLine line = meta_line_from(text);
  const std::string written = to_line(line);
  const std::string again = to_line(meta_line_from(std::string_view(written).substr(0, written.size() - 1)));
  fuzz::require(written == again, "a line is written as it is read");
}

void check_state(const std::string& text) {
  VaultObjects objects(fuzz::store_of(std::string(kFolder) + kKey, text));
  const ObjectRecord stored{
      .key = kKey, .size = text.size(), .sha256 = sha256_hex(text), .encoding = "identity"};
  MetaState state = MetaState::read(objects, kFolder, {stored}, {});
  const auto written = state.write(objects, kFolder, kNewKey, {});
  MetaState again = MetaState::read(objects, kFolder, written, {});
  fuzz::require(again.walks == state.walks && again.counts() == state.counts(), "read as it is written");
  fuzz::require(again.write(objects, kFolder, kNextKey, {}).front().sha256 == written.front().sha256,
                "written as it is read");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(fuzz::as_text(data, size));
  fuzz::error_of([&] { check_line(bytes); });
  fuzz::error_of([&] { check_state(bytes); });
  return 0;
}
