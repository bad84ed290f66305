#include "vault/lines.h"

#include "base/error.h"

namespace hubkeep {

namespace {
constexpr std::size_t kMaxLine = 1 << 20;  // the longest are a run's lines with an error in them
}

void LineSplitter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) {
      if (pending_.size() + bytes.size() > kMaxLine) throw Error(ErrorKind::corrupt, "a line is too long");
      pending_.append(bytes);
      return;
    }
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
