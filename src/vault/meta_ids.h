// Numbers for documents: each kind and id has one, counted from 0 in the order in which they came. A
// repository has up to a million of them, so what is known of a document stands in arrays by its number, and
// an id that is a number, as nearly all are, takes eight bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubkeep {

class MetaIds {
 public:
  using Number = std::uint32_t;

  std::optional<Number> find(std::string_view kind, std::string_view id) const;
  /// That of a document that is known already, or the next one.
  Number add(std::string_view kind, std::string_view id);

  std::size_t size() const { return codes_.size(); }
  std::string_view kind_of(Number number) const { return kinds_[kind_numbers_[number]]; }
  std::string id_of(Number number) const;
  /// All of them, by kind, and of a kind numbers first, ascending.
  std::vector<Number> sorted() const;

 private:
  std::optional<std::uint8_t> find_kind(std::string_view kind) const;
  std::size_t place_of(std::uint8_t kind, std::string_view id) const;
  bool is(Number number, std::uint8_t kind, std::string_view id) const;
  void grow();

  std::vector<std::string> kinds_;
  std::vector<std::string> texts_;          // ids that are no numbers
  std::vector<std::uint64_t> codes_;        // the id, or where it is in texts_
  std::vector<std::uint8_t> kind_numbers_;  // in kinds_
  std::vector<Number> table_;               // open addressing: a number, or kFree
};

}  // namespace hubkeep
