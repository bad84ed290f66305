// The JSON objects of GitHub's REST API that are about issues and pull requests.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sim/api.h"
#include "sim/metadata.h"

namespace hubkeep::sim {

/// One repository as a request sees it, under the lock of the Metadata.
struct RepositoryView {
  const ApiCall& call;
  const Repository& repository;
  const RepositoryMetadata& all;
  /// Open and closed issues by milestone, counted when the first asks.
  mutable std::map<std::int64_t, std::pair<std::size_t, std::size_t>> milestone_counts = {};
  /// The repository's own object, made when the first pull request has it twice.
  mutable nlohmann::json repository_object = nullptr;

  /// ".../repos/owner/name" of the API, and of the web.
  std::string api() const { return call.addresses.api + "/repos/" + repository.full_name(); }
  std::string web() const { return call.addresses.origin + "/" + repository.full_name(); }
};

/// Of a login; one whose account is gone is "ghost".
nlohmann::json user_json(const std::string& login, const ApiCall& call);
nlohmann::json label_json(const Label& label, const RepositoryView& view);
nlohmann::json milestone_json(const Milestone& milestone, const RepositoryView& view);
nlohmann::json issue_json(const Issue& issue, const RepositoryView& view);
nlohmann::json comment_json(const IssueComment& comment, const RepositoryView& view);
nlohmann::json commit_comment_json(const CommitComment& comment, const RepositoryView& view);
nlohmann::json event_json(const Event& event, const Issue& issue, const RepositoryView& view);
nlohmann::json reaction_json(const Reaction& reaction, const RepositoryView& view);
/// As lists have it; `detail` has what only the single object says.
nlohmann::json pull_request_json(const Issue& issue, const RepositoryView& view, RepositoryDetail detail);
nlohmann::json review_json(const Review& review, const Issue& issue, const RepositoryView& view);
nlohmann::json review_comment_json(const ReviewComment& comment, const RepositoryView& view);
nlohmann::json pull_commit_json(const PullCommit& commit, const RepositoryView& view);

}  // namespace hubkeep::sim
