// Takes what a snapshot has of a repository out of a vault, in a form that others read: documents as lines of
// JSON, pages of Markdown, or the folder that Gitea and Forgejo restore from. docs/export.md has what each
// format keeps and loses.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "metadata/export_work.h"
#include "vault/vault.h"

namespace hubkeep {

enum class ExportFormat { json, markdown, gitea };

/// Throws Error(invalid), which lists the formats that there are.
ExportFormat parse_export_format(std::string_view word);

struct ExportRequest {
  std::string repository;        // see find_repository()
  std::filesystem::path folder;  // must not exist, or be empty
  ExportFormat format = ExportFormat::json;
  std::string at = {};                   // see find_snapshot()
  std::filesystem::path temp_dir = {};   // see RestoreTarget
  std::optional<ThawRequest> thaw = {};  // requests archived objects; none: they are an error
};

/// The folder has its name when all is in it. Throws Error: invalid (the folder is not empty, or another
/// export is under way or was broken off there), not_found (no such repository or snapshot, or the snapshot
/// has nothing of it), cold, and what reading the vault and writing files throw.
ExportOutcome export_repository(Vault& vault, const ExportRequest& request, const Notice& notice,
                                const std::stop_token& stop);

}  // namespace hubkeep
