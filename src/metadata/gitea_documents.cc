#include "metadata/gitea_documents.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::int64_t number_at(const Json& value, std::string_view name) {
  const Json& number = at(value, name);
  return number.is_number_integer() ? number.get<std::int64_t>() : 0;
}

// A time, or null.
Json time_at(const Json& value, std::string_view name) {
  const std::string time = text_at(value, name);
  return time.empty() ? Json() : Json(time);
}

std::int64_t id_of(const std::string& login, const AccountIds& ids) {
  const auto found = ids.find(login);
  return found == ids.end() ? 0 : found->second;
}

void learn_account(const Json& user, AccountIds& ids) {
  const std::string login = text_at(user, "login");
  if (const std::int64_t id = number_at(user, "id"); !login.empty() && id > 0) ids[login] = id;
}

// As GraphQL has them, and as Gitea does.
std::string reaction_named(const std::string& content) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kNames = {{{"THUMBS_UP", "+1"},
                                                                                    {"THUMBS_DOWN", "-1"},
                                                                                    {"LAUGH", "laugh"},
                                                                                    {"HOORAY", "hooray"},
                                                                                    {"CONFUSED", "confused"},
                                                                                    {"HEART", "heart"},
                                                                                    {"ROCKET", "rocket"},
                                                                                    {"EYES", "eyes"}}};
  for (const auto& [graphql, name] : kNames)
    if (graphql == content) return std::string(name);
  return to_lower(content);
}

// Of a node of GraphQL: REST has numbers of them alone, and Gitea wants people.
Json reactions_of(const Json& node, const AccountIds& ids) {
  Json all = Json::array();
  for (const Json& each : at(at(node, "reactions"), "nodes")) {
    const std::string login = login_at(each, "user");
    all.push_back({{"user_id", id_of(login, ids)},
                   {"user_name", login},
                   {"content", reaction_named(text_at(each, "content"))}});
  }
  return all;
}

// GitHub has it without, Gitea takes both.
Json label_of(const Json& label) {
  return {{"name", text_at(label, "name")},
          {"color", text_at(label, "color")},
          {"description", text_at(label, "description")}};
}

Json labels_of(const Json& issue) {
  Json all = Json::array();
  for (const Json& label : at(issue, "labels"))
    all.push_back(label.is_string() ? Json{{"name", label}} : label_of(label));
  return all;
}

// What issues and pull requests have both.
Json item_of(const Conversation& conversation, const AccountIds& ids) {
  const Json& issue = conversation.document;
  Json assignees = Json::array();
  for (const std::string& login : conversation.assignees) assignees.push_back(login);
  return {{"number", conversation.item.number},
          {"poster_id", number_at(at(issue, "user"), "id")},
          {"poster_name", conversation.item.author},
          {"poster_email", ""},
          {"title", conversation.item.title},
          {"content", text_at(issue, "body")},
          {"milestone", conversation.milestone},
          {"state", text_at(issue, "state") == "open" ? "open" : "closed"},
          {"is_locked", is_true(issue, "locked")},
          {"created", text_at(issue, "created_at")},
          {"updated", text_at(issue, "updated_at")},
          {"closed", time_at(issue, "closed_at")},
          {"labels", labels_of(issue)},
          {"reactions", reactions_of(conversation.graph, ids)},
          {"assignees", assignees}};
}

Json comment_of(const ConversationEntry& entry, std::int64_t number, const AccountIds& ids) {
  const Json& comment = entry.document;
  return {{"issue_index", number},
          {"comment_type", "comment"},
          {"poster_id", number_at(at(comment, "user"), "id")},
          {"poster_name", entry.author},
          {"poster_email", ""},
          {"created", entry.at},
          {"updated", text_at(comment, "updated_at")},
          {"content", entry.text},
          {"reactions", reactions_of(entry.graph, ids)}};
}

// Of what was done, Gitea takes this in such a file. Null for all else.
Json event_of(const ConversationEntry& entry, std::int64_t number, const AccountIds& ids) {
  const std::string type = text_at(entry.document, "__typename");
  const std::string_view word = type == "ClosedEvent"         ? "close"
                                : type == "ReopenedEvent"     ? "reopen"
                                : type == "RenamedTitleEvent" ? "change_title"
                                                              : "";
  if (word.empty()) return {};
  Json event = {
      {"issue_index", number},       {"comment_type", word}, {"poster_id", id_of(entry.author, ids)},
      {"poster_name", entry.author}, {"poster_email", ""},   {"created", entry.at},
      {"updated", entry.at},         {"content", ""}};
  if (word == "change_title")
    event["meta"] = {{"OldTitle", text_at(entry.document, "previousTitle")},
                     {"NewTitle", text_at(entry.document, "currentTitle")}};
  return event;
}

// Gitea hides what it does not know, and knows no dismissed ones.
std::string review_state(const std::string& state) {
  if (state == "approved") return "APPROVED";
  if (state == "changes_requested") return "CHANGES_REQUESTED";
  return state == "pending" ? "PENDING" : "COMMENTED";
}

Json review_of(const ConversationEntry& entry, std::int64_t number, const AccountIds& ids) {
  std::int64_t id = 0;
  std::from_chars(entry.id.data(), entry.id.data() + entry.id.size(), id);
  return {{"id", id},
          {"issue_index", number},
          {"reviewer_id", id_of(entry.author, ids)},
          {"reviewer_name", entry.author},
          {"official", false},
          {"commit_id", text_at(at(entry.document, "commit"), "oid")},
          {"content", entry.text},
          {"created_at", entry.at},
          {"state", review_state(entry.state)},
          {"comments", Json::array()}};
}

// Below zero is a line of what was there before. One that the newest commits have no longer is that of the
// commit that it was written to.
Json review_comment_of(const ConversationEntry& entry, const AccountIds& ids) {
  const Json& comment = entry.document;
  const bool is_outdated = !at(comment, "line").is_number();
  const std::int64_t line = number_at(comment, is_outdated ? "original_line" : "line");
  return {{"id", number_at(comment, "id")},
          {"in_reply_to", number_at(comment, "in_reply_to_id")},
          {"content", entry.text},
          {"tree_path", text_at(comment, "path")},
          {"diff_hunk", text_at(comment, "diff_hunk")},
          {"position", number_at(comment, "position")},
          {"line", text_at(comment, "side") == "LEFT" ? -line : line},
          {"commit_id", text_at(comment, is_outdated ? "original_commit_id" : "commit_id")},
          {"poster_id", number_at(at(comment, "user"), "id")},
          {"reactions", reactions_of(entry.graph, ids)},
          {"created_at", entry.at},
          {"updated_at", text_at(comment, "updated_at")}};
}

}  // namespace

void learn_accounts(const Json& document, AccountIds& ids) {
  learn_account(at(document, "user"), ids);
  for (const Json& assignee : at(document, "assignees")) learn_account(assignee, ids);
}

Json gitea_issue(const Conversation& conversation, const AccountIds& ids) {
  Json issue = item_of(conversation, ids);
  issue["ref"] = "";
  return issue;
}

Json gitea_pull_request(const Conversation& conversation, const std::string& repository,
                        const GiteaHead& head, const AccountIds& ids) {
  const Json& graph = conversation.graph;
  const std::string merged_at = text_at(at(conversation.document, "pull_request"), "merged_at");
  const auto slash = repository.find('/');
  const auto branch = [&](const std::string& ref, const std::string& oid) {
    return Json{{"clone_url", ""},
                {"ref", ref},
                {"sha", oid},
                {"repo_name", repository.substr(slash + 1)},
                {"owner_name", repository.substr(0, slash)}};
  };
  Json pull = item_of(conversation, ids);
  pull["patch_url"] = kGiteaPatch;
  pull["merged"] = !merged_at.empty();
  pull["merged_time"] = merged_at.empty() ? Json() : Json(merged_at);
  pull["merge_commit_sha"] = merged_at.empty() ? "" : text_at(at(graph, "mergeCommit"), "oid");
  pull["head"] = branch(head.branch, head.oid);
  pull["base"] = branch(text_at(graph, "baseRefName"), text_at(graph, "baseRefOid"));
  return pull;
}

Json gitea_comments(const Conversation& conversation, const AccountIds& ids) {
  Json all = Json::array();
  for (std::size_t i = 1; i < conversation.entries.size(); ++i) {
    const ConversationEntry& entry = conversation.entries[i];
    if (entry.gone) continue;
    if (entry.kind == EntryKind::text) all.push_back(comment_of(entry, conversation.item.number, ids));
    if (entry.kind != EntryKind::event) continue;
    if (Json event = event_of(entry, conversation.item.number, ids); !event.is_null())
      all.push_back(std::move(event));
  }
  return all;
}

Json gitea_reviews(const Conversation& conversation, const AccountIds& ids) {
  Json all = Json::array();
  std::map<std::string, std::size_t> place;
  for (const ConversationEntry& entry : conversation.entries)
    if (entry.kind == EntryKind::review) {
      place.emplace(entry.id, all.size());
      all.push_back(review_of(entry, conversation.item.number, ids));
    }
  for (const ConversationEntry& entry : conversation.entries) {
    if (entry.kind != EntryKind::review_comment || entry.gone) continue;
    const std::string review = text_at(entry.document, "pull_request_review_id");
    const auto [found, is_new] = place.emplace(review, all.size());
    // The vault may have comments of a review that it does not have.
    if (is_new) {
      ConversationEntry made{.kind = EntryKind::review, .id = review, .author = entry.author, .at = entry.at};
      made.state = "commented";
      all.push_back(review_of(made, conversation.item.number, ids));
    }
    all[found->second]["comments"].push_back(review_comment_of(entry, ids));
  }
  return all;
}

Json gitea_label(const Json& label) {
  return label_of(label);
}

Json gitea_milestone(const Json& milestone) {
  return {{"title", text_at(milestone, "title")},
          {"description", text_at(milestone, "description")},
          {"deadline", time_at(milestone, "due_on")},
          {"created", text_at(milestone, "created_at")},
          {"updated", time_at(milestone, "updated_at")},
          {"closed", time_at(milestone, "closed_at")},
          {"state", text_at(milestone, "state") == "open" ? "open" : "closed"}};
}

Json gitea_release(const Json& release) {
  const std::string published = text_at(release, "published_at");
  return {{"tag_name", text_at(release, "tag_name")},
          {"target_commitish", text_at(release, "target_commitish")},
          {"name", text_at(release, "name")},
          {"body", text_at(release, "body")},
          {"draft", is_true(release, "draft")},
          {"prerelease", is_true(release, "prerelease")},
          {"publisher_id", number_at(at(release, "author"), "id")},
          {"publisher_name", login_at(release, "author")},
          {"publisher_email", ""},
          {"assets", Json::array()},
          {"created", text_at(release, "created_at")},
          {"published", published.empty() ? text_at(release, "created_at") : published}};
}

Json gitea_asset(const Json& asset, const std::string& file) {
  return {{"id", number_at(asset, "id")},
          {"name", text_at(asset, "name")},
          {"content_type", text_at(asset, "content_type")},
          {"size", number_at(asset, "size")},
          {"download_count", number_at(asset, "download_count")},
          {"created", text_at(asset, "created_at")},
          {"updated", text_at(asset, "updated_at")},
          {"download_url", file}};
}

}  // namespace hubkeep
