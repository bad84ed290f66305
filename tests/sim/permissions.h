// Who may see what, as GitHub refuses the rest: a fine-grained token and an App's by their permissions, which
// a header names; all others by the role that its user has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/api.h"

namespace hubkeep::sim {

enum class Role { reader, writer, administrator };

/// What an endpoint wants.
struct Need {
  std::string_view permission;  // "issues=read; pull_requests=read": one of them, as the header says it
  Role role = Role::reader;
  int refusal = 404;  // of who lacks the role
  std::string_view message = "Not Found";
};

/// The refusal; nothing where the caller, who can see the repository, may.
std::optional<HttpResponse> refuse(const ApiCall& call, const Repository& repository, const Need& need);
/// Of an organisation: a reader is a member, an administrator an owner. `scope`: what a classic token has to
/// have.
std::optional<HttpResponse> refuse(const ApiCall& call, const Account& organization, const Need& need,
                                   std::string_view scope);
/// The header X-Accepted-GitHub-Permissions, for the kinds of tokens that get it.
HttpResponse with_permission(HttpResponse response, const ApiCall& call, std::string_view permission);

}  // namespace hubkeep::sim
