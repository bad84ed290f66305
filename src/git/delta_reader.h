// Follows the instructions of a delta as its bytes come (gitformat-pack, "Deltified representation"):
//   base size, result size, then *(copy of a piece of the base | bytes to insert)
// They must be able to make what the delta says that it makes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hubkeep {

/// One delta after the other.
class DeltaReader {
 public:
  void begin() { *this = DeltaReader(); }
  void write(std::string_view bytes);
  /// After the last byte: what is wrong with it; empty for a delta that can be applied.
  std::string_view finish();

  std::uint64_t base_size() const { return base_size_; }
  std::uint64_t result_size() const { return result_size_; }

 private:
  enum class State { base_size, result_size, instruction, copy, insert };

  void take(unsigned char byte);
  void take_size(unsigned char byte, std::uint64_t& size, State next);
  void take_copy(unsigned char byte);
  void copy_done();
  void make(std::uint64_t size);

  State state_ = State::base_size;
  std::string_view fault_;
  std::uint64_t bytes_ = 0;
  std::uint64_t base_size_ = 0;
  std::uint64_t result_size_ = 0;
  std::uint64_t made_ = 0;
  unsigned shift_ = 0;                // of the size that is being read
  unsigned copy_missing_ = 0;         // which bytes of a copy's offset and size have not come, as its flags
  std::uint64_t copy_ = 0;            // offset, then size, as their bytes have come
  std::uint64_t insert_missing_ = 0;  // bytes
};

}  // namespace hubkeep
