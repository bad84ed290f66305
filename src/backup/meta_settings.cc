// A table of addresses, asked one after the other. What the repository itself says of it spares some of them.
#include "backup/meta_settings.h"

#include <fmt/format.h>

#include <array>
#include <set>

#include "backup/meta_lists.h"
#include "base/caught_error.h"
#include "base/error.h"
#include "github/json_slices.h"
#include "github/list_walk.h"

namespace hubkeep {
namespace {

/// Where there is something to ask for.
enum class Where { everywhere, in_organizations };

struct SettingsList {
  MetaKind kind;
  std::string_view path;
  std::string_view member;
  std::string_view id;
  Where where = Where::everywhere;
};

// https://docs.github.com/rest, by the kinds' names.
constexpr std::array kLists = {
    SettingsList{MetaKind::collaborator, "/collaborators?affiliation=all", "", "id"},
    SettingsList{MetaKind::hook, "/hooks", "", "id"},
    SettingsList{MetaKind::deploy_key, "/keys", "", "id"},
    SettingsList{MetaKind::team, "/teams", "", "id", Where::in_organizations},
    SettingsList{MetaKind::invitation, "/invitations", "", "id"},
    SettingsList{MetaKind::autolink, "/autolinks", "", "id"},
    SettingsList{MetaKind::environment, "/environments", "environments", "id"},
    SettingsList{MetaKind::variable, "/actions/variables", "variables", "name"},
    SettingsList{MetaKind::secret, "/actions/secrets", "secrets", "name"},
    SettingsList{MetaKind::property_values, "/properties/values", "", "property_name",
                 Where::in_organizations},
    SettingsList{MetaKind::security_advisory, "/security-advisories", "", "ghsa_id"},
};

// Of which there is one at most.
struct Single {
  MetaKind kind;
  std::string_view path;
};
constexpr Single kPages{MetaKind::pages, "/pages"};
constexpr Single kInteractionLimits{MetaKind::interaction_limits, "/interaction-limits"};

class Settings {
 public:
  explicit Settings(MetaIntake& intake)
      : intake_(intake), api_(intake.work().context().github.api()), root_(repository_path(intake)) {}

  void run() {
    take_repository();
    for (const SettingsList& list : kLists) {
      if (list.where == Where::in_organizations && !is_in_organization_) {
        intake_.absent(list.kind);
        continue;
      }
      const MetaList asked{.kind = list.kind,
                           .path = std::string(list.path),
                           .member = std::string(list.member),
                           .id = std::string(list.id)};
      guarded(list.kind, [&] { take_list(intake_, root_, asked); });
    }
    guarded(MetaKind::ruleset, [&] { take_rulesets(); });
    if (has_pages_)
      guarded(MetaKind::pages, [&] { take_single(kPages); });
    else
      has_none(MetaKind::pages);
    guarded(MetaKind::interaction_limits, [&] { take_single(kInteractionLimits); });
  }

 private:
  template <typename Action>
  void guarded(MetaKind kind, const Action& action) {
    const auto error = caught_error(action);
    // Who may not administer a repository is told that it is not there.
    if (error) take_refusal(intake_, kind, *error, is_administrator_);
  }

  ApiAnswer get(const std::string& path) {
    return api_.get(api_.url(root_ + path), {.second_look = SecondLook::unless_not_found},
                    intake_.work().stop());
  }

  void take_repository() {
    const ApiAnswer answer = get("");
    const std::string_view repository = answer.body();
    const std::string id = plain_member(repository, "id");
    intake_.take({.kind = MetaKind::repository, .id = id, .parent = {}, .json = repository});
    intake_.saw_all(MetaKind::repository);
    intake_.answered(ApiKind::rest, repository.size());
    has_pages_ = object_member(repository, "has_pages") != "false";
    const std::string_view owner = object_member(repository, "owner").value_or("");
    is_in_organization_ = object_member(owner, "type") == R"("Organization")";
    const std::string_view permissions = object_member(repository, "permissions").value_or("");
    is_administrator_ = object_member(permissions, "admin") == "true";
  }

  // The list says which there are, and each says what it wants.
  void take_rulesets() {
    std::set<std::string> ids;
    const ListWalkReader reader{
        .item = [&](std::string_view item, UtcTime, int) { ids.insert(plain_member(item, "id")); },
        .page = [&](const ApiAnswer& answer) { intake_.answered(ApiKind::rest, answer.body().size()); }};
    const Url first = api_.url(root_ + "/rulesets?includes_parents=false&per_page=100");
    const ListEnd end = walk_list(api_, {first, ""}, reader, intake_.work().stop());
    if (end.problem) throw Error(end.problem->error);
    for (const std::string& id : ids) {
      const ApiAnswer answer = get("/rulesets/" + id);
      intake_.take({.kind = MetaKind::ruleset, .id = id, .parent = {}, .json = answer.body()});
      intake_.answered(ApiKind::rest, answer.body().size());
    }
    intake_.saw_all(MetaKind::ruleset);
    for (const std::string& id : intake_.suspects(MetaKind::ruleset)) intake_.gone(MetaKind::ruleset, id);
  }

  void take_single(const Single& single) {
    const ApiAnswer answer = get(std::string(single.path));
    intake_.answered(ApiKind::rest, answer.body().size());
    // No limits are an empty object.
    if (answer.status() == 204 || answer.body() == "{}") return has_none(single.kind);
    intake_.take({.kind = single.kind, .id = "-", .parent = {}, .json = answer.body()});
    intake_.saw_all(single.kind);
  }

  void has_none(MetaKind kind) {
    intake_.saw_all(kind);
    for (const std::string& id : intake_.suspects(kind)) intake_.gone(kind, id);
  }

  MetaIntake& intake_;
  GitHubApi& api_;
  const std::string root_;
  bool has_pages_ = true;
  bool is_in_organization_ = true;
  bool is_administrator_ = false;
};

class SettingsCollector final : public MetaCollector {
 public:
  std::string_view name() const override { return "settings"; }
  ContentKind group() const override { return ContentKind::settings; }
  std::vector<MetaKind> kinds() const override {
    std::vector<MetaKind> all = {MetaKind::repository, MetaKind::ruleset, MetaKind::pages,
                                 MetaKind::interaction_limits};
    for (const SettingsList& list : kLists) all.push_back(list.kind);
    return all;
  }
  void collect(MetaIntake& intake) const override { Settings(intake).run(); }
};

}  // namespace

std::shared_ptr<const MetaCollector> settings_collector() {
  return std::make_shared<SettingsCollector>();
}

}  // namespace hubkeep
