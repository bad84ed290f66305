// A folder of small files that can be had again: any may be missing, damaged or somebody else's idea, and
// nothing that goes wrong with it is an error. A file is its content's SHA-256, then the content.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_count.h"

namespace hubkeep {

/// One thread. Several processes may share a folder.
class CacheFolder {
 public:
  /// Empty: nothing is found, nothing is kept. The folder is made, for its owner alone, when it is needed.
  explicit CacheFolder(std::filesystem::path folder, ByteCount limit = ByteCount{512} << 20)
      : folder_(std::move(folder)), limit_(limit) {}

  /// `name` is a plain file name, which begins with a SHA-256 and a dot. What is damaged is not there.
  std::optional<std::string> find(const std::string& name);
  /// Whether there is a file of that name, sound or not.
  bool has(const std::string& name) const;
  /// Forgets what was not used for the longest time, where there would be more than the limit.
  void keep(const std::string& name, std::string_view content);
  /// What is not there is no error.
  void forget(const std::string& name);

 private:
  bool make_folder();
  void make_room(ByteCount bytes);

  const std::filesystem::path folder_;
  const ByteCount limit_;
  std::optional<ByteCount> used_;  // nothing: not counted yet
};

}  // namespace hubkeep
