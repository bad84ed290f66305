// The index of a work tree (gitformat-index), version 2:
//   "DIRC" version(4) count(4) *entry hash
//   entry: ctime(8) mtime(8) dev(4) ino(4) mode(4) uid(4) gid(4) size(4) oid flags(2) path 1*8NUL
// git looks into no file of which the index knows the times, the number and the size.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "localgit/work_tree_plan.h"

namespace hubkeep {

/// What the index knows of a file: the lower 32 bits of each.
struct FileFacts {
  std::uint32_t changed = 0, changed_nanoseconds = 0, modified = 0, modified_nanoseconds = 0;
  std::uint32_t device = 0, number = 0, user = 0, group = 0, size = 0;

  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

FileFacts facts_of(const struct ::stat& status);

/// `entries` are sorted by path. `found` has what is on disk of each, in the same order; it may be shorter or
/// have zeros: git looks then. Throws Error(internal).
void write_index(const std::filesystem::path& path, ObjectFormat format,
                 const std::vector<PlannedEntry>& entries, const std::vector<FileFacts>& found);

/// An index that is there, of which nothing changes but what it knows of files. Held in memory.
class IndexFile {
 public:
  struct Entry {
    std::string_view path;
    std::uint32_t mode = 0;
    Oid oid;
    FileFacts facts;
    std::size_t place = 0;  // for set_facts()
  };

  /// Nothing for one that is not there, damaged, or of another version than 2 and 3.
  static std::optional<IndexFile> read(const std::filesystem::path& path, ObjectFormat format);

  /// In the order of their paths, without those of a merge that is not done.
  void visit(const std::function<void(const Entry&)>& visit) const;
  void set_facts(std::size_t place, const FileFacts& facts);
  /// Takes the place of the one that was read, in one step. Throws Error(internal); also where a git is at
  /// work on it.
  void write();

 private:
  IndexFile(std::filesystem::path path, ObjectFormat format, std::string bytes);
  bool find_entries();

  std::filesystem::path path_;
  ObjectFormat format_;
  std::string bytes_;  // without the hash at its end
  struct Found {
    std::size_t place;
    std::size_t name;
    std::size_t name_size;
  };
  std::vector<Found> entries_;
};

}  // namespace hubkeep
