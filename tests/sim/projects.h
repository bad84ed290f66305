// Projects (the second kind) of accounts on the simulated GitHub.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/posts.h"

namespace hubkeep::sim {

using ProjectId = std::int64_t;

struct ProjectFieldOption {
  std::string id;  // 8 hexadecimal digits
  std::string name;
  std::string color = "GRAY";
  std::string description;
};

struct ProjectIteration {
  std::string id;
  std::string title;
  std::string start_date;  // "2026-11-30"
  int days = 14;
};

struct ProjectField {
  std::int64_t id = 0;
  std::string name;
  std::string data_type = "TEXT";  // "TITLE", "NUMBER", "DATE", "SINGLE_SELECT", "ITERATION", …
  std::vector<ProjectFieldOption> options;
  std::vector<ProjectIteration> iterations;
};

struct ProjectView {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::string name;
  std::string layout = "TABLE_LAYOUT";
  std::optional<std::string> filter;
};

struct ProjectWorkflow {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::string name;
  bool enabled = true;
};

struct ProjectItem {
  std::int64_t id = 0;
  std::optional<Place> content;  // nothing: a draft, which has the next two
  std::string draft_title;
  std::string draft_body;
  std::string creator;
  bool archived = false;
  std::map<std::int64_t, std::string> values;  // by the field's id; of a select or iteration its option's id
  UtcTime created_at{};
  UtcTime updated_at{};
};

struct Project {
  ProjectId id = 0;
  std::int64_t number = 0;
  std::string owner;  // a login
  std::string title;
  std::string short_description;
  std::string readme;
  std::string creator;
  bool is_public = true;
  bool is_template = false;
  std::optional<UtcTime> closed_at;
  UtcTime created_at{};
  UtcTime updated_at{};
  std::vector<ProjectField> fields;
  std::vector<ProjectView> views;
  std::vector<ProjectWorkflow> workflows;
  std::vector<ProjectItem> items;
  std::set<RepositoryId> repositories;  // that it is linked to
};

}  // namespace hubkeep::sim
