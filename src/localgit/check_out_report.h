// What of a work tree could not be written. The history does not suffer from it.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hubkeep {

struct NotWritten {
  std::string path;  // from the work tree's root on; any bytes
  std::string why;
};

struct CheckOutReport {
  static constexpr std::size_t kMaxNamed = 1000;

  std::vector<NotWritten> named;  // the first of them
  std::size_t count = 0;
  std::string notice;  // for people, of what is there and not as they might expect; or empty

  void add(std::string path, std::string why) {
    ++count;
    if (named.size() < kMaxNamed) named.push_back({std::move(path), std::move(why)});
  }
  /// Of what costs more than one file: it is named however many others there are.
  void add_first(std::string path, std::string why) {
    ++count;
    if (named.size() == kMaxNamed) named.pop_back();
    named.insert(named.begin(), {std::move(path), std::move(why)});
  }
  void add_notice(const std::string& text) {
    if (!notice.empty()) notice += "; ";
    notice += text;
  }
};

}  // namespace hubkeep
