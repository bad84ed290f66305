// Inflates an entry of a pack that lies in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubkeep {

/// One thread.
class EntryInflater {
 public:
  EntryInflater();
  ~EntryInflater();

  /// `compressed` begins with a zlib stream of `size` bytes; others may follow. Throws Error(corrupt) for
  /// what is none.
  std::string inflate(std::string_view compressed, std::uint64_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hubkeep
