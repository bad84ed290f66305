// Whether a zip that came without a length came whole: its last record says where everything lies, and git
// writes the commit behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/byte_sink.h"

namespace hubkeep {

/// Sees a zip's bytes pass; keeps only its end.
class ZipCheck final : public ByteSink {
 public:
  void write(std::string_view bytes) override;

  ByteCount size() const { return size_; }
  /// Throws Error: transient when the zip is cut or none at all, corrupt when it is of another commit.
  void require_whole(std::string_view commit) const;
  /// Of which commit a whole zip says that it is; nothing for one that is not whole or does not say so.
  std::optional<std::string> commit() const;

 private:
  std::string end_;
  ByteCount size_ = 0;
};

}  // namespace hubkeep
