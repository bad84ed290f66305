// Names that come from outside, as names on this machine's disk.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace hubkeep {

/// A name from outside as a folder: it cannot lead out of where it is put, nor make git take its files for
/// the configuration of the folder around it.
std::string safe_folder(std::string_view name);

/// The same for a file that keeps its own name as far as every file system takes it: what cannot be printed,
/// and what has a meaning in paths, stands as %XX.
std::string safe_file(std::string_view name);

/// Names of one folder, in which case does not count: file systems differ.
class NamesOfFolder {
 public:
  explicit NamesOfFolder(std::set<std::string> taken = {}) : taken_(std::move(taken)) {}

  /// `name`, or where another has it already, with "`id`-" before it. Whoever asks in the same order gets the
  /// same names.
  std::string take(const std::string& name, const std::string& id);

 private:
  std::set<std::string> taken_;  // in lower case
};

}  // namespace hubkeep
