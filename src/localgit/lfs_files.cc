// A file is replaced where it is a pointer, as it stands on disk: then nobody has touched it. Its size alone
// says of nearly all others that they are none. When all are written, the index learns their sizes and times
// in one step. A run that was killed before has left files with content of which the index says otherwise:
// such a file is what it should be if the pointer that git-lfs would make of it is the blob that the index
// names. See LfsFilesTest.GoesOnWhereAnotherRunWasKilled.
#include "localgit/lfs_files.h"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "git/attributes.h"
#include "git/object_links.h"
#include "localgit/index_file.h"
#include "localgit/work_tree_folder.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

class TextSink final : public ByteSink {
 public:
  explicit TextSink(std::size_t limit) : limit_(limit) {}
  void write(std::string_view bytes) override {
    if (text_.size() + bytes.size() > limit_) throw Error(ErrorKind::invalid, "the file is too large");
    text_ += bytes;
  }
  std::string take() { return std::move(text_); }

 private:
  const std::size_t limit_;
  std::string text_;
};

void copy_into(const fs::path& from, ByteSink& sink, const std::stop_token& stop) {
  std::ifstream file(from, std::ios::binary);
  std::string buffer(std::size_t{256} << 10, '\0');
  while (file) {
    if (stop.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while checking out");
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    sink.write(std::string_view(buffer).substr(0, static_cast<std::size_t>(file.gcount())));
  }
  if (!file.eof()) throw Error(ErrorKind::internal, "cannot read " + printable(from.string()));
}

/// The SHA-256 and the size of what passes.
class PointerMaker final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    hasher_.write(bytes);
    size_ += bytes.size();
  }
  LfsPointer finish() { return {.oid = to_hex(hasher_.finish()), .size = size_}; }

 private:
  Hasher hasher_{HashKind::sha256};
  ByteCount size_ = 0;
};

// The name of the blob that git-lfs makes of such content.
std::string blob_name(const LfsPointer& pointer, ObjectFormat format) {
  const std::string text = fmt::format("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n",
                                       pointer.oid, pointer.size);
  Hasher hasher(format == ObjectFormat::sha1 ? HashKind::sha1 : HashKind::sha256);
  hasher.write(fmt::format("blob {}", text.size()));
  hasher.write(std::string_view("\0", 1));
  hasher.write(text);
  return hasher.finish();
}

/// One work tree.
class LfsWorkTree {
 public:
  LfsWorkTree(const fs::path& folder, const FindLfsObject& find, const std::stop_token& stop)
      : tree_(folder),
        attributes_tree_(folder),
        attributes_([this](const std::string& of) { return read_attributes(of); }),
        find_(find),
        stop_(stop) {}

  void look_at(const IndexFile::Entry& entry) {
    if (stop_.stop_requested()) throw Error(ErrorKind::cancelled, "stopped while checking out");
    const bool is_file = entry.mode == static_cast<std::uint32_t>(EntryMode::file) ||
                         entry.mode == static_cast<std::uint32_t>(EntryMode::executable);
    if (!is_file) return;
    const std::string path(entry.path);
    const auto facts = tree_.look_at(path);
    if (!facts) return;
    // Of all others, attributes need not be looked up.
    const bool may_be_pointer = LfsPointers::may_be_one(facts->size);
    if (!may_be_pointer && *facts == entry.facts) return;
    try {
      if (!is_of_lfs(path)) return;
      if (may_be_pointer)
        replace(entry, path, *facts);
      else
        recognize(entry, path, *facts);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::cancelled) throw;
      if (tree_.disk_failed()) throw error.with_context("cannot write " + printable(path));
      result_.not_written.add(path, error.message());
    }
  }

  LfsFiles& result() { return result_; }
  const std::vector<std::pair<std::size_t, FileFacts>>& news() const { return news_; }

 private:
  std::optional<std::string> read_attributes(const std::string& of) {
    TextSink text(AttributeFile::kMaxSize + 1);
    if (!attributes_tree_.read_file(of + ".gitattributes", text)) return std::nullopt;
    return text.take();
  }

  bool is_of_lfs(const std::string& path) {
    const AttributeValues values = attributes_.of(path);
    const auto filter = values.find("filter");
    return filter != values.end() && filter->second.is("lfs");
  }

  void replace(const IndexFile::Entry& entry, const std::string& path, const FileFacts& facts) {
    TextSink text(LfsPointers::kLargest);
    if (!tree_.read_file(path, text)) return;
    const auto pointer = parse_lfs_pointer(text.take());
    if (!pointer) return recognize(entry, path, facts);
    const auto content = find_(*pointer);
    if (!content) {
      ++result_.pointers;
      return;
    }
    wrote(entry, tree_.replace_file(path, [&](ByteSink& sink) { copy_into(*content, sink, stop_); }));
  }

  void recognize(const IndexFile::Entry& entry, const std::string& path, const FileFacts& facts) {
    if (facts == entry.facts) return;
    PointerMaker maker;
    if (tree_.read_file(path, maker) && blob_name(maker.finish(), entry.oid.format()) == entry.oid.raw())
      wrote(entry, facts);
  }

  void wrote(const IndexFile::Entry& entry, const FileFacts& facts) {
    ++result_.written;
    news_.emplace_back(entry.place, facts);
  }

  WorkTreeFolder tree_;
  WorkTreeFolder attributes_tree_;  // goes its own ways
  Attributes attributes_;
  const FindLfsObject& find_;
  const std::stop_token& stop_;
  LfsFiles result_;
  std::vector<std::pair<std::size_t, FileFacts>> news_;
};

void tell(IndexFile& index, const LfsWorkTree& tree) {
  if (tree.news().empty()) return;
  for (const auto& [place, facts] : tree.news()) index.set_facts(place, facts);
  index.write();
}

std::optional<IndexFile> read_index(const fs::path& path) {
  auto index = IndexFile::read(path, ObjectFormat::sha1);
  return index ? std::move(index) : IndexFile::read(path, ObjectFormat::sha256);
}

}  // namespace

LfsFiles put_lfs_files(const fs::path& folder, const FindLfsObject& find, const std::stop_token& stop) {
  LfsWorkTree tree(folder, find, stop);
  const fs::path path = folder / ".git" / "index";
  auto index = read_index(path);
  if (!index) {
    if (fs::exists(path))
      tree.result().not_written.add(".git/index", "hubkeep cannot read it: run `git lfs checkout` there");
    return std::move(tree.result());
  }
  try {
    index->visit([&](const IndexFile::Entry& entry) { tree.look_at(entry); });
  } catch (...) {
    // What was written is written: the index may know that, if there is room for it.
    try {
      tell(*index, tree);
    } catch (const Error&) {  // the first one is told
    }
    throw;
  }
  tell(*index, tree);
  return std::move(tree.result());
}

}  // namespace hubkeep
