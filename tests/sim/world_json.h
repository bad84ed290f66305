// Worlds written down as JSON, for the ghsim program:
//
//   {"users": ["octo"], "organizations": [{"login": "corp", "members": ["octo"],
//      "owners": ["octo"]}],
//    "apps": [{"id": 12, "client_id": "Iv23x", "slug": "keeper", "owner": "octo", "public_key": "-----BEGIN
//    …",
//      "installations": [{"account": "corp", "repositories": ["corp/tool"], "suspended": false}]}],
//    "tokens": [{"value": "ghp_x", "login": "octo", "kind": "classic", "repositories": ["octo/site"],
//      "scopes": ["repo"], "permissions": {"issues": "read"}}],
//    "gists": [{"owner": "octo", "id": "…", "description": "Notes", "public": true, "files": {"a": "text"},
//      "comments": [{"user": "octo", "body": "Yes"}], "starred_by": ["octo"]}],
//    "repositories": [{"owner": "octo", "name": "site", "private": true, "content": {"seed": 1, "commits":
//    9}}]}
//
// A repository's fields: id, owner, name, description, private, fork, archived, disabled, has_wiki, size_kb,
// pushed_at, updated_at, created_at, default_branch, object_format ("sha1", "sha256"), collaborators,
// block ("none", "tos", "dmca"), fork_of ("owner/name", named before it; they share LFS objects), clone_url,
// path (a bare repository; relative to the world's root, created
// where it is missing; else "owner/name.git"), and what to do once: content {seed, commits, files}, history
// (see histories.h), wiki (as content), lfs (objects to add: see lfs_json.h), pushed, starred_by [login],
// releases
// [{tag, name, body, draft, prerelease, assets [{name, content}]}], busy {issues, pull_requests, comments,
// reviews, review_comments, events, discussions, seed}, samples (true: one of each kind, see
// sample_things.h).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/world.h"

namespace hubkeep::sim {

/// Throws Error(invalid) for a document that says something else than the above.
void load_world(const nlohmann::json& document, World& world);
RepositoryId add_repository(const nlohmann::json& fields, World& world);
/// Owner and name that differ from what they are mean a transfer and a rename.
void change_repository(RepositoryId id, const nlohmann::json& fields, World& world);
/// The form that add_repository reads, with "path" absolute.
nlohmann::json repository_fields(const Repository& repository);

}  // namespace hubkeep::sim
