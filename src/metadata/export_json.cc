// A folder for each kind, with the documents line by line as GitHub sent them. What was gone from GitHub
// stands in a file of its own, with the time when it was first missed.
#include <map>
#include <nlohmann/json.hpp>

#include "metadata/export_formats.h"
#include "restore/safe_name.h"

namespace hubkeep {
namespace {

constexpr std::string_view kDocuments = "documents.jsonl";
constexpr std::string_view kGone = "gone.jsonl";

// There are some forty kinds: each file stays open.
class KindFiles {
 public:
  explicit KindFiles(const std::filesystem::path& place) : place_(place) {}

  void add(std::string_view kind, std::string_view file, std::string_view line) {
    // A later version may know other kinds.
    const std::filesystem::path path = place_ / safe_file(kind) / file;
    auto found = files_.find(path);
    if (found == files_.end()) {
      make_export_folder(path.parent_path());
      found = files_.try_emplace(path, path).first;
    }
    found->second.write(line);
    found->second.write("\n");
  }
  void finish() {
    for (auto& [path, file] : files_) file.finish();
  }

 private:
  const std::filesystem::path place_;
  std::map<std::filesystem::path, ExportFile> files_;
};

}  // namespace

void export_json(const ExportWork& work) {
  KindFiles files(work.place);
  const auto add = [&](std::string_view kind, std::string_view file, std::string_view line) {
    files.add(kind, file, line);
    ++work.outcome.documents;
  };
  work.documents.visit({}, [&](const MetaLine& line) {
    if (!line.gone) return add(line.kind, kDocuments, line.document);
    add(line.kind, kGone,
        "{\"gone\":" + nlohmann::json(format_time(*line.gone)).dump() +
            ",\"document\":" + std::string(line.document) + "}");
  });
  visit_releases(work, [&](std::string_view line) { add("release", kDocuments, line); });
  files.finish();
}

}  // namespace hubkeep
