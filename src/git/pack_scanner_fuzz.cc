// Packs as they come, and with the trailer put right, so that changed bytes before it are looked at, too; and
// as the answer to a question.

#include <fmt/format.h>

#include "crypto/hash.h"
#include "fuzz/fuzz_support.h"
#include "git/pack_scanner.h"

using namespace hubkeep;

namespace {

void scan(std::string_view pack, ObjectFormat format) {
  fuzz::same_however_cut(pack, [&](const fuzz::Feed& feed, std::string& output) {
    PackScanner scanner(format);
    feed(scanner);
    const PackSummary summary = scanner.finish();
    fuzz::require(summary.bytes == pack.size(), "every byte of the pack is counted");
    fuzz::require(summary.deltas <= summary.objects, "deltas are objects");
    output = fmt::format("{} {}", summary.objects, summary.deltas);
  });
}

// What is said of the answer is the same however it is cut.
void scan_answer(std::string_view pack, std::vector<Oid> haves) {
  const FetchRequest asked{.wants = {Oid::from_raw(std::string(20, 'w'), ObjectFormat::sha1)},
                           .haves = std::move(haves),
                           .commits = pack.size() % 2};
  fuzz::same_however_cut(pack, [&](const fuzz::Feed& feed, std::string& output) {
    PackScanner scanner(asked);
    feed(scanner);
    const PackSummary summary = scanner.finish();
    fuzz::require(summary.not_proved > 0, "what was asked for is in no pack");
    fuzz::require(!asked.haves.empty() || summary.deltas > 0 || !summary.impossible.empty(),
                  "a base without deltas must hold it");
    fuzz::require(asked.haves.empty() || summary.impossible.empty(), "the vault may hold it");
    output = fmt::format("{} {} {}", summary.impossible, summary.not_proved, summary.lfs_pointers.count());
  });
}

std::string with_right_trailer(std::string_view pack, HashKind kind, std::size_t trailer_size) {
  const auto body = pack.substr(0, pack.size() - std::min(pack.size(), trailer_size));
  Hasher hasher(kind);
  hasher.write(body);
  return std::string(body) + hasher.finish();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::as_text(data, size);
  scan(bytes, ObjectFormat::sha1);
  scan(bytes, ObjectFormat::sha256);
  const std::string pack = with_right_trailer(bytes, HashKind::sha1, 20);
  scan(pack, ObjectFormat::sha1);
  scan_answer(pack, {});
  scan_answer(pack, {Oid::from_raw(std::string(20, 'h'), ObjectFormat::sha1)});
  return 0;
}
