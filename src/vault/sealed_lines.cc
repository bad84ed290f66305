// The writer hashes and compresses each line as it comes. The last line holds the number and the SHA-256 of
// the lines before it; a skippable frame behind, which `zstd -d` passes over, holds the SHA-256 of the
// compressed bytes. The reader checks in the opposite order: the seal first, so that neither zstd nor the
// JSON parser sees bytes that are not the ones written, then the lines, then the last one.
// Catalog.NoticesEveryChangedBitAndEveryLostByte flips every bit.
#include "vault/sealed_lines.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

// RFC 8878, 3.1.2: a skippable frame's magic number and the size of what is in it, both little-endian.
constexpr std::string_view kSealHead("\x50\x2a\x4d\x18\x20\0\0\0", 8);

Error corrupt(std::string_view what, std::string_view why) {
  return {ErrorKind::corrupt, fmt::format("{}: {}", what, why)};
}

std::string seal_of(std::string_view frame) {
  Hasher hasher(HashKind::sha256);
  hasher.write(frame);
  return std::string(kSealHead) + hasher.finish();
}

std::string_view sealed_frame(std::string_view what, std::string_view stored) {
  constexpr std::size_t kSealSize = kSealHead.size() + 32;
  if (stored.size() >= kSealSize) {
    const std::string_view frame = stored.substr(0, stored.size() - kSealSize);
    if (seal_of(frame) == stored.substr(frame.size())) return frame;
  }
  throw corrupt(what, "its bytes are not those that were written");
}

}  // namespace

void SealedLinesWriter::add(const Json& line) {
  // A message that was cut within a character must not cost the whole table.
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  budget_.spend(text.size());
  hasher_.write(text);
  compressor_.write(text);
  ++count_;
}

std::string SealedLinesWriter::finish() {
  compressor_.write(Json({{"count", count_}, {"sha256", to_hex(hasher_.finish())}}).dump() + "\n");
  compressor_.finish();
  return seal(stored_.take());
}

std::string seal(std::string frame) {
  return frame += seal_of(frame);
}

void read_sealed_lines(std::string_view what, std::string_view stored,
                       const std::function<void(const Json& line)>& visit) {
  Hasher hasher(HashKind::sha256);
  std::size_t count = 0;
  bool ended = false;
  const std::string_view frame = sealed_frame(what, stored);
  const auto read_line = [&](std::string_view line) {
    const Json json = parse_ordered_json(line, kSealedLimits.line);
    if (ended) throw corrupt(what, "lines after the last");
    if (json.contains("count")) {
      if (json.at("count") != count || json.at("sha256") != to_hex(hasher.finish()))
        throw corrupt(what, "its last line does not agree with the lines before");
      ended = true;
      return;
    }
    hasher.write(line);
    hasher.write("\n");
    ++count;
    visit(json);
  };
  CompressedLineReader reader(read_line, kSealedLimits);
  try {
    reader.write(frame);
    reader.finish();
  } catch (const nlohmann::json::exception& error) {
    throw corrupt(what, printable(error.what()));
  } catch (const Error& error) {
    // What reads the lines does not know which table they are of; what visits them may have said so.
    const bool is_named = error.message().starts_with(fmt::format("{}: ", what));
    if (error.kind() != ErrorKind::corrupt || is_named) throw;
    throw corrupt(what, error.message());
  }
  if (!ended) throw corrupt(what, "its last line is missing");
}

}  // namespace hubkeep
