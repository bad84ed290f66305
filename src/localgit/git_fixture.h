// For tests: scratch repositories made and looked into by the real git.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "git/ref.h"

namespace hubkeep {

class ScratchFolder {
 public:
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Runs git in `folder`, with fixed author and dates and no outside configuration. Throws Error(internal)
/// with what it complained about.
std::string git(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                std::string_view input = {});

void write_file(const std::filesystem::path& path, std::string_view content);
std::string read_file(const std::filesystem::path& path);

/// A repository that git makes, as the source of packs.
class SourceRepository {
 public:
  explicit SourceRepository(ObjectFormat format = ObjectFormat::sha1);

  const std::filesystem::path& path() const { return scratch_.path(); }
  std::string run(const std::vector<std::string>& arguments, std::string_view input = {}) const {
    return git(path(), arguments, input);
  }
  void commit(const std::string& file, std::string_view content);
  /// A tree made of lines "MODE TYPE OID\tNAME", each ended by NUL, whatever git thinks of its names.
  std::string raw_tree(std::string_view bytes) const;
  /// The pack that a server would send: thin, when `without` names what the other side has.
  std::string pack(const std::vector<std::string>& without = {}) const;
  /// All objects but one, none of them as a delta.
  std::string pack_but(const std::string& lost) const;
  RefState refs() const;

 private:
  ScratchFolder scratch_;
  ObjectFormat format_;
};

/// `git for-each-ref` and HEAD, for comparison.
std::string refs_of(const std::filesystem::path& repository);

}  // namespace hubkeep
