#include "sim/world_json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sim/busy_repository.h"
#include "sim/git_worker.h"
#include "sim/histories.h"
#include "sim/lfs_json.h"
#include "sim/sample_things.h"

namespace hubkeep::sim {

using nlohmann::json;

namespace {

UtcTime time_from(const json& value) {
  auto time = parse_time(value.get<std::string>());
  if (!time) throw Error(ErrorKind::invalid, value.dump() + ": no time");
  return *time;
}

Block block_from(const std::string& text) {
  if (text == "none") return Block::none;
  if (text == "tos") return Block::terms_of_service;
  if (text == "dmca") return Block::dmca;
  throw Error(ErrorKind::invalid, text + ": no reason to block a repository");
}

const char* block_name(Block block) {
  return block == Block::none ? "none" : block == Block::dmca ? "dmca" : "tos";
}

template <typename Value>
void set(const json& fields, const char* name, Value& value) {
  if (fields.contains(name)) value = fields[name].get<Value>();
}

void set(const json& fields, const char* name, UtcTime& value) {
  if (fields.contains(name)) value = time_from(fields[name]);
}

void set_fields(const json& fields, Repository& repository) {
  set(fields, "private", repository.is_private);
  set(fields, "fork", repository.fork);
  set(fields, "archived", repository.archived);
  set(fields, "disabled", repository.disabled);
  set(fields, "has_wiki", repository.has_wiki);
  set(fields, "size_kb", repository.size_kb);
  set(fields, "updated_at", repository.updated_at);
  set(fields, "created_at", repository.created_at);
  set(fields, "collaborators", repository.collaborators);
  set(fields, "clone_url", repository.clone_url_override);
  if (fields.contains("description")) {
    const json& text = fields["description"];
    repository.description = text.is_null() ? std::nullopt : std::optional(text.get<std::string>());
  }
  if (fields.contains("pushed_at")) {
    const json& time = fields["pushed_at"];
    repository.pushed_at = time.is_null() ? std::nullopt : std::optional(time_from(time));
  }
  if (fields.contains("block")) repository.block = block_from(fields["block"]);
}

void make_content(const json& content, const std::filesystem::path& path) {
  make_repository_content(path, content.value("seed", 1U), content.value("commits", 5),
                          content.value("files", 4));
}

/// By "owner/name".
RepositoryId repository_named(const std::string& name, const World& world) {
  const auto slash = name.find('/');
  const auto repository = world.find_repository(name.substr(0, slash), name.substr(slash + 1));
  if (!repository) throw Error(ErrorKind::invalid, name + ": no such repository");
  return repository->id;
}

void add_releases(RepositoryId id, const json& releases, World& world) {
  for (const json& fields : releases) {
    Release release;
    release.tag = fields.at("tag");
    if (fields.contains("name")) release.name = fields["name"].get<std::string>();
    if (fields.contains("body")) release.body = fields["body"].get<std::string>();
    release.draft = fields.value("draft", false);
    release.prerelease = fields.value("prerelease", false);
    const ReleaseId added = world.add_release(id, std::move(release));
    for (const json& asset : fields.value("assets", json::array()))
      world.add_asset(added, {.name = asset.at("name"), .content = content_of(asset.at("content"))});
  }
}

BusyShape busy_shape_from(const json& fields) {
  BusyShape shape;
  set(fields, "issues", shape.issues);
  set(fields, "pull_requests", shape.pull_requests);
  set(fields, "comments", shape.comments);
  set(fields, "reviews", shape.reviews);
  set(fields, "review_comments", shape.review_comments);
  set(fields, "events", shape.events);
  set(fields, "discussions", shape.discussions);
  set(fields, "seed", shape.seed);
  return shape;
}

/// Of everything one, of the owner too.
void add_samples(RepositoryId id, World& world) {
  add_conversation_samples(world, id);
  add_settings_samples(world, id);
  const std::string owner = world.repository(id).owner;
  const bool is_organization = world.find_account(owner)->type == AccountType::organization;
  is_organization ? add_organization_samples(world, owner, id) : add_user_samples(world, owner, id);
}

/// What is done rather than set.
void act(RepositoryId id, const json& fields, World& world) {
  if (fields.contains("content")) make_content(fields["content"], world.repository(id).path);
  if (fields.contains("history"))
    make_history(world.repository(id).path, history_shape_from(fields["history"]));
  if (fields.contains("lfs")) add_lfs_objects(fields["lfs"], id, world);
  for (const std::string login : fields.value("starred_by", json::array())) world.star(login, id);
  if (fields.contains("releases")) add_releases(id, fields["releases"], world);
  if (fields.contains("busy")) make_busy(world, id, busy_shape_from(fields["busy"]));
  if (fields.value("samples", false)) add_samples(id, world);
  if (fields.contains("wiki")) make_content(fields["wiki"], world.add_wiki(id));
  if (fields.contains("content") || fields.contains("history") || fields.value("pushed", false))
    world.pushed(id);
}

/// Nothing where the field is missing: all.
std::optional<std::set<RepositoryId>> repositories_in(const json& fields, const World& world) {
  if (!fields.contains("repositories")) return std::nullopt;
  std::set<RepositoryId> out;
  for (const std::string name : fields["repositories"]) out.insert(repository_named(name, world));
  return out;
}

void add_token(const json& fields, World& world) {
  Token token;
  token.value = fields.at("value");
  token.login = fields.at("login");
  token.kind = fields.value("kind", "classic") == "classic" ? TokenKind::classic : TokenKind::fine_grained;
  token.revoked = fields.value("revoked", false);
  token.repositories = repositories_in(fields, world);
  set(fields, "scopes", token.scopes);
  if (fields.contains("permissions")) token.permissions = fields["permissions"].get<Permissions>();
  world.add_token(std::move(token));
}

void add_gist(const json& fields, World& world) {
  Gist gist;
  gist.owner = fields.at("owner");
  gist.files = fields.at("files").get<std::map<std::string, std::string>>();
  set(fields, "id", gist.id);
  set(fields, "public", gist.is_public);
  if (fields.contains("description")) gist.description = fields["description"].get<std::string>();
  const std::string id = world.add_gist(std::move(gist));
  for (const json& comment : fields.value("comments", json::array()))
    world.add_gist_comment(id, comment.at("user"), comment.at("body"));
  for (const std::string login : fields.value("starred_by", json::array())) world.star_gist(login, id);
}

void add_app(const json& fields, World& world) {
  App app;
  app.id = fields.at("id");
  app.client_id = fields.value("client_id", "");
  app.slug = fields.value("slug", app.slug);
  app.owner = fields.at("owner");
  app.public_key = fields.at("public_key");
  world.add_app(app);
  for (const json& installation : fields.value("installations", json::array())) {
    auto id = world.install(app.id, installation.at("account"), repositories_in(installation, world));
    bool suspended = installation.value("suspended", false);
    world.edit_installation(id, [&](Installation& each) { each.suspended = suspended; });
  }
}

}  // namespace

RepositoryId add_repository(const json& fields, World& world) {
  try {
    RepositoryOptions options;
    std::string owner = fields.at("owner");
    std::string name = fields.at("name");
    set(fields, "default_branch", options.default_branch);
    if (fields.contains("id")) options.id = fields["id"].get<RepositoryId>();
    if (fields.value("object_format", "sha1") == "sha256") options.object_format = ObjectFormat::sha256;
    if (fields.contains("fork_of")) options.fork_of = repository_named(fields["fork_of"], world);
    std::string path = fields.value("path", owner + "/" + name + ".git");
    options.adopt_path = world.root() / path;
    RepositoryId id = world.add_repository(owner, name, options);
    act(id, fields, world);
    world.edit(id, [&](Repository& repository) { set_fields(fields, repository); });
    return id;
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, error.what());
  }
}

void change_repository(RepositoryId id, const json& fields, World& world) {
  try {
    Repository before = world.repository(id);
    if (std::string owner = fields.value("owner", before.owner); owner != before.owner)
      world.transfer(id, owner);
    if (std::string name = fields.value("name", before.name); name != before.name) world.rename(id, name);
    if (fields.contains("default_branch")) world.set_default_branch(id, fields["default_branch"]);
    act(id, fields, world);
    world.edit(id, [&](Repository& repository) { set_fields(fields, repository); });
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, error.what());
  }
}

json repository_fields(const Repository& repository) {
  return {{"id", repository.id},
          {"owner", repository.owner},
          {"name", repository.name},
          {"description", repository.description ? json(*repository.description) : json(nullptr)},
          {"private", repository.is_private},
          {"fork", repository.fork},
          {"archived", repository.archived},
          {"disabled", repository.disabled},
          {"has_wiki", repository.has_wiki},
          {"size_kb", repository.size_kb},
          {"pushed_at", repository.pushed_at ? json(format_time(*repository.pushed_at)) : json(nullptr)},
          {"updated_at", format_time(repository.updated_at)},
          {"created_at", format_time(repository.created_at)},
          {"default_branch", repository.default_branch},
          {"collaborators", repository.collaborators},
          {"block", block_name(repository.block)},
          {"clone_url", repository.clone_url_override},
          {"path", repository.path.string()}};
}

void load_world(const json& document, World& world) {
  try {
    for (const std::string login : document.value("users", json::array())) world.add_user(login);
    for (const json& organization : document.value("organizations", json::array())) {
      world.add_organization(organization.at("login"), organization.value("members", Logins{}));
      for (const std::string owner : organization.value("owners", json::array()))
        world.add_owner(organization.at("login"), owner);
    }
    for (const json& fields : document.value("repositories", json::array())) add_repository(fields, world);
    for (const json& fields : document.value("tokens", json::array())) add_token(fields, world);
    for (const json& fields : document.value("gists", json::array())) add_gist(fields, world);
    for (const json& fields : document.value("apps", json::array())) add_app(fields, world);
  } catch (const json::exception& error) {
    throw Error(ErrorKind::invalid, error.what());
  }
}

}  // namespace hubkeep::sim
