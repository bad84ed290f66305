// Object names, each once, in the order in which they were added: a million in some 30 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

/// All of one object format: insert() throws Error(corrupt) for another than the first one's.
class OidSet {
 public:
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Oid;
    using difference_type = std::ptrdiff_t;
    using pointer = const Oid*;
    using reference = Oid;

    const_iterator() = default;
    Oid operator*() const { return set_->at(index_); }
    const_iterator& operator++() {
      ++index_;
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator before = *this;
      ++index_;
      return before;
    }
    /// Of iterators of one set.
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.index_ == b.index_; }

   private:
    friend class OidSet;
    const_iterator(const OidSet& set, std::size_t index) : set_(&set), index_(index) {}

    const OidSet* set_ = nullptr;
    std::size_t index_ = 0;
  };
  using iterator = const_iterator;
  using value_type = Oid;
  using reference = Oid;
  using const_reference = Oid;
  using size_type = std::size_t;

  OidSet() = default;
  OidSet(std::initializer_list<Oid> oids);
  OidSet(const std::vector<Oid>& oids);

  /// Whether it was new.
  bool insert(const Oid& oid);
  bool contains(const Oid& oid) const { return find(oid) != kNone; }
  /// How many were added before it; nothing where it is not in the set.
  std::optional<std::size_t> index_of(const Oid& oid) const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const_iterator begin() const { return {*this, 0}; }
  const_iterator end() const { return {*this, size_}; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  Oid at(std::size_t index) const;
  std::string_view raw_at(std::size_t index) const;
  // Where the name stands in slots_, or could.
  std::size_t slot_of(const Oid& oid) const;
  std::uint32_t find(const Oid& oid) const;
  void grow();

  ObjectFormat format_ = ObjectFormat::sha1;
  std::size_t size_ = 0;
  std::vector<std::string> chunks_;   // raw names
  std::vector<std::uint32_t> slots_;  // open addressing: indices of names, or kNone; 2^n of them
};

}  // namespace hubkeep
