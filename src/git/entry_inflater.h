// Inflates an entry of a pack that lies in memory.
#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace hubkeep {

/// One thread.
class EntryInflater {
 public:
  EntryInflater();
  ~EntryInflater();

  /// `compressed` begins with a zlib stream of as many bytes as `content` has; others may follow. Throws
  /// Error(corrupt) for what is none.
  void inflate(std::string_view compressed, std::span<char> content);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hubkeep
