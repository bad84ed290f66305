// A line of the part's lists is a file with all addresses at which it was found. It is written once, under
// the name that it has at the first of them. Names are given in the order of the files' hashes, so that the
// same snapshot has the same names however often it is restored.
#include "restore/attachments_restore.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "restore/cursor_lines.h"
#include "restore/fetch_files.h"
#include "restore/new_file.h"
#include "restore/safe_name.h"
#include "restore/workshop.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kAttachments = "attachments";
constexpr std::string_view kIndex = "attachments.json";
constexpr std::size_t kShownOfHash = 12;

class AttachmentsRestore final : public PartRestore {
 public:
  explicit AttachmentsRestore(const PartRestoreWork& work)
      : work_(work),
        part_(work.manifest.parts.at(PartName(kAttachments))),
        folder_(work.beside(".attachments")) {}

  std::string_view name() const override { return kAttachments; }

  ByteCount disk_needed() override {
    plan();
    ByteCount size = 0;
    for (const FileToRestore& file : files_)
      if (!is_there(file.file, file.record.size)) size += file.record.size;
    return size;
  }

  void run(PartRestored& result) override {
    result.folder = folder_;
    check_disk("restoring the attachments", folder_, disk_needed());
    if (!files_.empty()) {
      make_folder(folder_, work_.is_public());
      write_new_file(folder_ / kIndex, index_.dump(2, ' ', false, Json::error_handler_t::replace) + "\n",
                     std::string(kIndex), kUsualMode, result);
      FileFetcher fetcher(work_, folder_, FileInTheWay::left_alone, result);
      for (const FileToRestore& file : files_) fetcher.add(file);
      fetcher.finish();
    }
    visit_cursor(work_, part_,
                 [&](const Json& line) { result.never_had.add(line.at("url"), reason_in(line)); });
  }

 private:
  std::vector<ObjectRecord> lists() const {
    std::vector<ObjectRecord> records;
    for (const Json& list : part_.json().value("objects", Json::array()))
      records.push_back(object_record_from_json(list));
    return records;
  }

  void plan() {
    if (is_planned_) return;
    files_.clear();
    index_ = Json::object();
    NamesOfFolder names({std::string(kIndex)});
    const ListReader read = read_lists(work_.vault.objects(), work_.folder, work_.stop);
    for (const auto& [key, text] : read_list_lines(lists(), read)) {
      const Json line = parse_ordered_json(text);
      const ObjectRecord record = object_record_from_json(line);
      const Json addresses = line.value("addresses", Json::array());
      const std::string name = addresses.empty() ? "" : addresses.front().value("name", "");
      const std::string taken =
          names.take(safe_file(name.empty() ? record.sha256 : name), record.sha256.substr(0, kShownOfHash));
      files_.push_back({.record = record, .file = folder_ / taken, .name = taken});
      for (const Json& address : addresses) index_[address.at("url").get<std::string>()] = taken;
    }
    is_planned_ = true;
  }

  const PartRestoreWork& work_;
  const Part& part_;
  const fs::path folder_;
  bool is_planned_ = false;
  std::vector<FileToRestore> files_;
  Json index_;
};

}  // namespace

std::unique_ptr<PartRestore> attachments_restore(const PartRestoreWork& work) {
  return std::make_unique<AttachmentsRestore>(work);
}

}  // namespace hubkeep
