// What people write on the simulated GitHub, wherever they write it: a text with its history, and what others
// think of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/apps.h"

namespace hubkeep::sim {

/// An issue, a pull request or a discussion: they share one row of numbers in a repository.
struct Place {
  RepositoryId repository = 0;
  std::int64_t number = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Reaction {
  std::int64_t id = 0;
  std::string
      content;       // as REST says it: "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"
  std::string user;  // a login
  UtcTime created_at{};
};

struct BodyEdit {
  std::int64_t id = 0;
  std::string editor;
  UtcTime edited_at{};
  std::string text;  // after it, whole; GitHub calls it `diff`
};

struct Post {
  std::string author;  // a login; "" is a ghost, whose account is gone
  std::string body;
  UtcTime created_at{};
  UtcTime updated_at{};
  std::vector<Reaction> reactions;  // oldest first
  std::vector<BodyEdit> edits;      // oldest first; the first of them is the text as it was written
  std::string minimized;            // why it is hidden: "SPAM", "OUTDATED", …; "" when it is not
};

}  // namespace hubkeep::sim
