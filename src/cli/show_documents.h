// What GitHub knows of a repository, out of a vault, for people and their tools.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "vault/vault.h"

namespace hubkeep {

/// What somebody wants to see: nothing of these is everything in numbers.
struct ShowRequest {
  std::string repository;
  std::string kind = {};  // as document_words.h has them
  std::string id = {};    // a number, or by what else a document is known
  std::string at = {};
  bool json = false;
};

/// From "issues", "12", "issues 12" after the repository. Throws Error(invalid) for other words.
ShowRequest show_request(const std::string& repository, const std::vector<std::string>& words);

/// Throws Error: not_found, cold, corrupt and as reading does, saying what can be done.
ExitCode show_documents(Vault& vault, const ShowRequest& request, const std::stop_token& stop);

struct SearchRequest {
  std::string word;
  std::vector<std::string> repositories = {};  // none: all
  std::string at = {};
  bool json = false;
};

/// What cannot be read of one repository is told, and the others are searched: incomplete. Throws Error where
/// a repository is not there.
ExitCode search_documents(Vault& vault, const SearchRequest& request, const std::stop_token& stop);

}  // namespace hubkeep
