#include "vault/lines.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace hubkeep {
namespace {

std::string too_long(ByteCount limit) {
  return fmt::format("a line is longer than {}, the most that is read", human_size(limit));
}

std::string too_many(ByteCount limit) {
  return fmt::format("there are more than {} of lines, the most that is read", human_size(limit));
}

}  // namespace

void LineBudget::spend(ByteCount size) {
  if (size > limits_.line) throw Error(ErrorKind::invalid, what_ + ": " + too_long(limits_.line));
  total_ += size;
  if (total_ > limits_.total) throw Error(ErrorKind::invalid, what_ + ": " + too_many(limits_.total));
}

void LineSplitter::write(std::string_view bytes) {
  total_ += bytes.size();
  if (total_ > limits_.total) throw Error(ErrorKind::corrupt, too_many(limits_.total));
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) {
      if (pending_.size() + bytes.size() > limits_.line)
        throw Error(ErrorKind::corrupt, too_long(limits_.line));
      pending_.append(bytes);
      return;
    }
    if (pending_.size() + end >= limits_.line) throw Error(ErrorKind::corrupt, too_long(limits_.line));
    if (pending_.empty()) {
      visit_(bytes.substr(0, end));
    } else {
      pending_.append(bytes.substr(0, end));
      visit_(pending_);
      pending_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish() const {
  if (!pending_.empty()) throw Error(ErrorKind::corrupt, "the last line is cut short");
}

}  // namespace hubkeep
