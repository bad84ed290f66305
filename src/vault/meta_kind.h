// What GitHub knows of a repository beside its contents is kept as documents: one for each
// thing, as GitHub sent it. One table says which kinds of things there are. docs/storage-format.md,
// "parts.meta".
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "vault/content_kinds.h"

namespace hubkeep {

enum class MetaKind {
  repository,
  issue,  // a pull request is one, too
  comment,
  issue_graph,  // what GraphQL alone says of an issue
  pull_request,
  review_comment,
  comment_graph,  // of any comment or review that was edited or reacted to
  label,
  milestone,
  commit_comment,
  discussion,
  hook,
  deploy_key,
  collaborator,
  team,
  invitation,
  autolink,
  environment,
  variable,
  secret,  // its name
  ruleset,
  branch_protection,
  property_values,
  pages,
  interaction_limits,
  security_advisory,
};

struct MetaKindRow {
  MetaKind kind;
  std::string_view name;  // in documents and states
  ContentKind group;      // with which a user chooses it
};

/// All of them, in the order in which they are worth most to people.
std::span<const MetaKindRow> meta_kinds();
/// "pull_request"
std::string_view to_string(MetaKind kind);
ContentKind group_of(MetaKind kind);
/// Nothing for a kind that this version does not know.
std::optional<MetaKind> find_meta_kind(std::string_view name);

}  // namespace hubkeep
