#include "metadata/conversation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "metadata/events.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

struct ReactionName {
  std::string_view rest;
  std::string_view graphql;
};
constexpr std::array kReactions = {
    ReactionName{"+1", "THUMBS_UP"},  ReactionName{"-1", "THUMBS_DOWN"},    ReactionName{"laugh", "LAUGH"},
    ReactionName{"hooray", "HOORAY"}, ReactionName{"confused", "CONFUSED"}, ReactionName{"heart", "HEART"},
    ReactionName{"rocket", "ROCKET"}, ReactionName{"eyes", "EYES"},
};

std::int64_t number_from(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::uint64_t count_at(const Json& value, std::string_view name) {
  const Json& count = at(value, name);
  return count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
}

// REST's {"+1": 2, …}, or GraphQL's [{"content": "THUMBS_UP", "reactors": {"totalCount": 2}}, …].
std::vector<Reaction> reactions_of(const Json& document) {
  std::vector<Reaction> all;
  const Json& groups = at(document, "reactionGroups");
  for (const ReactionName& name : kReactions) {
    std::uint64_t count = count_at(at(document, "reactions"), name.rest);
    if (groups.is_array())
      for (const Json& group : groups)
        if (text_at(group, "content") == name.graphql) count = count_at(at(group, "reactors"), "totalCount");
    if (count > 0) all.push_back({std::string(name.rest), count});
  }
  return all;
}

std::vector<std::string> names_in(const Json& list, std::string_view member) {
  std::vector<std::string> names;
  if (!list.is_array()) return names;
  for (const Json& each : list)
    names.push_back(each.is_string() ? each.get<std::string>() : text_at(each, member));
  return names;
}

std::string state_of_issue(const Json& issue) {
  if (at(at(issue, "pull_request"), "merged_at").is_string()) return "merged";
  if (text_at(issue, "state") == "open" && is_true(issue, "draft")) return "draft";
  return text_at(issue, "state");
}

ItemSummary summary_of_issue(const Json& issue) {
  return {.kind = at(issue, "pull_request").is_object() ? ItemKind::pull_request : ItemKind::issue,
          .number = number_from(text_at(issue, "number")),
          .title = text_at(issue, "title"),
          .state = state_of_issue(issue),
          .author = login_at(issue, "user"),
          .created_at = text_at(issue, "created_at"),
          .updated_at = text_at(issue, "updated_at"),
          .comments = count_at(issue, "comments"),
          .labels = names_in(at(issue, "labels"), "name"),
          .gone = {}};
}

ItemSummary summary_of_discussion(const Json& discussion) {
  const bool is_closed = is_true(discussion, "closed");
  const bool is_answered = is_true(discussion, "isAnswered");
  return {.kind = ItemKind::discussion,
          .number = number_from(text_at(discussion, "number")),
          .title = text_at(discussion, "title"),
          .state = is_answered ? "answered"
                   : is_closed ? "closed"
                               : "open",
          .author = login_at(discussion, "author"),
          .created_at = text_at(discussion, "createdAt"),
          .updated_at = text_at(discussion, "updatedAt"),
          .comments = count_at(at(discussion, "comments"), "totalCount"),
          .labels = names_in(at(at(discussion, "labels"), "nodes"), "name"),
          .gone = {}};
}

// What the vault has of one number.
struct Documents {
  Json issue;
  Json graph;  // of an issue or a pull request
  Json discussion;
  std::vector<Json> comments;
  std::vector<Json> review_comments;
  std::map<std::string, Json> comment_graphs;    // see name_of_node()
  std::map<std::string, UtcTime> gone_comments;  // by kind and id
  std::optional<UtcTime> gone;                   // the item itself
};

const std::set<std::string, std::less<>>& kinds_of_conversations() {
  static const std::set<std::string, std::less<>> kinds = {
      "issue", "issue_graph", "pull_request", "discussion", "comment", "review_comment", "comment_graph"};
  return kinds;
}

// "IssueComment 12": an id is unique in its type.
std::string name_of_node(const Json& node) {
  const std::string id = text_at(node, "fullDatabaseId");
  return text_at(node, "__typename") + ' ' + (id.empty() ? text_at(node, "databaseId") : id);
}

void add(Documents& read, const MetaLine& line) {
  Json document = parse_ordered_json(line.document, kLargestDocument);
  const bool is_comment = line.kind == "comment" || line.kind == "review_comment";
  if (line.gone && is_comment) read.gone_comments.emplace(std::string(line.kind) + line.id, *line.gone);
  if ((line.kind == "issue" || line.kind == "discussion") && line.gone) read.gone = line.gone;
  if (line.kind == "issue") read.issue = std::move(document);
  if (line.kind == "issue_graph" || line.kind == "pull_request") read.graph = std::move(document);
  if (line.kind == "discussion") read.discussion = std::move(document);
  if (line.kind == "comment") read.comments.push_back(std::move(document));
  if (line.kind == "review_comment") read.review_comments.push_back(std::move(document));
  if (line.kind == "comment_graph") {
    const std::string name = name_of_node(document);
    read.comment_graphs.insert_or_assign(name, std::move(document));
  }
}

Documents read_documents(const MetaDocuments& documents, std::int64_t number) {
  Documents read;
  documents.visit({.kinds = kinds_of_conversations(), .number = std::to_string(number)},
                  [&](const MetaLine& line) { add(read, line); });
  return read;
}

// Of REST's documents, which do not say that they were edited.
std::string edited_at(const Json& document) {
  const std::string updated = text_at(document, "updated_at");
  return updated == text_at(document, "created_at") ? "" : updated;
}

ConversationEntry entry_of_rest(const Json& document) {
  ConversationEntry entry{.id = text_at(document, "id"),
                          .author = login_at(document, "user"),
                          .at = text_at(document, "created_at"),
                          .text = text_at(document, "body"),
                          .edited_at = edited_at(document),
                          .reactions = reactions_of(document)};
  entry.document = document;
  return entry;
}

ConversationEntry entry_of_graph(const Json& node) {
  ConversationEntry entry{
      .id = text_at(node, "databaseId"),
      .author = login_at(node, "author"),
      .at = text_at(node, "createdAt"),
      .text = text_at(node, "body"),
      .edited_at = text_at(node, "lastEditedAt"),
      .hidden_because = is_true(node, "isMinimized") ? text_at(node, "minimizedReason") : "",
      .reactions = reactions_of(node)};
  if (entry.id.empty()) entry.id = text_at(node, "fullDatabaseId");
  entry.document = node;
  return entry;
}

// That nobody needs to be told of.
bool is_noise(const Json& event) {
  const std::string type = text_at(event, "__typename");
  return type == "MentionedEvent" || type == "SubscribedEvent" || type == "UnsubscribedEvent";
}

class Assembly {
 public:
  Assembly(Documents documents, Conversation& conversation)
      : documents_(std::move(documents)), out_(conversation) {}

  void run() {
    if (documents_.discussion.is_object())
      take_discussion();
    else
      take_issue();
    out_.item.gone = documents_.gone;
    put_in_order();
  }

 private:
  void take_issue() {
    const Json& issue = documents_.issue;
    out_.item = summary_of_issue(issue);
    out_.milestone = text_at(at(issue, "milestone"), "title");
    out_.assignees = names_in(at(issue, "assignees"), "login");
    ConversationEntry own = entry_of_rest(issue);
    own.edited_at = text_at(documents_.graph, "lastEditedAt");
    out_.entries.push_back(std::move(own));
    for (const Json& comment : documents_.comments) add_comment(comment);
    take_graph();
    out_.document = documents_.issue;
    out_.graph = documents_.graph;
  }

  void add_comment(const Json& comment) {
    ConversationEntry entry = entry_of_rest(comment);
    entry.gone = gone_since("comment", entry.id);
    add_graph("IssueComment", entry);
    out_.entries.push_back(std::move(entry));
  }

  void add_graph(const std::string& type, ConversationEntry& entry) const {
    const auto found = documents_.comment_graphs.find(type + ' ' + entry.id);
    if (found == documents_.comment_graphs.end()) return;
    entry.graph = found->second;
    if (is_true(entry.graph, "isMinimized")) entry.hidden_because = text_at(entry.graph, "minimizedReason");
  }

  std::optional<UtcTime> gone_since(const std::string& kind, const std::string& id) const {
    const auto found = documents_.gone_comments.find(kind + id);
    return found == documents_.gone_comments.end() ? std::nullopt : std::optional(found->second);
  }

  void take_graph() {
    const Json& graph = documents_.graph;
    if (out_.item.kind == ItemKind::pull_request && graph.is_object()) {
      const std::string owner = text_at(at(graph, "headRepositoryOwner"), "login");
      out_.head = (owner.empty() ? "" : owner + ":") + text_at(graph, "headRefName");
      out_.base = text_at(graph, "baseRefName");
      out_.merged_by = text_at(at(graph, "mergedBy"), "login");
    }
    for (const Json& review : at(at(graph, "reviews"), "nodes")) add_review(review);
    note_resolved(at(at(graph, "reviewThreads"), "nodes"));
    for (const Json& comment : documents_.review_comments) add_review_comment(comment);
    for (const Json& event : at(at(graph, "timelineItems"), "nodes"))
      if (!is_noise(event)) add_event(event);
  }

  void add_review(const Json& review) {
    ConversationEntry entry = entry_of_graph(review);
    entry.kind = EntryKind::review;
    entry.state = to_lower(text_at(review, "state"));
    if (const std::string submitted = text_at(review, "submittedAt"); !submitted.empty())
      entry.at = submitted;
    add_graph("PullRequestReview", entry);
    out_.entries.push_back(std::move(entry));
  }

  // A thread is known by the first of its comments, and names the last.
  void note_resolved(const Json& threads) {
    std::map<std::string, std::string> first_of;
    for (const Json& comment : documents_.review_comments) {
      const std::string id = text_at(comment, "id");
      const std::string first = text_at(comment, "in_reply_to_id");
      first_of[id] = first.empty() ? id : first;
    }
    for (const Json& thread : threads)
      for (const Json& last : at(at(thread, "comments"), "nodes"))
        if (is_true(thread, "isResolved")) resolved_[first_of[text_at(last, "fullDatabaseId")]] = true;
  }

  void add_review_comment(const Json& comment) {
    ConversationEntry entry = entry_of_rest(comment);
    entry.kind = EntryKind::review_comment;
    entry.path = text_at(comment, "path");
    entry.line = text_at(comment, "line");
    if (entry.line.empty()) entry.line = text_at(comment, "original_line");
    entry.diff = text_at(comment, "diff_hunk");
    entry.in_reply_to = text_at(comment, "in_reply_to_id");
    entry.is_resolved = resolved_.contains(entry.in_reply_to.empty() ? entry.id : entry.in_reply_to);
    entry.gone = gone_since("review_comment", entry.id);
    add_graph("PullRequestReviewComment", entry);
    out_.entries.push_back(std::move(entry));
  }

  void add_event(const Json& event) {
    ConversationEntry entry{.kind = EntryKind::event,
                            .id = text_at(event, "id"),
                            .author = login_at(event, "actor"),
                            .at = text_at(event, "createdAt"),
                            .text = describe_event(event)};
    entry.document = event;
    out_.entries.push_back(std::move(entry));
  }

  void take_discussion() {
    const Json& discussion = documents_.discussion;
    out_.item = summary_of_discussion(discussion);
    out_.entries.push_back(entry_of_graph(discussion));
    const std::string answer = text_at(at(discussion, "answer"), "id");
    for (const Json& comment : at(at(discussion, "comments"), "nodes")) {
      ConversationEntry entry = entry_of_graph(comment);
      entry.is_answer = !answer.empty() && text_at(comment, "id") == answer;
      const std::string id = entry.id;
      out_.entries.push_back(std::move(entry));
      for (const Json& reply : at(at(comment, "replies"), "nodes")) {
        out_.entries.push_back(entry_of_graph(reply));
        out_.entries.back().in_reply_to = id;
      }
    }
    out_.document = nullptr;
    out_.graph = discussion;
  }

  // By time; a reply stands with what it replies to. The item's own text is the first.
  void put_in_order() {
    std::map<std::string, std::string> time_of;
    for (const ConversationEntry& entry : out_.entries)
      if (entry.in_reply_to.empty()) time_of.emplace(entry.id, entry.at);
    const auto place = [&](const ConversationEntry& entry) {
      const auto first = time_of.find(entry.in_reply_to);
      const bool is_reply = !entry.in_reply_to.empty() && first != time_of.end();
      return std::tuple(is_reply ? first->second : entry.at, is_reply ? entry.in_reply_to : entry.id,
                        entry.at);
    };
    std::sort(out_.entries.begin() + 1, out_.entries.end(),
              [&](const ConversationEntry& a, const ConversationEntry& b) { return place(a) < place(b); });
  }

  Documents documents_;
  Conversation& out_;
  std::map<std::string, bool> resolved_;  // threads, by their first comment
};

}  // namespace

std::string_view to_string(ItemKind kind) {
  switch (kind) {
    case ItemKind::issue:
      return "issue";
    case ItemKind::pull_request:
      return "pull request";
    case ItemKind::gist:
      return "gist";
    case ItemKind::discussion:
      break;
  }
  return "discussion";
}

std::vector<ItemSummary> list_items(const MetaDocuments& documents, ItemKind kind) {
  const bool are_discussions = kind == ItemKind::discussion;
  std::vector<ItemSummary> items;
  documents.visit({.kinds = {are_discussions ? "discussion" : "issue"}}, [&](const MetaLine& line) {
    const Json document = parse_ordered_json(line.document, kLargestDocument);
    ItemSummary item = are_discussions ? summary_of_discussion(document) : summary_of_issue(document);
    item.gone = line.gone;
    if (item.kind == kind) items.push_back(std::move(item));
  });
  std::sort(items.begin(), items.end(),
            [](const ItemSummary& a, const ItemSummary& b) { return a.number > b.number; });
  return items;
}

Conversation gist_conversation(std::string_view gist, const std::vector<std::string>& comments) {
  Conversation conversation;
  Json document = parse_ordered_json(gist, kLargestDocument);
  conversation.item = {.kind = ItemKind::gist,
                       .title = text_at(document, "description"),
                       .state = is_true(document, "public") ? "public" : "secret",
                       .author = login_at(document, "owner"),
                       .created_at = text_at(document, "created_at"),
                       .updated_at = text_at(document, "updated_at"),
                       .comments = comments.size(),
                       .labels = {},
                       .gone = {}};
  for (const std::string& comment : comments)
    conversation.entries.push_back(entry_of_rest(parse_ordered_json(comment, kLargestDocument)));
  conversation.document = std::move(document);
  return conversation;
}

namespace {

std::optional<Conversation> assemble(Documents read) {
  if (!read.issue.is_object() && !read.discussion.is_object()) return std::nullopt;
  Conversation conversation;
  Assembly(std::move(read), conversation).run();
  return conversation;
}

// A repository may have more of them than memory: lines are held as text, of as many numbers as fit.
using HeldLines = std::map<std::int64_t, std::vector<std::string>>;

void assemble(const HeldLines& held, const std::function<void(const Conversation&)>& visit) {
  for (const auto& [number, lines] : held) {
    Documents read;
    for (std::string_view line : lines) {
      line.remove_suffix(1);  // its line feed
      add(read, meta_line_from(line));
    }
    if (const auto conversation = assemble(std::move(read))) visit(*conversation);
  }
}

}  // namespace

std::optional<Conversation> read_conversation(const MetaDocuments& documents, std::int64_t number) {
  return assemble(read_documents(documents, number));
}

void visit_conversations(const MetaDocuments& documents,
                         const std::function<void(const Conversation&)>& visit, ByteCount held) {
  const MetaFilter filter{.kinds = kinds_of_conversations()};
  const auto number_of = [](const MetaLine& line) {
    return number_from(line.parent.empty() ? line.id : line.parent);
  };
  std::map<std::int64_t, ByteCount> sizes;
  documents.visit(filter, [&](const MetaLine& line) { sizes[number_of(line)] += line.document.size(); });
  for (auto next = sizes.begin(); next != sizes.end();) {
    HeldLines lines;
    ByteCount size = 0;
    do {
      lines[next->first];
      size += next->second;
      ++next;
    } while (next != sizes.end() && size + next->second <= held);
    documents.visit(filter, [&](const MetaLine& line) {
      if (const auto found = lines.find(number_of(line)); found != lines.end())
        found->second.push_back(to_line(line));
    });
    assemble(lines, visit);
  }
}

}  // namespace hubkeep
