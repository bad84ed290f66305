// What GitHub's two interfaces call the kinds of events.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sim/issues.h"

namespace hubkeep::sim {

struct EventNames {
  EventKind kind;
  std::string_view rest;     // the field "event"
  std::string_view graphql;  // the type's name; "": its schema has none
  bool in_events = true;     // else in the timeline alone
};

/// In the order of EventKind.
inline constexpr std::array<EventNames, 36> kEventNames = {{
    {EventKind::labeled, "labeled", "LabeledEvent"},
    {EventKind::unlabeled, "unlabeled", "UnlabeledEvent"},
    {EventKind::milestoned, "milestoned", "MilestonedEvent"},
    {EventKind::demilestoned, "demilestoned", "DemilestonedEvent"},
    {EventKind::assigned, "assigned", "AssignedEvent"},
    {EventKind::unassigned, "unassigned", "UnassignedEvent"},
    {EventKind::renamed, "renamed", "RenamedTitleEvent"},
    {EventKind::closed, "closed", "ClosedEvent"},
    {EventKind::reopened, "reopened", "ReopenedEvent"},
    {EventKind::locked, "locked", "LockedEvent"},
    {EventKind::unlocked, "unlocked", "UnlockedEvent"},
    {EventKind::cross_referenced, "cross-referenced", "CrossReferencedEvent", false},
    {EventKind::referenced, "referenced", "ReferencedEvent"},
    {EventKind::mentioned, "mentioned", "MentionedEvent"},
    {EventKind::subscribed, "subscribed", "SubscribedEvent"},
    {EventKind::comment_deleted, "comment_deleted", "CommentDeletedEvent"},
    {EventKind::transferred, "transferred", "TransferredEvent"},
    {EventKind::marked_as_duplicate, "marked_as_duplicate", "MarkedAsDuplicateEvent"},
    {EventKind::merged, "merged", "MergedEvent"},
    {EventKind::review_requested, "review_requested", "ReviewRequestedEvent"},
    {EventKind::review_dismissed, "review_dismissed", "ReviewDismissedEvent"},
    {EventKind::head_ref_deleted, "head_ref_deleted", "HeadRefDeletedEvent"},
    {EventKind::head_ref_force_pushed, "head_ref_force_pushed", "HeadRefForcePushedEvent"},
    {EventKind::ready_for_review, "ready_for_review", "ReadyForReviewEvent"},
    {EventKind::convert_to_draft, "convert_to_draft", "ConvertToDraftEvent"},
    {EventKind::sub_issue_added, "sub_issue_added", "SubIssueAddedEvent"},
    {EventKind::sub_issue_removed, "sub_issue_removed", "SubIssueRemovedEvent"},
    {EventKind::parent_issue_added, "parent_issue_added", "ParentIssueAddedEvent"},
    {EventKind::parent_issue_removed, "parent_issue_removed", "ParentIssueRemovedEvent"},
    {EventKind::blocked_by_added, "blocked_by_added", ""},
    {EventKind::blocked_by_removed, "blocked_by_removed", ""},
    {EventKind::blocking_added, "blocking_added", ""},
    {EventKind::blocking_removed, "blocking_removed", ""},
    {EventKind::issue_type_added, "issue_type_added", ""},
    {EventKind::pinned, "pinned", "PinnedEvent"},
    {EventKind::unpinned, "unpinned", "UnpinnedEvent"},
}};

constexpr const EventNames& names_of(EventKind kind) {
  return kEventNames.at(static_cast<std::size_t>(kind));
}

}  // namespace hubkeep::sim
