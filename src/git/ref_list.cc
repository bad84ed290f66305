// Names are kept as the length of what they share with the name before, and the rest; sorted names such as
// refs/pull/1/head, refs/pull/2/head shrink to a few bytes. Entries lie in chunks, each of which begins with
// a whole name, and copies of a list share chunks until one of them is written to.
#include "git/ref_list.h"

#include <algorithm>

namespace hubkeep {
namespace {

constexpr std::size_t kChunkSize = 64 << 10;
constexpr std::size_t kNumbers = 10;  // bytes that both numbers of an entry take at most

void append_number(std::string& to, std::size_t number) {
  for (; number > 0x7F; number >>= 7U) to += static_cast<char>((number & 0x7FU) | 0x80U);
  to += static_cast<char>(number);
}

std::size_t read_number(const std::string& from, std::size_t& offset) {
  std::size_t number = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(from[offset++]);
    number |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return number;
  }
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto end = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(end), b.begin()).first - a.begin());
}

}  // namespace

RefList::Chunk& RefList::chunk_for(std::size_t bytes) {
  if (chunks_.empty() || chunks_.back()->size() + bytes > kChunkSize) {
    // A shared chunk must not move: another list reads it.
    if (!chunks_.empty() && chunks_.back().use_count() == 1) chunks_.back()->shrink_to_fit();
    chunks_.push_back(std::make_shared<Chunk>());
    chunks_.back()->reserve(bytes);  // a short list stays small
    last_name_.clear();
  } else if (chunks_.back().use_count() > 1) {
    chunks_.back() = std::make_shared<Chunk>(*chunks_.back());
  }
  return *chunks_.back();
}

// The lowest bit of the first number is the object format, so that a list may hold both.
void RefList::add(std::string_view name, const Oid& oid) {
  Chunk& chunk = chunk_for(name.size() + oid.raw().size() + kNumbers);
  const std::size_t shared = common_prefix(last_name_, name);
  append_number(chunk, shared << 1U | (oid.format() == ObjectFormat::sha256 ? 1U : 0U));
  append_number(chunk, name.size() - shared);
  chunk += name.substr(shared);
  chunk += oid.raw();
  last_name_ = name;
  ++size_;
}

RefList::const_iterator::const_iterator(const RefList& list, std::size_t index)
    : list_(&list), index_(index) {
  if (index_ < list_->size_) read();
}

void RefList::const_iterator::read() {
  if (offset_ == list_->chunks_[chunk_]->size()) {
    ++chunk_;
    offset_ = 0;
  }
  const Chunk& chunk = *list_->chunks_[chunk_];
  const std::size_t first = read_number(chunk, offset_);
  const std::size_t rest = read_number(chunk, offset_);
  ref_.name.resize(first >> 1U);
  ref_.name.append(chunk, offset_, rest);
  offset_ += rest;
  const ObjectFormat format = (first & 1U) == 0 ? ObjectFormat::sha1 : ObjectFormat::sha256;
  ref_.oid = Oid::from_raw(std::string_view(chunk).substr(offset_), format);
  offset_ += raw_size(format);
}

RefList::const_iterator& RefList::const_iterator::operator++() {
  if (++index_ < list_->size_) read();
  return *this;
}

RefList::const_iterator RefList::const_iterator::operator++(int) {
  const_iterator before = *this;
  ++*this;
  return before;
}

bool operator==(const RefList& a, const RefList& b) {
  return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace hubkeep
