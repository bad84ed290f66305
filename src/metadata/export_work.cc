#include "metadata/export_work.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/error.h"
#include "base/file_error.h"
#include "restore/attachments_restore.h"
#include "restore/releases_restore.h"
#include "restore/wiki_restore.h"
#include "vault/lines.h"
#include "vault/releases_part.h"

namespace hubkeep {

namespace fs = std::filesystem;

ExportFile::ExportFile(const fs::path& path)
    : path_(path.string()), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (!file_.valid()) throw file_error(errno, "write", path_);
}

void ExportFile::write(std::string_view text) {
  constexpr std::size_t kBuffer = std::size_t{64} << 10;
  buffer_ += text;
  if (buffer_.size() >= kBuffer) flush();
}

void ExportFile::finish() {
  flush();
}

void ExportFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const auto written = ::write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw file_error(errno, "write", path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

void make_export_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw file_error(error.value(), "make the folder", folder.string());
}

void export_part(const ExportWork& work, std::string_view part) {
  const auto found = work.parts.manifest.parts.find(PartName(part));
  if (found == work.parts.manifest.parts.end()) return;
  bool has_any = false;
  visit_named_objects(found->second, [&](const ObjectRecord&) { has_any = true; });
  if (!has_any) return;
  const auto step = part == "wiki"       ? wiki_restore(work.parts)
                    : part == "releases" ? releases_restore(work.parts)
                                         : attachments_restore(work.parts);
  PartRestored result{.part = PartName(part)};
  step->run(result);
  for (const NotWritten& each : result.lacks.named)
    work.outcome.lacks.add(fmt::format("{}: {}", part, each.path), each.why);
}

void visit_releases(const ExportWork& work, const std::function<void(std::string_view line)>& visit) {
  const auto part = work.parts.manifest.parts.find(PartName(kReleasesPart));
  if (part == work.parts.manifest.parts.end()) return;
  for (const ObjectRecord& document : releases_part(part->second).documents) {
    LineSplitter lines([&](std::string_view line) { visit(line); }, kReleaseLimits);
    work.parts.vault.objects().read(work.parts.folder, document, lines, work.parts.stop);
    lines.finish();
  }
}

}  // namespace hubkeep
