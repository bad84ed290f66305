// A list of refs that may be long: a million of them in some 30 MB. Names share what they begin with, and
// copies of a list share all but its end.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "git/oid.h"

namespace hubkeep {

struct Ref {
  std::string name;  // "refs/heads/main"
  Oid oid;

  friend bool operator==(const Ref&, const Ref&) = default;
};

/// Refs in the order in which they were added, sorted or not. What an iterator points at lives until it
/// moves.
class RefList {
 public:
  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Ref;
    using difference_type = std::ptrdiff_t;
    using pointer = const Ref*;
    using reference = const Ref&;

    const_iterator() = default;
    reference operator*() const { return ref_; }
    pointer operator->() const { return &ref_; }
    const_iterator& operator++();
    const_iterator operator++(int);
    /// Of iterators of one list.
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.index_ == b.index_; }

   private:
    friend class RefList;
    const_iterator(const RefList& list, std::size_t index);
    void read();

    const RefList* list_ = nullptr;
    std::size_t index_ = 0;
    std::size_t chunk_ = 0;
    std::size_t offset_ = 0;  // in the chunk, behind the current ref
    Ref ref_;
  };
  using iterator = const_iterator;
  using value_type = Ref;
  using reference = const Ref&;
  using const_reference = const Ref&;
  using size_type = std::size_t;

  RefList() = default;
  RefList(std::initializer_list<Ref> refs) : RefList(refs.begin(), refs.end()) {}
  RefList(const std::vector<Ref>& refs) : RefList(refs.begin(), refs.end()) {}
  template <typename Iterator>
  RefList(Iterator begin, Iterator end) {
    for (; begin != end; ++begin) add(begin->name, begin->oid);
  }

  RefList(const RefList&) = default;
  RefList& operator=(const RefList&) = default;
  RefList(RefList&& other) noexcept { swap(other); }
  RefList& operator=(RefList&& other) noexcept {
    RefList(std::move(other)).swap(*this);
    return *this;
  }
  ~RefList() = default;

  void add(std::string_view name, const Oid& oid);
  void push_back(const Ref& ref) { add(ref.name, ref.oid); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const_iterator begin() const { return {*this, 0}; }
  const_iterator end() const { return {*this, size_}; }
  /// Name of the ref that was added last. Not of an empty list.
  const std::string& last_name() const { return last_name_; }

  friend bool operator==(const RefList& a, const RefList& b);

 private:
  // Entries: how many bytes of the name before it begins with, and whether the object name is SHA-256; how
  // many bytes follow; those; the raw object name. Both numbers as seven bits a byte, the lowest first. The
  // first name of a chunk stands whole.
  using Chunk = std::string;

  Chunk& chunk_for(std::size_t bytes);
  void swap(RefList& other) noexcept {
    chunks_.swap(other.chunks_);
    std::swap(size_, other.size_);
    last_name_.swap(other.last_name_);
  }

  std::vector<std::shared_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
  std::string last_name_;
};

}  // namespace hubkeep
