// Without a name, all installations of the App are listed, and exactly one of them must be usable. With
// names, each account is asked for by its own path; the first answers 404 for a user that was named as an
// organisation, so the other kind is tried. All names must lead to one installation, since a run has one
// token.
#include "github/installation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "github/list_walk.h"
#include "github/repository_json.h"
#include "github/selection.h"

namespace hubkeep {
namespace {

using nlohmann::json;

constexpr std::size_t kMostAccountsToName = 20;

// An account that was named, and where its installation may be asked for, in the order of likelihood.
struct Wanted {
  std::string account;
  std::vector<std::string> paths;
};

Installation parse_installation(const json& value) {
  const auto account = value.is_object() ? value.find("account") : value.end();
  const auto id = value.is_object() ? value.find("id") : value.end();
  if (account == value.end() || id == value.end() || !id->is_number_integer())
    throw Error(ErrorKind::corrupt, "GitHub's answer describes no installation");
  return {.id = id->get<std::int64_t>(),
          .account = parse_user(*account),
          .is_suspended = !value.value("suspended_at", json()).is_null()};
}

// An App may be installed on an enterprise as well, whose description is another one. It has no repositories
// there.
bool is_of_enterprise(const json& installation) {
  const auto type = installation.find("target_type");
  return type != installation.end() && *type == "Enterprise";
}

std::vector<Wanted> accounts_of(const RepositorySelection& selection) {
  std::vector<Wanted> wanted;
  const auto add = [&](const std::string& account, std::vector<std::string> paths) {
    const bool known = std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& other) {
      return equals_ignoring_case(other.account, account);
    });
    if (!known) wanted.push_back({account, std::move(paths)});
  };
  const auto of_user = [](const std::string& login) {
    return "/users/" + encode_login(login) + "/installation";
  };
  const auto of_organization = [](const std::string& login) {
    return "/orgs/" + encode_login(login) + "/installation";
  };
  for (const auto& login : selection.organizations) add(login, {of_organization(login), of_user(login)});
  for (const auto& login : selection.users) add(login, {of_user(login), of_organization(login)});
  for (const auto& name : selection.names) {
    const std::string owner = name.substr(0, name.find('/'));
    add(owner,
        {"/repos/" + encode_full_name(name) + "/installation", of_organization(owner), of_user(owner)});
  }
  return wanted;
}

class Search {
 public:
  Search(RestClient& client, const std::stop_token& stop) : client_(client), stop_(stop) {}

  Installation only_one() {
    const std::vector<Installation> all = every_one();
    if (all.empty()) refuse_absent("anywhere");
    if (all.size() == 1) return usable(all.front());
    // Whoever is installed twice and has one suspended means the other.
    std::vector<Installation> active = all;
    std::erase_if(active, [](const Installation& each) { return each.is_suspended; });
    if (active.size() == 1) return active.front();
    throw Error(ErrorKind::invalid,
                fmt::format("{} is installed on several accounts: name one of them with --org or --user: {}",
                            app(), names_of(active.empty() ? all : active)));
  }

  /// `wanted`: one at least.
  Installation of(const std::vector<Wanted>& wanted) {
    const Installation found = usable(installation_of(wanted.front()));
    for (std::size_t i = 1; i < wanted.size(); ++i) {
      const Installation other = usable(installation_of(wanted[i]));
      if (other.id == found.id) continue;
      throw Error(ErrorKind::invalid,
                  fmt::format("{} and {} are accounts with installations of their own, and a run can use one "
                              "of them: run hubkeep once for each",
                              printable(found.account.login), printable(other.account.login)));
    }
    return found;
  }

 private:
  std::vector<Installation> every_one() {
    std::map<std::int64_t, Installation> all;
    const ListWalkReader reader{.item = [&](std::string_view text, UtcTime, int) {
      const json item = parse_json(text);
      if (is_of_enterprise(item)) return;
      const Installation installation = parse_installation(item);
      all.insert_or_assign(installation.id, installation);
    }};
    try {
      const ListEnd end =
          walk_list(client_, {client_.url("/app/installations?per_page=100"), ""}, reader, stop_);
      if (end.problem) throw Error(end.problem->error);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      refuse_unknown_app();
    }
    std::vector<Installation> installations;
    for (auto& [id, installation] : all) installations.push_back(std::move(installation));
    return installations;
  }

  Installation installation_of(const Wanted& wanted) {
    for (const auto& path : wanted.paths) {
      try {
        return client_.get(client_.url(path), {}, stop_,
                           [](const ApiAnswer& answer) { return parse_installation(answer.json()); });
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) throw;
      }
    }
    refuse_absent("on " + printable(wanted.account));
  }

  Installation usable(const Installation& installation) const {
    if (!installation.is_suspended) return installation;
    throw Error(ErrorKind::invalid,
                fmt::format("the installation of {} on {} is suspended: whoever suspended it, its owner or "
                            "the App's, can lift that in the settings",
                            app(), printable(installation.account.login)));
  }

  // A 404 may as well mean that there is no such App at all.
  [[noreturn]] void refuse_absent(const std::string& where) {
    std::string page;
    try {
      const json app = client_.get(client_.url("/app"), {}, stop_).json();
      const json url = app.is_object() ? app.value("html_url", json()) : json();
      if (url.is_string()) page = " at " + printable(url.get<std::string>());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      refuse_unknown_app();
    }
    throw Error(ErrorKind::invalid, fmt::format("{} is not installed {}: install it{}, with the repositories "
                                                "that are to be saved",
                                                app(), where, page));
  }

  [[noreturn]] void refuse_unknown_app() const {
    throw Error(ErrorKind::invalid,
                fmt::format("{} does not know {}: --app-id is the App ID or the client ID that the App's "
                            "settings show",
                            client_.api_url().origin(), app()));
  }

  static std::string names_of(const std::vector<Installation>& installations) {
    std::string names;
    for (std::size_t i = 0; i < std::min(installations.size(), kMostAccountsToName); ++i)
      names += (i == 0 ? "" : ", ") + printable(installations[i].account.login);
    return names + (installations.size() > kMostAccountsToName ? ", …" : "");
  }

  std::string app() const { return client_.token_origin(); }

  RestClient& client_;
  const std::stop_token& stop_;
};

}  // namespace

Installation find_installation(RestClient& client, const RepositorySelection& selection,
                               const std::stop_token& stop) {
  const std::vector<Wanted> wanted = accounts_of(selection);
  Search search(client, stop);
  return wanted.empty() ? search.only_one() : search.of(wanted);
}

}  // namespace hubkeep
