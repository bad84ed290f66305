#include "github/rest_github.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "github/repository_json.h"
#include "github/selection.h"
#include "github/token_scope.h"

namespace hubkeep {
namespace {

using Repositories = std::vector<Repository>;

// These two exist for every token, so a 404 is about where we asked.
template <typename Action>
auto with_api_url_hint(Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found) throw;
    throw Error(ErrorKind::invalid,
                error.message() +
                    "; is --api-url right? It must be https://api.github.com, or end in /api/v3 "
                    "for GitHub Enterprise Server");
  }
}

// One call of list_repositories.
class Listing {
 public:
  Listing(RestClient& client, const RepositorySelection& selection, const std::stop_token& stop)
      : client_(client), selection_(selection), stop_(stop) {}

  RepositoryList run() {
    account_ = client_.token_source().installation_account(stop_);
    if (selection_.only_owner) {
      require_token("to know whose repositories are meant");
      user_ = account_ ? *account_ : current_user();
    }
    if (names_nothing() && account_) add_all_of_installation();
    if (names_nothing() && !account_) add_all_of_token();
    for (const auto& login : selection_.users) attempt("--user " + login, [&] { add_user(login); });
    for (const auto& login : selection_.organizations)
      attempt("--org " + login, [&] { add_organization(login); });
    for (const auto& name : selection_.names) attempt(name, [&] { add_repository(name); });
    return finish();
  }

 private:
  bool names_nothing() const {
    return selection_.users.empty() && selection_.organizations.empty() && selection_.names.empty();
  }

  void require_token(std::string_view why) const {
    if (client_.has_token()) return;
    throw Error(
        ErrorKind::invalid,
        fmt::format(
            "no token {}: set TOKEN_GITHUB, or use --token-file, or --app-id for a GitHub App, or name "
            "what is public with --user, --org or --repo",
            why));
  }

  // What is named and cannot be had is a problem of its own; what would hit every other name, too, ends the
  // listing.
  template <typename Action>
  void attempt(const std::string& name, Action&& action) {
    try {
      action();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::forbidden &&
          error.kind() != ErrorKind::corrupt)
        throw;
      result_.problems.push_back({name, error});
    }
  }

  void add_all_of_token() {
    require_token("to list its repositories");
    const auto found = with_api_url_hint([&] {
      return get_list(
          "/user/repos?per_page=100&affiliation=owner,collaborator,organization_member&visibility=all");
    });
    keep(found);
    if (!result_.problems.empty()) return;
    for (const auto& repository : found) cover(repository.owner);
  }

  // An App may not ask who it is, nor for a user's private repositories but so.
  void add_all_of_installation() {
    keep(get_list("/installation/repositories?per_page=100", "repositories"));
    if (account_) cover(account_->login);
  }

  bool is_of_installation(const std::string& login) const {
    return account_ && equals_ignoring_case(account_->login, login);
  }

  void add_user(const std::string& login) {
    if (is_of_installation(login)) return add_all_of_installation();
    const std::string encoded = encode_login(login);
    const auto user = token_user();
    if (user && equals_ignoring_case(user->login, login)) {
      auto found = get_list("/user/repos?per_page=100&affiliation=owner&visibility=all");
      std::erase_if(found, [&](const Repository& repository) { return repository.owner_id != user->id; });
      keep(found);
    } else {
      keep(get_list("/users/" + encoded + "/repos?per_page=100&type=owner"));
    }
    cover(login);
  }

  void add_organization(const std::string& login) {
    if (is_of_installation(login)) return add_all_of_installation();
    const std::string encoded = encode_login(login);
    try {
      keep(get_list("/orgs/" + encoded + "/repos?per_page=100&type=all"));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found || !is_user(encoded)) throw;
      throw Error(ErrorKind::not_found,
                  fmt::format("{0} is a user, not an organisation: use --user {0}", login));
    }
    cover(login);
  }

  void add_repository(const std::string& name) {
    client_.get_json(client_.url("/repos/" + encode_full_name(name)), stop_,
                     [&](const RestAnswer& answer) { keep({parse_repository(answer.body, answer.date)}); });
  }

  Repositories get_list(const std::string& path, std::string_view member = {}) {
    Repositories found;
    const auto read = [&](const RestAnswer& answer) {
      for (const auto& item : answer.body) read_item(item, answer.date, found);
      note_partial_results(answer.response);
    };
    client_.get_pages(client_.url(path), stop_, read, member);
    return found;
  }

  // One that is described as nobody expects must not keep the others from being saved.
  void read_item(const nlohmann::json& item, UtcTime date, Repositories& found) {
    try {
      found.push_back(parse_repository(item, date));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      has_unread_ = true;
      const auto name = item.is_object() ? item.value("full_name", nlohmann::json()) : nlohmann::json();
      result_.problems.push_back(
          {name.is_string() ? name.get<std::string>() : "a repository without a name", error});
    }
  }

  // "X-GitHub-SSO: partial-results; organizations=21955855,20582480": a 200 that leaves organisations out.
  void note_partial_results(const HttpResponse& response) {
    const auto sso = response.header("X-GitHub-SSO");
    if (!sso || !sso->starts_with("partial-results") || sso == noted_sso_) return;
    noted_sso_ = *sso;
    const auto equals = sso->find('=');
    const std::string ids = equals == std::string::npos ? "unknown" : printable(sso->substr(equals + 1));
    result_.problems.push_back(
        {"organisations with single sign-on",
         Error(ErrorKind::forbidden,
               fmt::format("the token from {} is not authorised for the single sign-on of the "
                           "organisations with the ids {}: their repositories are missing",
                           client_.token_origin(), ids))});
  }

  bool is_user(const std::string& encoded_login) {
    try {
      bool result = false;
      client_.get_json(client_.url("/users/" + encoded_login), stop_, [&](const RestAnswer& answer) {
        result = answer.body.is_object() && answer.body.value("type", nlohmann::json()) == "User";
      });
      return result;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      return false;
    }
  }

  User current_user() {
    return with_api_url_hint([&] {
      User user;
      client_.get_json(client_.url("/user"), stop_,
                       [&](const RestAnswer& answer) { user = parse_user(answer.body); });
      return user;
    });
  }

  // The token's user, asked for once; nothing for tokens that are no user's, like those of apps.
  std::optional<User> token_user() {
    if (user_ || asked_for_user_ || account_ || !client_.has_token()) return user_;
    asked_for_user_ = true;
    try {
      user_ = current_user();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::forbidden) throw;
    }
    return user_;
  }

  void keep(const Repositories& found) {
    for (const auto& repository : found) found_.emplace(repository.id, repository);
  }

  void cover(const std::string& login) {
    if (!noted_sso_.empty() || has_unread_) return;  // what the answer left out is not gone
    const std::string owner = to_lower(login);
    auto& owners = result_.covered_owners;
    if (std::find(owners.begin(), owners.end(), owner) == owners.end()) owners.push_back(owner);
  }

  RepositoryList finish() {
    for (auto& [id, repository] : found_) {
      result_.seen_ids.push_back(id);
      if (is_selected(repository, selection_, user_)) result_.repositories.push_back(std::move(repository));
    }
    result_.seen = found_.size();
    result_.public_only = !client_.has_token();
    return std::move(result_);
  }

  RestClient& client_;
  const RepositorySelection& selection_;
  const std::stop_token& stop_;
  std::optional<User> account_;  // where the App is installed; nothing for other tokens
  std::optional<User> user_;
  bool asked_for_user_ = false;
  std::string noted_sso_;
  bool has_unread_ = false;  // a list had something that could not be read
  std::map<std::int64_t, Repository> found_;
  RepositoryList result_;
};

class RestGitHub final : public GitHub {
 public:
  RestGitHub(HttpClient& http, Clock& clock, RestGitHubOptions options)
      : client_(http, clock, std::move(options)) {}

  RepositoryList list_repositories(const RepositorySelection& selection,
                                   const std::stop_token& stop) override {
    return Listing(client_, selection, stop).run();
  }

  std::optional<std::string> full_name_of(std::int64_t id, const std::stop_token& stop) override {
    try {
      std::string name;
      client_.get_json(client_.url(fmt::format("/repositories/{}", id)), stop, [&](const RestAnswer& answer) {
        const auto found = answer.body.find("full_name");
        if (found != answer.body.end() && found->is_string()) name = *found;
      });
      return name;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      return std::nullopt;
    }
  }

  void download_zip(const std::string& full_name, const std::string& commit, ByteSink& zip,
                    const std::stop_token& stop) override {
    client_.download(client_.url(fmt::format("/repos/{}/zipball/{}", encode_full_name(full_name), commit)),
                     zip, stop);
  }

  std::string host() const override { return git_host(client_.api_url()); }

  std::uint64_t request_count() const override { return client_.request_count(); }

 private:
  RestClient client_;
};

}  // namespace

std::unique_ptr<GitHub> make_rest_github(HttpClient& http, Clock& clock, RestGitHubOptions options) {
  return std::make_unique<RestGitHub>(http, clock, std::move(options));
}

}  // namespace hubkeep
