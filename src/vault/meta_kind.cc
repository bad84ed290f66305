#include "vault/meta_kind.h"

#include <algorithm>
#include <array>

namespace hubkeep {
namespace {

constexpr std::array kRows = {
    MetaKindRow{MetaKind::repository, "repository", ContentKind::settings},
    MetaKindRow{MetaKind::issue, "issue", ContentKind::issues},
    MetaKindRow{MetaKind::comment, "comment", ContentKind::issues},
    MetaKindRow{MetaKind::pull_request, "pull_request", ContentKind::issues},
    MetaKindRow{MetaKind::review_comment, "review_comment", ContentKind::issues},
    MetaKindRow{MetaKind::issue_graph, "issue_graph", ContentKind::issues},
    MetaKindRow{MetaKind::comment_graph, "comment_graph", ContentKind::issues},
    MetaKindRow{MetaKind::label, "label", ContentKind::issues},
    MetaKindRow{MetaKind::milestone, "milestone", ContentKind::issues},
    MetaKindRow{MetaKind::commit_comment, "commit_comment", ContentKind::issues},
    MetaKindRow{MetaKind::discussion, "discussion", ContentKind::discussions},
    MetaKindRow{MetaKind::hook, "hook", ContentKind::settings},
    MetaKindRow{MetaKind::deploy_key, "deploy_key", ContentKind::settings},
    MetaKindRow{MetaKind::collaborator, "collaborator", ContentKind::settings},
    MetaKindRow{MetaKind::team, "team", ContentKind::settings},
    MetaKindRow{MetaKind::invitation, "invitation", ContentKind::settings},
    MetaKindRow{MetaKind::autolink, "autolink", ContentKind::settings},
    MetaKindRow{MetaKind::environment, "environment", ContentKind::settings},
    MetaKindRow{MetaKind::variable, "variable", ContentKind::settings},
    MetaKindRow{MetaKind::secret, "secret", ContentKind::settings},
    MetaKindRow{MetaKind::ruleset, "ruleset", ContentKind::settings},
    MetaKindRow{MetaKind::branch_protection, "branch_protection", ContentKind::settings},
    MetaKindRow{MetaKind::property_values, "property_values", ContentKind::settings},
    MetaKindRow{MetaKind::pages, "pages", ContentKind::settings},
    MetaKindRow{MetaKind::interaction_limits, "interaction_limits", ContentKind::settings},
    MetaKindRow{MetaKind::security_advisory, "security_advisory", ContentKind::settings},
};

const MetaKindRow& row_of(MetaKind kind) {
  return *std::find_if(kRows.begin(), kRows.end(), [&](const MetaKindRow& row) { return row.kind == kind; });
}

}  // namespace

std::span<const MetaKindRow> meta_kinds() {
  return kRows;
}

std::string_view to_string(MetaKind kind) {
  return row_of(kind).name;
}

ContentKind group_of(MetaKind kind) {
  return row_of(kind).group;
}

std::optional<MetaKind> find_meta_kind(std::string_view name) {
  const auto found =
      std::find_if(kRows.begin(), kRows.end(), [&](const MetaKindRow& row) { return row.name == name; });
  return found == kRows.end() ? std::nullopt : std::optional(found->kind);
}

}  // namespace hubkeep
