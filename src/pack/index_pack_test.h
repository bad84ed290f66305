// For tests: indexing a pack that lies in memory, by hubkeep and by git.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/scratch_folder.h"
#include "base/subprocess.h"
#include "git/entry_inflater.h"
#include "git/pack_index.h"
#include "pack/pack_indexer.h"

namespace hubkeep {

class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  ByteCount size() const override { return bytes_.size(); }
  std::string read(ByteCount offset, ByteCount length, const std::stop_token&) override {
    if (offset + length > bytes_.size()) throw Error(ErrorKind::corrupt, "beyond the end");
    return bytes_.substr(offset, length);
  }

 private:
  std::string bytes_;
};

struct Indexed {
  PackSummary summary;
  IndexedPack pack;
  std::string index;
  IndexingCounts counts;
};

struct IndexingOf {
  IndexingOptions options = {};
  const FetchRequest* asked = nullptr;
  ObjectSource* elsewhere = nullptr;
  std::size_t piece = 100'000;
};

inline Indexed index_pack(const std::string& bytes, ObjectFormat format = ObjectFormat::sha1,
                          const IndexingOf& how = {}) {
  PackIndexer indexer(format, how.asked, how.options);
  for (std::size_t i = 0; i < bytes.size(); i += how.piece)
    indexer.write(std::string_view(bytes).substr(i, how.piece));
  Indexed indexed;
  indexed.summary = indexer.finish();
  StringSource source(bytes);
  NoObjects nothing;
  auto pack = indexer.resolve(source, how.elsewhere == nullptr ? nothing : *how.elsewhere, {});
  indexed.counts = indexer.counts();
  if (!pack) throw Error(ErrorKind::gave_up, indexer.gave_up());
  indexed.pack = std::move(*pack);
  StringSink index;
  write_pack_index(indexed.pack.entries, indexed.pack.checksum, index);
  indexed.index = index.take();
  return indexed;
}

inline Error error_of_indexing(const std::string& bytes, ObjectFormat format = ObjectFormat::sha1,
                               const IndexingOf& how = {}) {
  try {
    index_pack(bytes, format, how);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::internal, "it was taken");
}

/// What `git index-pack` writes; empty where it refuses the pack.
inline std::string index_by_git(const std::string& pack, ObjectFormat format = ObjectFormat::sha1,
                                std::string* complaint = nullptr) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "a.pack").string();
  std::ofstream(file, std::ios::binary) << pack;
  const auto result = run_process(
      {.arguments = {"git", "index-pack", "--object-format=" + std::string(to_string(format)), file},
       .environment = {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"}},
      {}, {});
  if (complaint != nullptr) *complaint = result.errors;
  if (result.exit_code != 0) return {};
  std::ifstream index((folder.path() / "a.idx"), std::ios::binary);
  return {std::istreambuf_iterator<char>(index), {}};
}

inline std::vector<Oid> names_of(const IndexedPack& pack) {
  std::vector<Oid> names;
  for (const PackIndexEntry& entry : pack.entries) names.push_back(entry.oid);
  return names;
}

/// The objects of a pack, as git reads them.
class PackObjects final : public ObjectSource {
 public:
  PackObjects(const std::string& pack, ObjectFormat format);

  bool contains(const Oid& oid) const override { return objects_.contains(oid); }
  std::optional<GitObject> read(const Oid& oid, const std::stop_token&) override {
    const auto found = objects_.find(oid);
    if (found == objects_.end()) return std::nullopt;
    return found->second;
  }
  std::vector<Oid> names() const {
    std::vector<Oid> names;
    for (const auto& [oid, object] : objects_) names.push_back(oid);
    return names;
  }

 private:
  std::map<Oid, GitObject> objects_;
};

inline PackObjects::PackObjects(const std::string& pack, ObjectFormat format) {
  const ScratchFolder folder;
  const auto git = [&](std::vector<std::string> arguments, const std::string& input) {
    arguments.insert(arguments.begin(), {"git", "-C", folder.path().string()});
    return run_process({.arguments = std::move(arguments),
                        .environment = {"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"}},
                       input, {})
        .output;
  };
  git({"init", "-q", "--bare", "--object-format=" + std::string(to_string(format))}, {});
  git({"unpack-objects", "-q"}, pack);
  const std::string all = git({"cat-file", "--batch-all-objects", "--batch"}, {});
  for (std::size_t at = 0; at < all.size();) {
    const auto line_end = all.find('\n', at);
    const std::string line = all.substr(at, line_end - at);
    const auto first = line.find(' ');
    const auto second = line.find(' ', first + 1);
    const std::size_t size = std::stoul(line.substr(second + 1));
    objects_[Oid::parse(line.substr(0, first)).value()] = {
        parse_object_type(line.substr(first + 1, second - first - 1)).value(),
        all.substr(line_end + 1, size)};
    at = line_end + 1 + size + 1;
  }
}

}  // namespace hubkeep
