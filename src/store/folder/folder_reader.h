// Reading objects out of a folder: one of them, or the names of all.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "store/object_store.h"

namespace hubkeep {

/// What stands under a name and is no file, whatever put it there: "a folder", "a symbolic link", "a named
/// pipe", "a socket", "a device". Empty for a file, and for nothing.
std::string_view obstacle_at(int folder, const std::string& name);

/// An invalid descriptor where there is no object: nothing, or an obstacle. Follows no link and waits for
/// nobody. Throws Error(forbidden). `path` is for messages, here and below.
FileDescriptor open_object(int folder, const std::string& name, std::string_view path);

/// Regular files only: nothing for what is no object.
std::optional<ObjectInfo> object_info(int folder, const std::string& name, const ObjectKey& key);

struct ByteRange {
  ByteCount offset = 0;
  std::optional<ByteCount> length;  // to the end when not given
};

/// Throws Error(corrupt) when the file has less, Error(cancelled) on `stop`.
void read_range(int file, const ByteRange& range, ByteSink& sink, std::string_view path,
                const std::stop_token& stop);

/// The valid names in a folder, those of folders with a '/' behind, in the byte order of the keys that they
/// begin; symbolic links and other things that are no objects are left out. `prefix` is the folder's, "" or
/// with a '/' behind.
std::vector<std::string> sorted_names(int folder, std::string_view prefix, std::string_view path);

/// The names that sorted_names() leaves out because they are obstacles.
std::vector<std::string> obstacle_names(int folder, std::string_view prefix, std::string_view path);

}  // namespace hubkeep
