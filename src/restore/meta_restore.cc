#include "restore/meta_restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file_descriptor.h"
#include "base/file_error.h"
#include "base/text.h"
#include "localgit/durable.h"
#include "restore/fetch_files.h"
#include "restore/new_file.h"
#include "restore/workshop.h"
#include "vault/meta_documents.h"
#include "vault/meta_kind.h"
#include "vault/meta_part.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kMeta = "meta";
constexpr unsigned kOwnersAlone = 0600;
constexpr std::size_t kMaxText = std::size_t{256} << 20;  // thousands of comments

class TextSink final : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    if (text.size() + bytes.size() > kMaxText) throw Error(ErrorKind::invalid, "it is too long");
    text += bytes;
  }
  std::string text;
};

class GistMetaRestore final : public PartRestore {
 public:
  explicit GistMetaRestore(const PartRestoreWork& work)
      : work_(work), part_(work.manifest.parts.at(PartName(kMeta))), file_(work.beside(".meta.jsonl")) {}

  std::string_view name() const override { return kMeta; }

  ByteCount disk_needed() override {
    std::error_code error;
    if (fs::exists(fs::symlink_status(file_, error))) return 0;
    ByteCount size = 0;
    for (const ObjectRecord& document : documents()) size += document.size;
    return size;
  }

  void run(PartRestored& result) override {
    result.folder = file_;
    TextSink text;
    for (const ObjectRecord& document : documents())
      work_.vault.objects().read(work_.folder, document, text, work_.stop);
    std::error_code error;
    const bool was_there = fs::exists(file_, error);
    // It stands in no folder of its own.
    write_new_file(file_, text.text, file_.filename().string(), work_.is_public() ? kUsualMode : kOwnersAlone,
                   result);
    result.files = 1;
    result.fetched = was_there ? 0 : 1;
  }

 private:
  std::vector<ObjectRecord> documents() const {
    std::vector<ObjectRecord> records;
    for (const Json& document : part_.json().value("documents", Json::array()))
      records.push_back(object_record_from_json(document));
    return records;
  }

  const PartRestoreWork& work_;
  const Part& part_;
  const fs::path file_;
};

// A file that is not there, in pieces.
class LinesFile {
 public:
  LinesFile(const fs::path& path, unsigned mode)
      : path_(path.string()), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)) {
    if (!file_.valid()) throw file_error(errno, "write", path_);
  }
  void write(std::string_view text) {
    constexpr std::size_t kBuffer = std::size_t{64} << 10;
    buffer_ += text;
    if (buffer_.size() >= kBuffer) flush();
  }
  void finish() {
    flush();
    if (::fsync(file_.get()) != 0) throw file_error(errno, "write to disk", path_);
  }

 private:
  void flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
      const auto written = ::write(file_.get(), rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw file_error(errno, "write", path_);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
  }

  const std::string path_;
  const FileDescriptor file_;
  std::string buffer_;
};

// A million lines: they are never held. The file has its name when all are in it.
class DocumentsRestore final : public PartRestore {
 public:
  explicit DocumentsRestore(const PartRestoreWork& work)
      : work_(work),
        documents_(work.vault.objects(), work.folder, meta_part(work.manifest.parts.at(PartName(kMeta))),
                   work.stop),
        filter_{.kinds = kinds_of(work.contents)},
        file_(work.beside(".meta.jsonl")) {}

  std::string_view name() const override { return kMeta; }

  ByteCount disk_needed() override {
    if (is_there()) return 0;
    ByteCount size = 0;
    for (const MetaIncrement& increment : documents_.part().documents) size += increment.record.size;
    return size;
  }

  void run(PartRestored& result) override {
    result.folder = file_;
    result.files = 1;
    if (is_there()) return compare(result);
    const ScratchFolderGuard scratch(file_.parent_path() / (std::string(kScratchFolder) + random_hex(8)));
    const fs::path whole = scratch.path() / "file";
    LinesFile lines(whole, work_.is_public() ? kUsualMode : kOwnersAlone);
    documents_.visit(filter_, [&](const MetaLine& line) { lines.write(to_line(line)); });
    lines.finish();
    std::error_code error;
    fs::rename(whole, file_, error);
    if (error) throw file_error(error.value(), "write", file_.string());
    make_names_durable(file_.parent_path().empty() ? fs::path(".") : file_.parent_path());
    result.fetched = 1;
  }

 private:
  static std::set<std::string, std::less<>> kinds_of(const RestoreChoice& choice) {
    std::set<std::string, std::less<>> kinds;
    for (const MetaKindRow& row : meta_kinds())
      if (choice.has(row.group)) kinds.emplace(row.name);
    // All of them, also those of a later version.
    return kinds.size() == meta_kinds().size() ? std::set<std::string, std::less<>>() : kinds;
  }

  bool is_there() const {
    std::error_code error;
    return fs::exists(fs::symlink_status(file_, error));
  }

  // Nothing that anybody else has put there is written over.
  void compare(PartRestored& result) {
    std::ifstream there(file_, std::ios::binary);
    bool is_same = fs::is_regular_file(fs::symlink_status(file_));
    documents_.visit(filter_, [&](const MetaLine& line) {
      std::string text;
      is_same = is_same && std::getline(there, text) && text + "\n" == to_line(line);
    });
    if (!is_same || there.peek() != std::ifstream::traits_type::eof())
      result.lacks.add(
          file_.filename().string(),
          fmt::format("{} is there already, is another and is left alone", printable(file_.string())));
  }

  const PartRestoreWork& work_;
  const MetaDocuments documents_;
  const MetaFilter filter_;
  const fs::path file_;
};

}  // namespace

std::unique_ptr<PartRestore> meta_restore(const PartRestoreWork& work) {
  if (!is_meta_part(work.manifest.parts.at(PartName(kMeta)))) return std::make_unique<GistMetaRestore>(work);
  return std::make_unique<DocumentsRestore>(work);
}

}  // namespace hubkeep
