// An export is put together in a scratch folder beside its place, or in it where it is an empty folder, and
// gets its name in one step: what has the name is whole. The scratch folder's name follows from that of the
// place, so that one that was broken off is met by the next.
#include "metadata/export_repository.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "localgit/durable.h"
#include "metadata/export_formats.h"
#include "restore/at_hand.h"
#include "restore/destination.h"
#include "vault/git_part.h"
#include "vault/meta_part.h"
#include "vault/select_snapshot.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;

struct Format {
  ExportFormat format;
  std::string_view name;
  std::vector<std::string_view> parts;  // that it reads; none: all that it does not leave out
  std::string_view left_out;
  void (*run)(const ExportWork& work);
};

const std::array<Format, 3>& formats() {
  static const std::array<Format, 3> all = {
      Format{ExportFormat::json, "json", {"meta", "releases"}, "", export_json},
      Format{ExportFormat::markdown, "markdown", {"meta", "attachments"}, "", export_markdown},
      Format{ExportFormat::gitea, "gitea", {}, "lfs", export_gitea}};
  return all;
}

const Format& format_of(ExportFormat wanted) {
  for (const Format& format : formats())
    if (format.format == wanted) return format;
  throw Error(ErrorKind::internal, "not a format");
}

// Where the steps of a restore put their parts.
fs::path place_of(const fs::path& place, std::string_view suffix) {
  if (suffix == ".releases") return place / "release_assets";
  if (suffix == ".wiki.git") return place / "wiki";
  return place / suffix.substr(1);
}

fs::path scratch_beside(const Destination& destination) {
  const fs::path scratch = destination.beside() /
                           fmt::format("{}export-{}", kScratchFolder, destination.path().filename().string());
  std::error_code error;
  if (fs::exists(fs::symlink_status(scratch, error)))
    throw Error(ErrorKind::invalid,
                fmt::format("{} is left of an export that broke off, or belongs to one that is under way: if "
                            "none is, remove it and try again",
                            printable(scratch.string())));
  return scratch;
}

Parts parts_of(const Manifest& manifest, const Format& format) {
  const auto is_read = [&](std::string_view name) {
    if (format.parts.empty()) return name != format.left_out;
    return std::find(format.parts.begin(), format.parts.end(), name) != format.parts.end();
  };
  Parts parts;
  for (const auto& [name, part] : manifest.parts)
    if (is_read(name)) parts.emplace(name, part);
  return parts;
}

MetaPart documents_of(const Manifest& manifest) {
  const auto part = manifest.parts.find(PartName(kMetaPart));
  return part == manifest.parts.end() || !is_meta_part(part->second) ? MetaPart() : meta_part(part->second);
}

void tell_what_is_not_complete(const Parts& parts, const Notice& notice) {
  for (const auto& [name, part] : parts)
    if (!is_settled(part) || part.status() == PartStatus::not_permitted)
      notice(fmt::format("{}: not all that GitHub had then is in the snapshot", printable(name)));
}

}  // namespace

ExportFormat parse_export_format(std::string_view word) {
  for (const Format& format : formats())
    if (format.name == word) return format.format;
  throw Error(ErrorKind::invalid, fmt::format("'{}' is not one of json, markdown, gitea", printable(word)));
}

ExportOutcome export_repository(Vault& vault, const ExportRequest& request, const Notice& notice,
                                const std::stop_token& stop) {
  const Catalog catalog = vault.load_catalog(notice, stop);
  const CatalogEntry& entry = find_repository(catalog, request.repository, vault.command("list"));
  const Manifest manifest =
      find_snapshot(vault, entry, request.at, has_settled_history, notice, stop).manifest;
  const Format& format = format_of(request.format);
  const Parts parts = parts_of(manifest, format);
  const MetaPart meta = documents_of(manifest);
  if (meta.documents.empty() && request.format != ExportFormat::gitea)
    throw Error(ErrorKind::not_found,
                fmt::format("snapshot {} has nothing of what GitHub knows of {}: no issue, no comment",
                            manifest.snapshot.str(), printable(entry.listing.full_name)));
  const Destination destination(request.folder);
  if (const AtHand found = look_at_hand(vault.objects(), entry.folder, parts, request.thaw, stop);
      !found.all())
    throw Error(ErrorKind::cold, describe(found, request.thaw));
  // Beyond this point all is there to be read.
  tell_what_is_not_complete(parts, notice);
  ExportOutcome outcome{
      .repository = entry.listing.full_name, .snapshot = manifest.snapshot, .folder = destination.path()};
  const ScratchFolderGuard scratch(scratch_beside(destination));
  const std::function<void(ByteCount)> received = [](ByteCount) {};
  const std::function<void(const std::string&)> told = notice;
  const MetaDocuments documents(vault.objects(), entry.folder, meta, stop);
  const RestoreChoice all;
  const PartRestoreWork part_work{
      .vault = vault,
      .folder = entry.folder,
      .manifest = manifest,
      .repository = place_of(scratch.path(), ".git"),
      .beside = [&](std::string_view suffix) { return place_of(scratch.path(), suffix); },
      .kind = RepositoryKind::mirror,
      .contents = all,
      .temp_dir = request.temp_dir,
      .received = received,
      .notice = told,
      .stop = stop};
  format.run({.parts = part_work, .documents = documents, .place = scratch.path(), .outcome = outcome});
  make_durable(scratch.path());
  destination.check_still_free();
  if (!destination.take(scratch, part_work.is_public()))
    throw Error(ErrorKind::internal, "cannot move the export to " + printable(destination.path().string()));
  return outcome;
}

}  // namespace hubkeep
