// The part of the Metadata that is about issues, as pull requests are ones too, and their conversation. What
// moves an issue's updated_at goes through update(); what GitHub does silently does not.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/text.h"
#include "sim/metadata.h"
#include "sim/world.h"

namespace hubkeep::sim {

namespace {

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
}

/// The "owner/name" before the place, "" where there is none.
std::string_view name_before(std::string_view text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && is_name_character(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

void erase_place(std::vector<Place>& places, Place place) {
  std::erase(places, place);
}

std::optional<Event> event_of(EventKind kind, const std::string& who, const std::string& subject = "") {
  return Event{.kind = kind, .actor = who, .subject = subject};
}

std::optional<Event> event_about(EventKind kind, const std::string& who, Place source) {
  return Event{.kind = kind, .actor = who, .source = source};
}

}  // namespace

Issue& Metadata::locked_issue(Place place) {
  auto& issues = locked_repository(place).issues;
  const auto found = issues.find(place.number);
  if (found == issues.end())
    throw Error(ErrorKind::not_found, fmt::format("no issue {} in {}", place.number, place.repository));
  return found->second;
}

void Metadata::touch(Place place, Issue& issue) {
  auto& order = locked_repository(place).issues_by_update;
  order.remove(issue.post.updated_at, issue.number);
  issue.post.updated_at = world_.now();
  order.add(issue.post.updated_at, issue.number);
}

void Metadata::touch_comment(RepositoryMetadata& repository, IssueComment& comment) {
  repository.comments_by_update.remove(comment.post.updated_at, comment.id);
  comment.post.updated_at = world_.now();
  repository.comments_by_update.add(comment.post.updated_at, comment.id);
}

void Metadata::record(Issue& issue, Event event) {
  event.id = next(Counter::event);
  event.created_at = world_.now();
  issue.events.push_back(std::move(event));
}

void Metadata::update(Place place, const std::function<std::optional<Event>(Issue&)>& change) {
  const std::lock_guard lock(mutex_);
  Issue& issue = locked_issue(place);
  if (auto event = change(issue)) record(issue, *std::move(event));
  touch(place, issue);
}

void Metadata::edit_post(Post& post, const std::string& who, const std::string& body) {
  if (post.edits.empty())
    post.edits.push_back({next(Counter::edit), post.author, post.created_at, post.body});
  post.edits.push_back({next(Counter::edit), who, world_.now(), body});
  post.body = body;
}

void Metadata::refer(Place source, const std::string& who, const std::string& text) {
  for (auto hash = text.find('#'); hash != std::string::npos; hash = text.find('#', hash + 1)) {
    std::int64_t number = 0;
    for (std::size_t i = hash + 1; i < text.size() && std::isdigit(static_cast<unsigned char>(text[i])); ++i)
      number = number * 10 + (text[i] - '0');
    Place target{source.repository, number};
    if (const auto name = name_before(text, hash); !name.empty()) {
      const auto slash = name.find('/');
      if (slash == std::string_view::npos) continue;
      const auto repository = world_.find_repository(name.substr(0, slash), name.substr(slash + 1));
      if (!repository) continue;
      target.repository = repository->id;
    }
    if (target != source && locked(target.repository).issues.contains(number))
      cross_reference(target, who, source);
  }
}

std::int64_t Metadata::enter_issue(RepositoryId id, Issue issue) {
  RepositoryMetadata& repository = repositories_[id];
  issue.number = ++repository.last_number;
  issue.id = next(Counter::issue);
  issue.post.created_at = issue.post.updated_at = world_.now();
  repository.numbers[issue.id] = issue.number;
  repository.issues_by_update.add(issue.post.updated_at, issue.number);
  return repository.issues.emplace_hint(repository.issues.end(), issue.number, std::move(issue))->first;
}

std::int64_t Metadata::add_issue(RepositoryId id, Issue issue) {
  const std::lock_guard lock(mutex_);
  const Place place{id, enter_issue(id, std::move(issue))};
  const Post post = locked_issue(place).post;
  refer(place, post.author, post.body);
  return place.number;
}

void Metadata::edit_body(Place place, const std::string& who, const std::string& body) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    edit_post(issue.post, who, body);
    refer(place, who, body);
    return std::nullopt;
  });
}

void Metadata::rename(Place place, const std::string& who, const std::string& title) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    Event event{.kind = EventKind::renamed, .actor = who, .before = issue.title, .after = title};
    issue.title = title;
    return event;
  });
}

void Metadata::close(Place place, const std::string& who, const std::string& reason) {
  update(place, [&](Issue& issue) {
    issue.open = false;
    issue.closed_at = world_.now();
    issue.closed_by = who;
    if (!issue.pull_request) issue.state_reason = reason;
    return event_of(EventKind::closed, who, issue.pull_request ? "" : reason);
  });
}

void Metadata::reopen(Place place, const std::string& who) {
  update(place, [&](Issue& issue) {
    issue.open = true;
    issue.closed_at.reset();
    issue.closed_by.clear();
    if (!issue.pull_request) issue.state_reason = "reopened";
    return event_of(EventKind::reopened, who);
  });
}

void Metadata::lock(Place place, const std::string& who, const std::string& reason) {
  update(place, [&](Issue& issue) {
    issue.locked = true;
    issue.lock_reason = reason;
    return event_of(EventKind::locked, who, reason);
  });
}

void Metadata::unlock(Place place, const std::string& who) {
  update(place, [&](Issue& issue) {
    issue.locked = false;
    issue.lock_reason.reset();
    return event_of(EventKind::unlocked, who);
  });
}

void Metadata::pin(Place place, const std::string& who, bool pinned) {
  update(place, [&](Issue& issue) {
    issue.pinned = pinned;
    return event_of(pinned ? EventKind::pinned : EventKind::unpinned, who);
  });
}

void Metadata::assign(Place place, const std::string& who, const std::string& assignee) {
  update(place, [&](Issue& issue) {
    issue.assignees.insert(assignee);
    return event_of(EventKind::assigned, who, assignee);
  });
}

void Metadata::unassign(Place place, const std::string& who, const std::string& assignee) {
  update(place, [&](Issue& issue) {
    issue.assignees.erase(assignee);
    return event_of(EventKind::unassigned, who, assignee);
  });
}

void Metadata::add_label_to(Place place, const std::string& who, std::int64_t label) {
  update(place, [&](Issue& issue) {
    issue.labels.insert(label);
    return event_of(EventKind::labeled, who, locked(place.repository).labels.at(label).name);
  });
}

void Metadata::remove_label_from(Place place, const std::string& who, std::int64_t label) {
  update(place, [&](Issue& issue) {
    issue.labels.erase(label);
    return event_of(EventKind::unlabeled, who, locked(place.repository).labels.at(label).name);
  });
}

void Metadata::set_milestone(Place place, const std::string& who, std::int64_t milestone) {
  update(place, [&](Issue& issue) {
    auto& milestones = locked_repository(place).milestones;
    const bool leaves = milestone == 0;
    Milestone& moved = milestones.at(leaves ? issue.milestone : milestone);
    moved.updated_at = world_.now();
    issue.milestone = milestone;
    return event_of(leaves ? EventKind::demilestoned : EventKind::milestoned, who, moved.title);
  });
}

void Metadata::set_type(Place place, const std::string& who, const std::string& type) {
  update(place, [&](Issue& issue) {
    issue.type = type;
    return event_of(EventKind::issue_type_added, who, type);
  });
}

void Metadata::set_field(Place place, const std::string& name, const std::string& value) {
  update(place, [&](Issue& issue) -> std::optional<Event> {
    issue.fields[name] = value;
    return std::nullopt;
  });
}

void Metadata::add_sub_issue(Place parent, const std::string& who, Place child) {
  update(parent, [&](Issue& issue) {
    issue.sub_issues.push_back(child);
    return event_about(EventKind::sub_issue_added, who, child);
  });
  update(child, [&](Issue& issue) {
    issue.parent = parent;
    return event_about(EventKind::parent_issue_added, who, parent);
  });
}

void Metadata::remove_sub_issue(Place parent, const std::string& who, Place child) {
  update(parent, [&](Issue& issue) {
    erase_place(issue.sub_issues, child);
    return event_about(EventKind::sub_issue_removed, who, child);
  });
  update(child, [&](Issue& issue) {
    issue.parent.reset();
    return event_about(EventKind::parent_issue_removed, who, parent);
  });
}

void Metadata::add_dependency(Place blocked, const std::string& who, Place blocking) {
  update(blocked, [&](Issue& issue) {
    issue.blocked_by.push_back(blocking);
    return event_about(EventKind::blocked_by_added, who, blocking);
  });
  update(blocking, [&](Issue& issue) {
    issue.blocking.push_back(blocked);
    return event_about(EventKind::blocking_added, who, blocked);
  });
}

void Metadata::remove_dependency(Place blocked, const std::string& who, Place blocking) {
  update(blocked, [&](Issue& issue) {
    erase_place(issue.blocked_by, blocking);
    return event_about(EventKind::blocked_by_removed, who, blocking);
  });
  update(blocking, [&](Issue& issue) {
    erase_place(issue.blocking, blocked);
    return event_about(EventKind::blocking_removed, who, blocked);
  });
}

void Metadata::cross_reference(Place target, const std::string& who, Place source) {
  const std::lock_guard lock(mutex_);
  Issue& issue = locked_issue(target);
  const bool known = std::any_of(issue.events.begin(), issue.events.end(), [&](const Event& event) {
    return event.kind == EventKind::cross_referenced && event.source == source;
  });
  if (!known) record(issue, {.kind = EventKind::cross_referenced, .actor = who, .source = source});
}

void Metadata::add_event(Place place, Event event) {
  update(place, [&](Issue&) { return std::optional(std::move(event)); });
}

void Metadata::erase_conversation(RepositoryMetadata& repository, const Issue& issue) {
  for (const CommentId id : issue.comments) {
    repository.comments_by_update.remove(repository.comments.at(id).post.updated_at, id);
    repository.comments.erase(id);
  }
  if (!issue.pull_request) return;
  for (const ReviewThread& thread : issue.pull_request->threads) {
    for (const CommentId id : thread.comments) {
      repository.review_comments_by_update.remove(repository.review_comments.at(id).post.updated_at, id);
      repository.review_comments.erase(id);
    }
  }
}

void Metadata::remove_issue(Place place) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = locked_repository(place);
  const Issue& issue = locked_issue(place);
  for (auto& [id, other] : repositories_) {
    for (auto& [number, each] : other.issues) {
      for (auto* places : {&each.sub_issues, &each.blocked_by, &each.blocking}) erase_place(*places, place);
      if (each.parent == place) each.parent.reset();
    }
  }
  for (auto& [id, project] : projects_)
    std::erase_if(project.items, [&](const ProjectItem& item) { return item.content == place; });
  erase_conversation(repository, issue);
  repository.issues_by_update.remove(issue.post.updated_at, issue.number);
  repository.numbers.erase(issue.id);
  repository.issues.erase(place.number);
  repository.gone[place.number].at = world_.now();
}

Place Metadata::transfer_issue(Place place, const std::string& who, RepositoryId to) {
  const std::lock_guard lock(mutex_);
  Issue issue = locked_issue(place);
  std::vector<IssueComment> comments;
  for (const CommentId id : issue.comments) comments.push_back(locked_repository(place).comments.at(id));
  const UtcTime created_at = issue.post.created_at;
  remove_issue(place);
  issue.comments.clear();
  issue.labels.clear();
  issue.milestone = 0;
  issue.parent.reset();
  for (auto* places : {&issue.sub_issues, &issue.blocked_by, &issue.blocking}) places->clear();
  const Place there{to, enter_issue(to, std::move(issue))};
  Issue& moved = locked_issue(there);
  moved.post.created_at = created_at;
  record(moved, {.kind = EventKind::transferred, .actor = who, .source = Place{place.repository, 0}});
  RepositoryMetadata& target = repositories_[to];
  for (IssueComment& comment : comments) {
    comment.id = next(Counter::comment);
    comment.issue = there.number;
    moved.comments.push_back(comment.id);
    target.comments_by_update.add(comment.post.updated_at, comment.id);
    target.comments.emplace(comment.id, std::move(comment));
  }
  repositories_[place.repository].gone[place.number].transferred_to = there;
  return there;
}

std::int64_t Metadata::convert_to_discussion(Place place, std::int64_t category) {
  const std::lock_guard lock(mutex_);
  const Issue issue = locked_issue(place);
  std::vector<IssueComment> comments;
  for (const CommentId id : issue.comments) comments.push_back(locked_repository(place).comments.at(id));
  remove_issue(place);
  Discussion discussion;
  discussion.title = issue.title;
  discussion.post = issue.post;
  discussion.category = category;
  const Place there{place.repository, add_discussion(place.repository, std::move(discussion))};
  for (const IssueComment& comment : comments)
    add_discussion_comment(there, comment.post.author, comment.post.body);
  repositories_[place.repository].gone[place.number].discussion = there.number;
  return there.number;
}

CommentId Metadata::add_comment(Place place, const std::string& who, const std::string& body) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = locked_repository(place);
  Issue& issue = locked_issue(place);
  IssueComment comment;
  comment.id = next(Counter::comment);
  comment.issue = place.number;
  comment.post.author = who;
  comment.post.body = body;
  comment.post.created_at = comment.post.updated_at = world_.now();
  const CommentId id = comment.id;
  repository.comments_by_update.add(comment.post.updated_at, id);
  repository.comments.emplace_hint(repository.comments.end(), id, std::move(comment));
  issue.comments.push_back(id);
  touch(place, issue);
  refer(place, who, body);
  return id;
}

void Metadata::edit_comment(RepositoryId id, CommentId comment_id, const std::string& who,
                            const std::string& body) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  IssueComment& comment = repository.comments.at(comment_id);
  const Place place{id, comment.issue};
  edit_post(comment.post, who, body);
  touch_comment(repository, comment);
  touch(place, locked_issue(place));
  refer(place, who, body);
}

void Metadata::remove_comment(RepositoryId id, CommentId comment_id, const std::string& who) {
  const std::lock_guard lock(mutex_);
  RepositoryMetadata& repository = repositories_[id];
  const IssueComment& comment = repository.comments.at(comment_id);
  Issue& issue = locked_issue({id, comment.issue});
  record(issue, {.kind = EventKind::comment_deleted, .actor = who, .subject = comment.post.author});
  std::erase(issue.comments, comment_id);
  repository.comments_by_update.remove(comment.post.updated_at, comment_id);
  repository.comments.erase(comment_id);
}

}  // namespace hubkeep::sim
