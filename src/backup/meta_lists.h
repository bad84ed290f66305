// Lists that GitHub gives out whole, each thing in it a document.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "backup/meta_collector.h"

namespace hubkeep {

struct MetaList {
  MetaKind kind;
  std::string path;         // below the repository or the account: "/labels", with a query or not
  std::string member = {};  // the list within the answer; empty: the answer is the list
  std::string id = "id";    // the member of a thing by which it is known
  std::string within = {};  // the member of a thing that has that; empty: it has it itself
  std::string accept = {};  // see Conditions
  std::string parent = {};  // of all of them, whose id is known within it alone: "7/12"; empty: none
};

/// What kind of thing a member is: the text of a JSON string without its quotes, a number as it was sent.
/// Throws Error(corrupt) where there is none.
std::string plain_member(std::string_view json, std::string_view name);

/// Its history of edits and who reacted to it are for GraphQL to say, of a comment as REST has it.
bool has_more_to_it(std::string_view comment);

/// "/repositories/7"
std::string repository_path(const MetaIntake& intake);

/// Takes all that the list has. Throws Error as GitHubApi::get() does, and where the list is not whole.
void take_items(MetaIntake& intake, const std::string& root, const MetaList& list);

/// All of the kind was taken: what was kept and is not there is gone.
void end_kind(MetaIntake& intake, MetaKind kind);

/// Both.
void take_list(MetaIntake& intake, const std::string& root, const MetaList& list);

/// What brings the kind is refused, switched off or not there: the intake is told. Throws any other Error.
void take_refusal(MetaIntake& intake, MetaKind kind, const Error& error, bool absent_where_not_found);

/// Labels, milestones and comments on commits.
MetaCollectors list_collectors();

}  // namespace hubkeep
