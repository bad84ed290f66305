// Whether the bases that a pack's deltas name by their oids (REF_DELTA) can be in that pack, which has to
// hold them all. There is no index, and a pack may be of any size, so it goes by sizes: a delta says how
// large its base is. A base can be there when a whole object has its name, or came before and has its size,
// or when a delta makes something of its size and rests on a base that can be there itself. What can be there
// by none of these is surely missing; what can be there by its size alone is not proved.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

class DeltaBases {
 public:
  struct Judgement {
    bool impossible = false;       // a delta rests on what is not there, or deltas on each other
    std::uint64_t not_proved = 0;  // bases
  };

  /// Whether the name of a whole object of this size is to be told.
  bool asks_for_name(std::uint64_t size) const { return sizes_ && sizes_->asked.test(slot(size)); }
  void saw_size(std::uint64_t size);
  void saw_name(const Oid& oid);
  /// A delta of `base`, whose size is `base_size`. Returns a number for what rests on it: never 0, but for
  /// one that is too many to be followed.
  std::uint32_t saw_delta(const Oid& base, std::uint64_t base_size, std::uint64_t makes);
  /// A delta of something that rests on another; 0 when that rests on no such delta.
  void saw_delta_on(std::uint32_t rests_on, std::uint64_t makes);

  /// After the last object.
  Judgement judge();

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 18U;
  struct Sizes {                // of objects; two may share a slot, so each bit may be set for another's sake
    std::bitset<kSlots> whole;  // of all whole objects so far
    std::bitset<kSlots> asked;  // of bases
    std::bitset<kSlots> made;   // by deltas that can be applied
  };
  struct Base {
    std::uint64_t size = 0;
    bool can_be_earlier = false;
    bool seen = false;
  };
  struct Delta {
    std::uint32_t base = 0;  // in bases_, from 1 on
    std::uint64_t makes = 0;
  };

  static std::size_t slot(std::uint64_t size) { return size % kSlots; }
  Sizes& sizes();
  void follow(std::uint32_t base, std::uint64_t makes);
  bool can_be_there(const Base& base) const;

  std::unique_ptr<Sizes> sizes_;
  std::unordered_map<Oid, std::uint32_t> numbers_;
  std::vector<Base> bases_;
  std::vector<Delta> deltas_;  // that rest on bases_
  std::uint64_t too_many_ = 0;
  bool contradictory_ = false;  // two deltas say different sizes of one base
};

}  // namespace hubkeep
