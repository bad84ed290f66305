// The state tells the hash of each document's newest text, so that one walk over all lines, oldest first,
// copies just these. What is gone gets its document and that it is gone in one line: no document has two.
#include "backup/meta_fold.h"

#include <algorithm>
#include <numeric>

#include "base/caught_error.h"
#include "base/error.h"
#include "base/null_sink.h"
#include "vault/meta_documents.h"
#include "vault/meta_line.h"

namespace hubkeep {
namespace {

// Readers open them all.
constexpr std::size_t kMany = 100;
constexpr std::size_t kFew = 10;

bool is_worth_it(std::span<const MetaIncrement> increments) {
  if (increments.size() < kFew) return false;
  const auto add = [](ByteCount sum, const MetaIncrement& each) { return sum + each.record.size; };
  const ByteCount later = std::accumulate(increments.begin() + 1, increments.end(), ByteCount{0}, add);
  return increments.size() > kMany || later > increments.front().record.size;
}

bool is_cold(const MetaFoldPlace& place, const MetaIncrement& increment) {
  NullSink nowhere;
  const auto error = caught_error(
      [&] { place.objects.read_piece(place.folder, increment.record, 0, 1, nowhere, place.stop); });
  if (error && error->kind() != ErrorKind::cold) throw Error(*error);
  return error.has_value();
}

class Fold {
 public:
  Fold(RecordedWriter& writer, const MetaState& state)
      : writer_(writer), state_(state), found_(state.size()) {}

  void take(std::string_view text) {
    MetaLine line = meta_line_from(text);
    const auto number = state_.find(line.kind, line.id);
    if (!number) {
      lacks_any_ = true;
      return;
    }
    Found& found = found_[*number];
    if (line.document.empty()) {
      found = std::max(found, Found::gone);
    } else if (found != Found::copied) {
      found = Found::other_text;
      if (meta_hash(line.document) != state_.hash_of(*number)) return;
      found = Found::copied;
      line.gone = state_.gone_since(*number);
      writer_.write(to_line(line));
    }
  }

  /// Whether nothing is lost.
  bool finish() {
    for (MetaState::Number number = 0; number < state_.size(); ++number) {
      lacks_any_ = lacks_any_ || found_[number] == Found::other_text;
      if (found_[number] == Found::gone) write_gone(number);
    }
    return !lacks_any_;
  }

 private:
  enum class Found : std::uint8_t { nothing, gone, other_text, copied };

  // Its document is in an older increment.
  void write_gone(MetaState::Number number) {
    const auto gone = state_.gone_since(number);
    if (!gone) {
      lacks_any_ = true;
      return;
    }
    writer_.write(to_line({.kind = state_.ids().kind_of(number),
                           .id = state_.ids().id_of(number),
                           .parent = state_.parent_of(number),
                           .gone = gone,
                           .document = {}}));
  }

  RecordedWriter& writer_;
  const MetaState& state_;
  std::vector<Found> found_;  // by number
  bool lacks_any_ = false;
};

}  // namespace

std::size_t fold_from(const MetaFoldPlace& place, const std::vector<MetaIncrement>& increments) {
  if (!is_worth_it(increments)) return increments.size();
  std::size_t from = increments.size();
  while (from > 0 && !is_cold(place, increments[from - 1])) --from;
  return is_worth_it(std::span(increments).subspan(from)) ? from : increments.size();
}

std::optional<ObjectRecord> fold_meta(const MetaFoldPlace& place, const std::string& record_key,
                                      std::span<const MetaIncrement> increments, const MetaState& state) {
  RecordedWriter writer = place.objects.create(place.folder, record_key);
  Fold fold(writer, state);
  for (const MetaIncrement& each : increments)
    read_meta_lines(place.objects, place.folder, each.record, place.stop,
                    [&](std::string_view line) { fold.take(line); });
  if (!fold.finish()) return std::nullopt;
  return writer.commit();
}

}  // namespace hubkeep
