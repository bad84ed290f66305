#include "backup/listing_of.h"

#include <nlohmann/json.hpp>

#include "vault/json_fields.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

void take_over(const Listing& listing, Repository& repository) {
  repository.full_name = listing.full_name;
  repository.visibility = listing.visibility;
  repository.is_archived = listing.is_archived.value_or(false);
  repository.is_fork = listing.is_fork.value_or(false);
  repository.default_branch = listing.default_branch;
  repository.pushed_at = listing.pushed_at.value_or("");
  repository.clone_url = listing.clone_url;
  repository.has_wiki = listing.has_wiki;
  repository.has_issues = listing.has_issues;
  repository.updated_at = listing.updated_at;
  repository.releases = listing.releases;
  repository.probe = listing.probe;
  repository.comments = listing.comments;
  repository.listed_at = listing.listed_at;
}

}  // namespace

Listing listing_of(const Repository& repository) {
  return {.full_name = repository.full_name,
          .visibility = repository.visibility,
          .is_archived = repository.is_archived,
          .is_fork = repository.is_fork,
          .default_branch = repository.default_branch,
          .pushed_at = repository.pushed_at,
          .clone_url = repository.clone_url,
          .listed_at = repository.listed_at,
          .has_wiki = repository.has_wiki,
          .has_issues = repository.has_issues,
          .updated_at = repository.updated_at,
          .comments = repository.comments,
          .releases = repository.releases,
          .probe = repository.probe};
}

SubjectId subject_of(const Repository& repository) {
  return repository.is_gist ? SubjectId::gist(repository.name) : SubjectId(repository.id);
}

Json to_json(const Repository& repository) {
  Json json = {{"id", repository.id},
               {"gist", repository.is_gist},
               {"node_id", repository.node_id},
               {"owner", repository.owner},
               {"owner_id", repository.owner_id},
               {"name", repository.name},
               {"private", repository.is_private},
               {"disabled", repository.is_disabled},
               {"size", repository.size}};
  json.update(to_json(listing_of(repository)));
  return json;
}

Repository repository_from_json(const Json& json) {
  Repository repository;
  repository.id = integer_from_json<std::int64_t>(json.at("id"));
  repository.is_gist = json.value("gist", false);
  repository.node_id = json.at("node_id");
  repository.owner = json.at("owner");
  repository.owner_id = integer_from_json<std::int64_t>(json.at("owner_id"));
  repository.name = json.at("name");
  repository.is_private = json.at("private");
  repository.is_disabled = json.at("disabled");
  repository.size = integer_from_json<ByteCount>(json.at("size"));
  take_over(listing_from_json(json), repository);
  if (repository.full_name.empty() || repository.clone_url.empty())
    throw Error(ErrorKind::corrupt, "a repository has no name, or no address");
  return repository;
}

}  // namespace hubkeep
