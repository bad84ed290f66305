// Objects of a vault as files on this machine: several pieces on their way at once.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "vault/object_record.h"
#include "vault/vault_objects.h"

namespace hubkeep {

/// An object that becomes a file.
struct FileOrder {
  ObjectRecord record;         // of one that is stored as it is
  ByteCount left_out = 0;      // bytes at its beginning
  std::filesystem::path file;  // has this name when it is whole, and not before
  unsigned mode = 0600;        // less the umask
};

/// One vault, one folder in it.
struct ObjectsOf {
  VaultObjects& objects;
  const std::string& folder;
};

/// Every byte is checked against the records. `received` is told of bytes, by several threads. Throws Error:
/// corrupt (naming the key), what reading throws, as file_error() says, cancelled; some files are whole then.
void fetch_objects(const ObjectsOf& from, const std::vector<FileOrder>& orders,
                   const std::function<void(ByteCount)>& received, const std::stop_token& stop);

}  // namespace hubkeep
