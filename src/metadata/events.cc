#include "metadata/events.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <string_view>

#include "base/text.h"
#include "metadata/json_reading.h"

namespace hubkeep {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) {
  return "'" + text + "'";
}

// "#12", or "acme/site#12" of another repository.
std::string reference(const Json& subject, bool is_elsewhere) {
  const std::string number = "#" + text_at(subject, "number");
  return is_elsewhere ? text_at(at(subject, "repository"), "nameWithOwner") + number : number;
}

std::string reference(const Json& event, std::string_view member) {
  return reference(at(event, member), is_true(event, "isCrossRepository"));
}

std::string commit(const Json& event, std::string_view member) {
  constexpr std::size_t kShort = 8;
  return text_at(at(event, member), "oid").substr(0, kShort);
}

std::string person(const Json& who) {
  const std::string login = text_at(who, "login");
  return login.empty() ? text_at(who, "combinedSlug") : login;
}

std::string closed(const Json& event) {
  const std::string reason = to_lower(text_at(event, "stateReason"));
  std::string text = "closed this";
  if (reason == "not_planned") text += " as not planned";
  if (reason == "duplicate") text += " as a duplicate";
  const Json& closer = at(event, "closer");
  if (const std::string by = text_at(closer, "__typename"); by == "Commit")
    text += " by the commit " + commit(event, "closer");
  else if (by == "PullRequest")
    text += " by " + reference(closer, false);
  return text;
}

std::string referenced(const Json& event) {
  return fmt::format("referred to this in the commit {}", commit(event, "commit"));
}

std::string force_pushed(const Json& event, std::string_view branch) {
  return fmt::format("force-pushed the {} branch from {} to {}", branch, commit(event, "beforeCommit"),
                     commit(event, "afterCommit"));
}

struct EventWords {
  std::string_view type;
  std::function<std::string(const Json&)> words;
};

EventWords plainly(std::string_view type, std::string_view words) {
  return {type, [words](const Json&) { return std::string(words); }};
}

EventWords with(std::string_view type, std::string_view words, std::string_view member) {
  return {type, [words, member](const Json& event) {
            return fmt::format("{} {}", words, quoted(text_at(event, member)));
          }};
}

EventWords about(std::string_view type, std::string_view words, std::string_view member) {
  return {type, [words, member](const Json& event) {
            return fmt::format("{} {}", words, reference(event, member));
          }};
}

EventWords of_person(std::string_view type, std::string_view words, std::string_view member) {
  return {type, [words, member](const Json& event) {
            return fmt::format("{} {}", words, person(at(event, member)));
          }};
}

const std::vector<EventWords>& all_words() {
  static const std::vector<EventWords> words = {
      {"LabeledEvent",
       [](const Json& event) { return "added the label " + quoted(text_at(at(event, "label"), "name")); }},
      {"UnlabeledEvent",
       [](const Json& event) { return "removed the label " + quoted(text_at(at(event, "label"), "name")); }},
      {"ClosedEvent", closed},
      plainly("ReopenedEvent", "reopened this"),
      of_person("AssignedEvent", "assigned", "assignee"),
      of_person("UnassignedEvent", "unassigned", "assignee"),
      with("MilestonedEvent", "added this to the milestone", "milestoneTitle"),
      with("DemilestonedEvent", "removed this from the milestone", "milestoneTitle"),
      {"RenamedTitleEvent",
       [](const Json& event) {
         return fmt::format("changed the title from {} to {}", quoted(text_at(event, "previousTitle")),
                            quoted(text_at(event, "currentTitle")));
       }},
      about("CrossReferencedEvent", "mentioned this in", "source"),
      {"ReferencedEvent", referenced},
      {"CommentDeletedEvent",
       [](const Json& event) { return "deleted a comment of " + login_at(event, "deletedCommentAuthor"); }},
      about("ConnectedEvent", "linked this to", "subject"),
      about("DisconnectedEvent", "removed the link to", "subject"),
      {"ConvertedToDiscussionEvent",
       [](const Json& event) {
         return "made this the discussion #" + text_at(at(event, "discussion"), "number");
       }},
      plainly("LockedEvent", "locked the conversation"),
      plainly("UnlockedEvent", "unlocked the conversation"),
      about("MarkedAsDuplicateEvent", "marked this as a duplicate of", "canonical"),
      about("UnmarkedAsDuplicateEvent", "said that this is no duplicate of", "canonical"),
      plainly("PinnedEvent", "pinned this"),
      plainly("UnpinnedEvent", "unpinned this"),
      plainly("MentionedEvent", "was mentioned"),
      plainly("SubscribedEvent", "subscribed"),
      plainly("UnsubscribedEvent", "unsubscribed"),
      about("ParentIssueAddedEvent", "made this a sub-issue of", "parent"),
      about("ParentIssueRemovedEvent", "took this out of", "parent"),
      about("SubIssueAddedEvent", "added the sub-issue", "subIssue"),
      about("SubIssueRemovedEvent", "removed the sub-issue", "subIssue"),
      {"TransferredEvent",
       [](const Json& event) {
         return "moved this here from " + text_at(at(event, "fromRepository"), "nameWithOwner");
       }},
      {"UserBlockedEvent", [](const Json& event) { return "blocked " + login_at(event, "blocked"); }},
      {"MergedEvent",
       [](const Json& event) {
         return fmt::format("merged this into {} as {}", text_at(event, "mergeRefName"),
                            commit(event, "commit"));
       }},
      of_person("ReviewRequestedEvent", "asked for a review by", "requestedReviewer"),
      of_person("ReviewRequestRemovedEvent", "no longer asks for a review by", "requestedReviewer"),
      {"ReviewDismissedEvent",
       [](const Json& event) { return "dismissed a review: " + text_at(event, "dismissalMessage"); }},
      {"HeadRefForcePushedEvent", [](const Json& event) { return force_pushed(event, "head"); }},
      {"BaseRefForcePushedEvent", [](const Json& event) { return force_pushed(event, "base"); }},
      with("HeadRefDeletedEvent", "deleted the branch", "headRefName"),
      plainly("HeadRefRestoredEvent", "restored the branch"),
      with("BaseRefDeletedEvent", "deleted the base branch", "baseRefName"),
      {"BaseRefChangedEvent",
       [](const Json& event) {
         return fmt::format("changed the base from {} to {}", text_at(event, "previousRefName"),
                            text_at(event, "currentRefName"));
       }},
      plainly("ConvertToDraftEvent", "made this a draft"),
      plainly("ReadyForReviewEvent", "said that this is ready for review"),
      plainly("AutoMergeEnabledEvent", "enabled auto-merge"),
      plainly("AutoMergeDisabledEvent", "disabled auto-merge"),
      plainly("AddedToMergeQueueEvent", "added this to the merge queue"),
      plainly("RemovedFromMergeQueueEvent", "removed this from the merge queue"),
      {"DeployedEvent",
       [](const Json& event) {
         return "deployed this to " + text_at(at(event, "deployment"), "environment");
       }},
  };
  return words;
}

// "AutomaticBaseChangeFailedEvent": "automatic base change failed"
std::string spelled_out(std::string_view type) {
  if (type.ends_with("Event")) type.remove_suffix(std::string_view("Event").size());
  std::string words;
  for (const char c : type) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper && !words.empty()) words += ' ';
    words += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return words;
}

}  // namespace

std::string describe_event(const Json& event) {
  const std::string type = text_at(event, "__typename");
  for (const EventWords& each : all_words())
    if (each.type == type) return each.words(event);
  return spelled_out(type);
}

}  // namespace hubkeep
