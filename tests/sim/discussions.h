// Discussions of repositories on the simulated GitHub: categories, comments with replies, answers, polls.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/issues.h"

namespace hubkeep::sim {

struct DiscussionCategory {
  std::int64_t id = 0;
  std::string name;
  std::string slug;
  std::string emoji = ":speech_balloon:";
  std::string description;
  bool is_answerable = false;
  UtcTime created_at{};
  UtcTime updated_at{};
};

struct PollOption {
  std::int64_t id = 0;
  std::string text;
  std::set<std::string> voters;
};

struct Poll {
  std::int64_t id = 0;
  std::string question;
  std::vector<PollOption> options;
};

struct DiscussionComment {
  CommentId id = 0;
  CommentId reply_to = 0;  // 0: it stands on the discussion itself
  Post post;
  std::optional<UtcTime> deleted_at;  // one that had replies leaves its place, without its text
  std::set<std::string> upvoters;
};

struct Discussion {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::string title;
  Post post;
  std::int64_t category = 0;  // its id
  CommentId answer = 0;       // 0: none
  std::optional<UtcTime> answer_chosen_at;
  std::string answer_chosen_by;
  bool locked = false;
  std::optional<UtcTime> closed_at;
  std::string state_reason;  // "RESOLVED", "OUTDATED", "DUPLICATE", "REOPENED" or ""
  std::set<std::int64_t> labels;
  std::set<std::string> upvoters;
  std::optional<Poll> poll;
  std::vector<DiscussionComment> comments;  // oldest first, replies among them
};

}  // namespace hubkeep::sim
