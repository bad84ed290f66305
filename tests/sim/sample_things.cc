#include "sim/sample_things.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

void add_people(World& world) {
  for (const char* login : {"ann", "ben"}) {
    if (!world.find_account(login)) world.add_user(login);
  }
}

Issue written_by(const std::string& author, const std::string& title, const std::string& body) {
  Issue issue;
  issue.title = title;
  issue.post.author = author;
  issue.post.body = body;
  return issue;
}

void add_discussion_samples(Metadata& metadata, RepositoryId id) {
  metadata.change(id, [](RepositoryMetadata& all) { all.settings.has_discussions = true; });
  Discussion discussion;
  discussion.title = "How?";
  discussion.post.author = "ann";
  discussion.post.body = "So?";
  discussion.category = metadata.add_category(id, {.name = "Q&A", .slug = "q-a", .is_answerable = true});
  discussion.poll = Poll{.question = "Which?", .options = {{.text = "This"}, {.text = "That"}}};
  const Place place{id, metadata.add_discussion(id, std::move(discussion))};
  const CommentId comment = metadata.add_discussion_comment(place, "ben", "So.");
  metadata.add_discussion_comment(place, "ann", "Thanks", comment);
  metadata.mark_answer(place, "ann", comment);
  metadata.upvote(place, "ben");
}

json time_of(const World& world) {
  return format_time(world.now());
}

constexpr const char* kPublicKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefgh";

}  // namespace

Place add_conversation_samples(World& world, RepositoryId id) {
  add_people(world);
  Metadata& metadata = world.metadata();
  const auto label = metadata.add_label(id, {.name = "bug", .color = "d73a4a", .description = "It fails"});
  const auto milestone =
      metadata.add_milestone(id, {.title = "1.0", .creator = "ann", .due_on = world.now()});
  const Place first{id, metadata.add_issue(id, written_by("ann", "It fails", "Always"))};
  const Place second{id, metadata.add_issue(id, written_by("ben", "It fails too", "As #1 does"))};
  metadata.add_label_to(first, "ben", label);
  metadata.set_milestone(first, "ben", milestone);
  metadata.assign(first, "ben", "ann");
  metadata.rename(first, "ben", "It always fails");
  metadata.edit_body(first, "ann", "Always, here");
  metadata.add_sub_issue(first, "ann", second);
  metadata.add_dependency(first, "ann", second);
  const CommentId comment = metadata.add_comment(first, "ben", "Yes");
  metadata.edit_comment(id, comment, "ben", "Yes, it does");
  metadata.react(node_id("IC", comment), "ann", "+1");
  metadata.remove_comment(id, metadata.add_comment(first, "ben", "Spam"), "ann");
  metadata.lock(second, "ann");
  metadata.close(second, "ann", "not_planned");

  const std::string oid(40, 'a');
  PullRequest change{.base_oid = std::string(40, 'b'),
                     .head_ref = "topic",
                     .head_oid = oid,
                     .additions = 1,
                     .changed_files = 1,
                     .commits = {{oid, "Change it", "ben", world.now()}}};
  const Place pull{id, metadata.add_pull_request(id, written_by("ben", "Change it", "See #1"), change)};
  metadata.request_review(pull, "ben", "ann");
  const auto review = metadata.add_review(pull, "ann", "CHANGES_REQUESTED", "Not so");
  const CommentId opening = metadata.add_thread(pull, review, {.path = "a.txt", .line = 3}, "Why?");
  const auto thread = metadata.read(
      id, [&](const RepositoryMetadata& all) { return all.review_comments.at(opening).thread; });
  metadata.reply_to_thread(pull, thread, "ben", "Because");
  metadata.resolve_thread(pull, thread, "ann");
  metadata.dismiss_review(pull, review, "ann");
  metadata.merge(pull, "ann");

  CommitComment on_commit;
  on_commit.commit = oid;
  on_commit.path = "a.txt";
  on_commit.line = 1;
  on_commit.post.author = "ann";
  on_commit.post.body = "Good";
  metadata.add_commit_comment(id, std::move(on_commit));
  add_discussion_samples(metadata, id);
  const ProjectId project =
      metadata.add_project({.owner = world.repository(id).owner, .title = "Plan", .repositories = {id}});
  metadata.add_project_item(project, {.content = first});
  metadata.add_project_item(project, {.draft_title = "Think", .draft_body = "More"});
  return pull;
}

void add_settings_samples(World& world, RepositoryId id) {
  add_people(world);
  Metadata& metadata = world.metadata();
  const json now = time_of(world);
  metadata.change(id, [](RepositoryMetadata& all) {
    all.settings.topics = {"backup", "git"};
    all.settings.properties = {{"tier", "gold"}};
  });
  metadata.add_setting(
      id, "hook", "",
      {{"type", "Repository"},
       {"name", "web"},
       {"active", true},
       {"events", {"push"}},
       {"config", {{"content_type", "json"}, {"insecure_ssl", "0"}, {"url", "https://hook.example.org/"}}},
       {"created_at", now},
       {"updated_at", now},
       {"url", "{api}/hooks/1"},
       {"test_url", "{api}/hooks/1/test"},
       {"ping_url", "{api}/hooks/1/pings"},
       {"deliveries_url", "{api}/hooks/1/deliveries"},
       {"last_response", {{"code", nullptr}, {"status", "unused"}, {"message", nullptr}}}});
  metadata.add_setting(id, "deploy_key", "",
                       {{"key", kPublicKey},
                        {"url", "{api}/keys/1"},
                        {"title", "deploy"},
                        {"verified", true},
                        {"created_at", now},
                        {"read_only", true},
                        {"added_by", "ann"},
                        {"last_used", nullptr}});
  metadata.add_setting(id, "invitation", "",
                       {{"invitee", "ben"},
                        {"inviter", "ann"},
                        {"permissions", "write"},
                        {"created_at", now},
                        {"expired", false},
                        {"url", "{api}/invitations/1"},
                        {"html_url", "{api}/invitations"}});
  metadata.add_setting(id, "autolink", "",
                       {{"key_prefix", "TICKET-"},
                        {"url_template", "https://tickets.example.org/<num>"},
                        {"is_alphanumeric", false}});
  metadata.add_setting(
      id, "environment", "production",
      {{"id", 1},
       {"node_id", "EN_kwDO00000001"},
       {"name", "production"},
       {"url", "{api}/environments/production"},
       {"html_url", "{api}/environments"},
       {"created_at", now},
       {"updated_at", now},
       {"protection_rules",
        {{{"id", 1}, {"node_id", "GA_kwDO00000001"}, {"type", "wait_timer"}, {"wait_timer", 30}}}},
       {"deployment_branch_policy", nullptr}});
  metadata.add_setting(id, "variable", "LEVEL",
                       {{"name", "LEVEL"}, {"value", "high"}, {"created_at", now}, {"updated_at", now}});
  metadata.add_setting(id, "secret", "TOKEN", {{"name", "TOKEN"}, {"created_at", now}, {"updated_at", now}});
  metadata.add_setting(
      id, "ruleset", "",
      {{"name", "main"},
       {"target", "branch"},
       {"source_type", "Repository"},
       {"source", "here"},
       {"enforcement", "active"},
       {"created_at", now},
       {"updated_at", now},
       {"conditions", {{"ref_name", {{"include", {"~DEFAULT_BRANCH"}}, {"exclude", json::array()}}}}},
       {"bypass_actors", json::array()},
       {"rules", {{{"type", "deletion"}}, {{"type", "non_fast_forward"}}}}});
  metadata.add_setting(id, "branch_protection", "main",
                       {{"id", 1},
                        {"pattern", "main"},
                        {"requiresApprovingReviews", true},
                        {"requiredApprovingReviewCount", 2},
                        {"allowsForcePushes", false},
                        {"isAdminEnforced", true}});
  for (const char* state : {"published", "draft"}) {
    const std::string ghsa = std::string(state) == "draft" ? "GHSA-2222-2222-2222" : "GHSA-3333-3333-3333";
    metadata.add_setting(id, "security_advisory", ghsa,
                         {{"ghsa_id", ghsa},
                          {"cve_id", nullptr},
                          {"url", "{api}/security-advisories/" + ghsa},
                          {"html_url", "{api}/security/advisories/" + ghsa},
                          {"summary", "It leaks"},
                          {"description", "Everywhere"},
                          {"severity", "high"},
                          {"author", "ann"},
                          {"publisher", "ann"},
                          {"identifiers", {{{"type", "GHSA"}, {"value", ghsa}}}},
                          {"state", state},
                          {"created_at", now},
                          {"updated_at", now},
                          {"published_at", state == std::string("draft") ? json(nullptr) : now},
                          {"closed_at", nullptr},
                          {"withdrawn_at", nullptr},
                          {"submission", nullptr},
                          {"vulnerabilities", json::array()},
                          {"cvss", nullptr},
                          {"cwes", json::array()},
                          {"cwe_ids", json::array()},
                          {"credits", json::array()},
                          {"credits_detailed", json::array()},
                          {"collaborating_users", json::array()},
                          {"collaborating_teams", json::array()},
                          {"private_fork", nullptr}});
  }
  metadata.add_setting(id, "pages", "-",
                       {{"url", "{api}/pages"},
                        {"status", "built"},
                        {"cname", nullptr},
                        {"custom_404", false},
                        {"public", true},
                        {"html_url", "https://site.example.org/"},
                        {"build_type", "legacy"},
                        {"source", {{"branch", "main"}, {"path", "/"}}}});
  metadata.add_setting(id, "interaction_limits", "-",
                       {{"limit", "contributors_only"}, {"origin", "repository"}, {"expires_at", now}});
}

void add_organization_samples(World& world, const std::string& organization, RepositoryId id) {
  Metadata& metadata = world.metadata();
  const json now = time_of(world);
  metadata.change_account(organization,
                          [](AccountSettings& all) { all.profile = {{"description", "All of us"}}; });
  metadata.add_team(organization, {.name = "Everyone", .repositories = {{id, "pull"}}});
  metadata.add_team(organization, {.name = "Keepers",
                                   .description = "They keep",
                                   .parent = "everyone",
                                   .members = {{"ann", "maintainer"}},
                                   .repositories = {{id, "push"}}});
  metadata.add_issue_type(organization, {.name = "Bug", .description = "It fails", .color = "red"});
  metadata.add_account_setting(organization, "hook", "",
                               {{"url", "{api}/hooks/1"},
                                {"ping_url", "{api}/hooks/1/pings"},
                                {"deliveries_url", "{api}/hooks/1/deliveries"},
                                {"name", "web"},
                                {"type", "Organization"},
                                {"events", {"push"}},
                                {"active", true},
                                {"config", {{"url", "https://hook.example.org/"}, {"content_type", "json"}}},
                                {"created_at", now},
                                {"updated_at", now}});
  metadata.add_account_setting(organization, "ruleset", "",
                               {{"name", "all"},
                                {"target", "branch"},
                                {"source_type", "Organization"},
                                {"source", organization},
                                {"enforcement", "evaluate"},
                                {"created_at", now},
                                {"updated_at", now}});
  metadata.add_account_setting(organization, "property", "tier",
                               {{"property_name", "tier"},
                                {"url", "{api}/properties/schema/tier"},
                                {"source_type", "organization"},
                                {"value_type", "single_select"},
                                {"required", false},
                                {"default_value", nullptr},
                                {"description", "How much it matters"},
                                {"allowed_values", {"gold", "silver"}},
                                {"values_editable_by", "org_actors"}});
}

void add_user_samples(World& world, const std::string& user, RepositoryId id) {
  add_people(world);
  Metadata& metadata = world.metadata();
  const json now = time_of(world);
  metadata.change_account(user, [id](AccountSettings& all) {
    all.profile = {{"name", "Some One"}, {"bio", "Writes"}, {"company", "Corp"}, {"location", "Here"}};
    all.watched.insert(id);
  });
  metadata.follow("ann", user);
  metadata.follow(user, "ben");
  metadata.add_account_setting(user, "key", "", {{"key", kPublicKey}, {"created_at", now}});
  metadata.add_account_setting(user, "ssh_signing_key", "",
                               {{"key", kPublicKey}, {"title", "signs"}, {"created_at", now}});
  metadata.add_account_setting(user, "gpg_key", "",
                               {{"primary_key_id", nullptr},
                                {"key_id", "3262EFF25BA0D270"},
                                {"public_key", "xsBNBF"},
                                {"emails", {{{"email", "one@example.org"}, {"verified", true}}}},
                                {"subkeys", json::array()},
                                {"can_sign", true},
                                {"can_encrypt_comms", false},
                                {"can_encrypt_storage", false},
                                {"can_certify", true},
                                {"created_at", now},
                                {"expires_at", nullptr},
                                {"revoked", false},
                                {"raw_key", nullptr}});
}

}  // namespace hubkeep::sim
