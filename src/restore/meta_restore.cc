#include "restore/meta_restore.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "restore/fetch_files.h"
#include "restore/new_file.h"

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

class MetaRestore final : public PartRestore {
 public:
  explicit MetaRestore(const PartRestoreWork& work)
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

}  // namespace

std::unique_ptr<PartRestore> meta_restore(const PartRestoreWork& work) {
  return std::make_unique<MetaRestore>(work);
}

}  // namespace hubkeep
