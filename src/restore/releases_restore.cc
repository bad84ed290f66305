// The part's document has a release a line, as GitHub sent it, and names the assets that the release had then
// by their ids; the part's lists name what of them is in the vault. The document is read twice: first all of
// it, until its hash is known to be right, for names and sizes; then to write it, a release at a time, so
// that a long list is not held in memory.
#include "restore/releases_restore.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
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
#include "vault/json_integer.h"
#include "vault/lines.h"
#include "vault/object_list.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kReleases = "releases";
constexpr std::string_view kAssets = "releases/assets/";
constexpr std::string_view kDocument = "release.json";
constexpr LineLimits kLimits{.line = ByteCount{64} << 20, .total = ByteCount{8} << 30};

std::string text_in(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

// A number: it becomes part of a file's name, and what stands in a vault may come from anybody.
std::string id_in(const Json& json) {
  return std::to_string(integer_from_json<std::int64_t>(json.at("id")));
}

class ReleasesRestore final : public PartRestore {
 public:
  explicit ReleasesRestore(const PartRestoreWork& work)
      : work_(work), part_(work.manifest.parts.at(PartName(kReleases))), folder_(work.beside(".releases")) {}

  std::string_view name() const override { return kReleases; }

  ByteCount disk_needed() override {
    plan();
    ByteCount size = 0;
    for (const FileToRestore& asset : assets_)
      if (!is_there(asset.file, asset.record.size)) size += asset.record.size;
    return size;
  }

  void run(PartRestored& result) override {
    result.folder = folder_;
    check_disk("restoring the releases", folder_, disk_needed());
    if (folders_.empty()) return;
    make_folder(folder_, work_.is_public());
    std::size_t next = 0;
    visit_releases([&](std::string_view line, const Json&) {
      const fs::path& folder = folders_.at(next++);
      make_folder(folder, work_.is_public());
      write_new_file(folder / kDocument, std::string(line) + "\n", shown(folder / kDocument), kUsualMode,
                     result);
    });
    FileFetcher fetcher(work_, folder_, FileInTheWay::left_alone, result);
    for (const FileToRestore& asset : assets_) fetcher.add(asset);
    fetcher.finish();
    const auto reasons = reasons_by_asset();
    for (const auto& [id, name] : not_in_vault_) {
      const auto reason = reasons.find(id);
      result.never_had.add(name, reason == reasons.end() ? "the backup does not have it" : reason->second);
    }
  }

 private:
  using Visit = std::function<void(std::string_view line, const Json& release)>;

  void visit_releases(const Visit& visit) const {
    for (const Json& document : part_.json().value("documents", Json::array())) {
      const ObjectRecord record = object_record_from_json(document);
      LineSplitter lines([&](std::string_view line) { visit(line, parse_ordered_json(line, kLimits.line)); },
                         kLimits);
      try {
        work_.vault.objects().read(work_.folder, record, lines, work_.stop);
        lines.finish();
      } catch (const Json::exception& error) {
        throw Error(ErrorKind::corrupt,
                    fmt::format("{} cannot be used: {}", resolve_key(work_.folder, record.key),
                                printable(error.what())));
      }
    }
  }

  // The cursor has two kinds of lines: this is of those that name an asset.
  std::map<std::string, std::string> reasons_by_asset() const {
    std::map<std::string, std::string> reasons;
    if (not_in_vault_.empty()) return reasons;
    visit_cursor(work_, part_, [&](const Json& line) {
      if (line.contains("asset")) reasons.emplace(line.at("asset").dump(), reason_in(line));
    });
    return reasons;
  }

  void plan() {
    if (is_planned_) return;
    folders_.clear();
    assets_.clear();
    not_in_vault_.clear();
    std::map<std::string, ObjectRecord> records;  // by the ids of assets
    visit_objects(part_, read_lists(work_.vault.objects(), work_.folder, work_.stop),
                  [&](const ObjectRecord& record) {
                    if (record.key.starts_with(kAssets))
                      records.emplace(record.key.substr(kAssets.size()), record);
                  });
    NamesOfFolder names;
    visit_releases([&](std::string_view, const Json& release) { plan_release(release, records, names); });
    is_planned_ = true;
  }

  // A draft may have no tag, and the tag of another release.
  void plan_release(const Json& release, const std::map<std::string, ObjectRecord>& records,
                    NamesOfFolder& names) {
    const std::string tag = text_in(release, "tag_name");
    const fs::path folder = folder_ / names.take(tag.empty() ? "draft" : safe_file(tag), id_in(release));
    folders_.push_back(folder);
    NamesOfFolder files({std::string(kDocument)});
    for (const Json& asset : release.value("assets", Json::array())) {
      const std::string id = id_in(asset);
      const fs::path file = folder / files.take(safe_file(text_in(asset, "name")), id);
      const auto record = records.find(id);
      if (record == records.end())
        not_in_vault_.emplace_back(id, shown(file));
      else
        assets_.push_back({.record = record->second, .file = file, .name = shown(file)});
    }
  }

  std::string shown(const fs::path& file) const { return file.lexically_relative(folder_).string(); }

  const PartRestoreWork& work_;
  const Part& part_;
  const fs::path folder_;
  bool is_planned_ = false;
  std::vector<fs::path> folders_;  // of releases, in the order of the document
  std::vector<FileToRestore> assets_;
  std::vector<std::pair<std::string, std::string>> not_in_vault_;  // ids and names
};

}  // namespace

std::unique_ptr<PartRestore> releases_restore(const PartRestoreWork& work) {
  return std::make_unique<ReleasesRestore>(work);
}

}  // namespace hubkeep
