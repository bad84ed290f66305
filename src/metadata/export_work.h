// What the formats of an export share: what is exported, and files that are written in pieces.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "localgit/check_out_report.h"
#include "restore/part_restore.h"
#include "vault/meta_documents.h"

namespace hubkeep {

struct ExportOutcome {
  std::string repository;
  SnapshotId snapshot = {};
  std::filesystem::path folder = {};
  std::uint64_t documents = 0;  // of JSON lines; else issues, pull requests and discussions
  CheckOutReport lacks = {};    // what the vault should have and could not be brought, and why
};

struct ExportWork {
  const PartRestoreWork& parts;  // whose `beside` leads into `place`
  const MetaDocuments& documents;
  std::filesystem::path place;  // an empty folder
  ExportOutcome& outcome;
};

/// A new file, of which a buffer is in memory. Throws Error as file_error() says.
class ExportFile {
 public:
  explicit ExportFile(const std::filesystem::path& path);
  void write(std::string_view text);
  /// Called once, last.
  void finish();

 private:
  void flush();

  const std::string path_;
  const FileDescriptor file_;
  std::string buffer_;
};

/// A folder in an export; nothing where it is there.
void make_export_folder(const std::filesystem::path& folder);

/// Brings a part's files, and says in the outcome what of them it could not bring. Nothing where the snapshot
/// has no such part.
void export_part(const ExportWork& work, std::string_view part);

/// Visits the releases, a line of JSON each as GitHub sent it; none where the snapshot has none.
void visit_releases(const ExportWork& work, const std::function<void(std::string_view line)>& visit);

}  // namespace hubkeep
