// One repository out of GitHub's description. What the vault goes by (id, names) must be there and usable;
// everything else may be missing, null or of another type, and then counts as empty. A field that GitHub
// changes must not end backups.
#include "github/repository_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/gist_name.h"
#include "base/text.h"

namespace hubkeep {
namespace {

using nlohmann::json;

const json& member(const json& object, const char* name) {
  static const json kNull;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? kNull : *found;
}

[[noreturn]] void refuse(const char* what, const std::string& who, const char* field) {
  throw Error(ErrorKind::corrupt,
              fmt::format("GitHub's answer describes a {}{} without a usable \"{}\"", what, who, field));
}

std::string text(const json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

bool flag(const json& value) {
  return value.is_boolean() && value.get<bool>();
}

std::int64_t number(const json& value) {
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

ByteCount from_kilobytes(const json& value) {
  const std::int64_t kilobytes = number(value);
  const bool sane = kilobytes >= 0 && kilobytes <= std::numeric_limits<std::int64_t>::max() / 1024;
  return sane ? static_cast<ByteCount>(kilobytes) * 1024 : 0;
}

// Of a gist, all its files.
ByteCount size_of_files(const json& files) {
  ByteCount total = 0;
  if (!files.is_object()) return total;
  for (const json& file : files)
    total += static_cast<ByteCount>(std::max<std::int64_t>(number(member(file, "size")), 0));
  return total;
}

constexpr std::size_t kLongestText = 4096;  // GitHub's names have a hundred characters, its branches 250

// Reads the fields that a thing cannot be without.
struct Required {
  const json& object;
  const char* what;
  std::string who = {};

  std::int64_t id() const {
    const std::int64_t value = number(member(object, "id"));
    if (value <= 0) refuse(what, who, "id");
    return value;
  }
  std::string text_of(const char* field) const {
    std::string value = short_text(object, field);
    if (value.empty()) refuse(what, who, field);
    return value;
  }
  // It goes into every manifest and the catalog, whose lines have a limit.
  std::string short_text(const json& of, const char* field) const {
    std::string value = text(member(of, field));
    if (value.size() > kLongestText) refuse(what, who, field);
    return value;
  }
};

// Two names for one repository: one of them would be looked up in git, the other in the vault.
void require_agreement(const Repository& repository) {
  const std::string name = repository.owner + "/" + repository.name;
  if (equals_ignoring_case(repository.full_name, name)) return;
  throw Error(ErrorKind::corrupt, printable(fmt::format("GitHub's answer calls one repository both {} and {}",
                                                        repository.full_name, name)));
}

}  // namespace

User parse_user(const json& json) {
  const Required required{json, "user"};
  return User{.id = required.id(), .login = required.text_of("login")};
}

Repository parse_repository(const json& json, UtcTime listed_at) {
  Required required{json, "repository"};
  Repository repository;
  repository.full_name = required.text_of("full_name");
  required.who = " (" + printable(repository.full_name) + ")";
  repository.id = required.id();
  repository.name = required.text_of("name");
  repository.clone_url = required.text_of("clone_url");
  const auto& owner = member(json, "owner");
  repository.owner = required.short_text(owner, "login");
  if (repository.owner.empty()) refuse(required.what, required.who, "owner.login");
  require_agreement(repository);
  repository.owner_id = number(member(owner, "id"));
  repository.node_id = required.short_text(json, "node_id");
  repository.is_private = flag(member(json, "private"));
  repository.is_fork = flag(member(json, "fork"));
  repository.is_archived = flag(member(json, "archived"));
  repository.is_disabled = flag(member(json, "disabled"));
  repository.visibility =
      required.short_text(json, "visibility");  // older GitHub Enterprise Servers do not send it
  if (repository.visibility.empty()) repository.visibility = repository.is_private ? "private" : "public";
  repository.default_branch = required.short_text(json, "default_branch");
  repository.pushed_at = required.short_text(json, "pushed_at");
  if (const auto& has_wiki = member(json, "has_wiki"); has_wiki.is_boolean())
    repository.has_wiki = has_wiki.get<bool>();
  if (const auto& has_issues = member(json, "has_issues"); has_issues.is_boolean())
    repository.has_issues = has_issues.get<bool>();
  if (std::string updated_at = required.short_text(json, "updated_at"); !updated_at.empty())
    repository.updated_at = std::move(updated_at);
  repository.size = from_kilobytes(member(json, "size"));
  repository.listed_at = listed_at;
  return repository;
}

Repository parse_gist(const json& json, UtcTime listed_at) {
  Required required{json, "gist"};
  Repository gist;
  gist.is_gist = true;
  gist.name = required.text_of("id");
  if (!is_gist_id(gist.name)) refuse(required.what, required.who, "id");
  required.who = " (" + gist.name + ")";
  gist.clone_url = required.text_of("git_pull_url");
  const auto& owner = member(json, "owner");
  gist.owner = required.short_text(owner, "login");
  if (gist.owner.empty()) gist.owner = "anonymous";  // until 2018 GitHub took gists of nobody
  gist.owner_id = number(member(owner, "id"));
  gist.full_name = gist.owner + "/" + gist.name;
  gist.node_id = required.short_text(json, "node_id");
  gist.is_private = !flag(member(json, "public"));
  gist.visibility = gist.is_private ? "secret" : "public";
  gist.pushed_at = required.short_text(json, "updated_at");
  if (const auto& comments = member(json, "comments"); comments.is_number_integer())
    gist.comments = number(comments);
  gist.size = size_of_files(member(json, "files"));
  gist.listed_at = listed_at;
  return gist;
}

Repository read_gist(const ApiAnswer& answer) {
  return parse_gist(answer.json(), answer.date());
}

Repository read_repository(const ApiAnswer& answer) {
  return parse_repository(answer.json(), answer.date());
}

User read_user(const ApiAnswer& answer) {
  return parse_user(answer.json());
}

}  // namespace hubkeep
