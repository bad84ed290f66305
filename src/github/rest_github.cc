// Which list to ask for depends on who asks: a user's token has /user/repos, an App
// /installation/repositories, and nobody sees private repositories under /users/LOGIN/repos. Lists and names
// are each tried by themselves, and what cannot be had is a problem beside what could; only where nothing at
// all came is it the listing's Error.
#include "github/rest_github.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/gist_name.h"
#include "base/json.h"
#include "base/text.h"
#include "github/known_repositories.h"
#include "github/list_walk.h"
#include "github/repository_json.h"
#include "github/selection.h"
#include "github/token_scope.h"

namespace hubkeep {
namespace {

// What is new comes at the end, and moves nothing.
constexpr const char* kAllOfToken = "the list of repositories";
constexpr std::size_t kLongestName = 300;  // that is told
constexpr const char* kInOrder = "&sort=created&direction=asc";
constexpr const char* kForGists = "a classic token with the scope gist";

// Repositories come before gists, and each of these in order of its ids.
using ListedId = std::pair<std::string, std::int64_t>;

ListedId listed_id(const Repository& repository) {
  return {repository.is_gist ? repository.name : "", repository.id};
}

bool is_repository(const ListedId& id) {
  return id.first.empty();
}

// A list to be asked for.
struct ListQuestion {
  std::string name;  // what it is called in `problems`
  std::string path;
  std::string member = {};       // see ListSource
  std::string order = kInOrder;  // lists of gists have one of their own: the newest first
  Repository (*parse)(const nlohmann::json& item, UtcTime date) = parse_repository;
};

// What one list brought, by id.
struct Listed {
  struct Item {
    Repository repository;
    int walk = 1;
  };
  struct Unread {
    SelectionProblem problem;
    int walk = 1;
  };
  std::map<ListedId, Item> items;
  std::vector<Unread> unread;
  bool is_whole = true;

  // A page may come more than once.
  void add_unread(SelectionProblem problem, int walk) {
    const bool is_known = std::any_of(unread.begin(), unread.end(), [&](const Unread& other) {
      return other.walk == walk && other.problem.name == problem.name &&
             other.problem.error.message() == problem.error.message();
    });
    if (!is_known) unread.push_back({std::move(problem), walk});
  }

  void keep_only(int walk) {
    std::erase_if(items, [&](const auto& entry) { return entry.second.walk != walk; });
    std::erase_if(unread, [&](const Unread& each) { return each.walk != walk; });
  }
};

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
class RepositoryLister {
 public:
  RepositoryLister(RestClient& client, const RepositorySelection& selection, const std::stop_token& stop)
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
    for (const auto& name : selection_.names) attempt(name, [&] { add_named(name); });
    if (selection_.starred) attempt("--starred", [&] { add_starred(); });
    add_gists();
    // Beyond this point what is missing is a problem; where that is all there is, it is the listing's error.
    if (found_.empty() && failure_) throw Error(*failure_);
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

  // What is named and cannot be had is a problem of its own. What would hit every other name as well is
  // theirs too, and they are not asked for.
  template <typename Action>
  void attempt(const std::string& name, Action&& action) {
    try {
      if (refusal_) throw Error(*refusal_);
      action();
    } catch (const Error& error) {
      const ErrorKind kind = error.kind();
      if (kind == ErrorKind::cancelled || kind == ErrorKind::internal) throw;
      if (kind == ErrorKind::unauthorized || kind == ErrorKind::rate_limited) refusal_ = error;
      const bool is_about_name =
          kind == ErrorKind::not_found || kind == ErrorKind::forbidden || kind == ErrorKind::corrupt;
      if (!is_about_name && !failure_) failure_ = error;
      if (name.starts_with("--")) result_.is_whole = false;
      result_.problems.push_back({name, error});
    }
  }

  void add_all_of_token() {
    require_token("to list its repositories");
    const Listed listed = with_api_url_hint([&] {
      return get_list(
          {kAllOfToken,
           "/user/repos?per_page=100&affiliation=owner,collaborator,organization_member&visibility=all"});
    });
    keep(listed);
  }

  // An App may not ask who it is, nor for a user's private repositories but so.
  void add_all_of_installation() {
    const Listed listed =
        get_list({kAllOfToken, "/installation/repositories?per_page=100", "repositories", ""});
    keep(listed);
  }

  bool is_of_installation(const std::string& login) const {
    return account_ && equals_ignoring_case(account_->login, login);
  }

  void add_user(const std::string& login) {
    if (is_of_installation(login)) return add_all_of_installation();
    const std::string encoded = encode_login(login);
    const auto user = token_user();
    Listed listed;
    if (user && equals_ignoring_case(user->login, login)) {
      listed = get_list({"--user " + login, "/user/repos?per_page=100&affiliation=owner&visibility=all"});
      std::erase_if(listed.items,
                    [&](const auto& entry) { return entry.second.repository.owner_id != user->id; });
    } else {
      listed = get_list({"--user " + login, "/users/" + encoded + "/repos?per_page=100&type=owner"});
    }
    keep(listed);
  }

  void add_organization(const std::string& login) {
    if (is_of_installation(login)) return add_all_of_installation();
    const std::string encoded = encode_login(login);
    try {
      const Listed listed = get_list({"--org " + login, "/orgs/" + encoded + "/repos?per_page=100&type=all"});
      keep(listed);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found || !is_user(encoded)) throw;
      throw Error(ErrorKind::not_found,
                  fmt::format("{0} is a user, not an organisation: use --user {0}", login));
    }
  }

  void add_named(const std::string& name) {
    const auto gist = gist_named(name);
    Repository repository =
        gist ? client_.get(client_.url("/gists/" + *gist), {}, stop_, read_gist)
             : client_.get(client_.url("/repos/" + encode_full_name(name)), {}, stop_, read_repository);
    found_.emplace(listed_id(repository), std::move(repository));
  }

  bool is_app() const { return client_.token_source().kind() == TokenKind::installation; }

  void add_starred() {
    if (is_app())
      throw Error(ErrorKind::forbidden, "a GitHub App has starred nothing: it takes the token of a user");
    require_token("to know whose stars are meant");
    Listed listed = get_list({"--starred", "/user/starred?per_page=100"});
    for (auto& [id, item] : listed.items) {
      starred_.insert(id);
      item.repository.came_by_star = !found_.contains(id);
    }
    keep(listed);
  }

  // The gists of each account that the run is about, and those that the token's user has starred.
  void add_gists() {
    const bool are_wanted = selection_.gists != Wish::none && (names_nothing() || !selection_.users.empty());
    if (!are_wanted && !selection_.starred_gists) return;
    if (is_app()) return refuse_gists("GitHub shows them to no App");
    if (are_wanted && names_nothing()) attempt("the list of gists", [&] { add_own_gists(); });
    for (const std::string& login : selection_.users)
      if (are_wanted) attempt("the gists of " + login, [&] { add_gists_of(login); });
    if (selection_.starred_gists) attempt("--with starred-gists", [&] { add_starred_gists(); });
  }

  static ListQuestion gists(const std::string& name, const std::string& path) {
    return {.name = name, .path = path + "?per_page=100", .order = "", .parse = parse_gist};
  }

  void add_own_gists() {
    try {
      const Listed listed = get_list(gists("the list of gists", "/gists"));
      keep(listed);
      if (!listed.items.empty()) result_.gist_owner = to_lower(listed.items.begin()->second.repository.owner);
      tell_of_secret_gists(listed);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::forbidden && error.kind() != ErrorKind::not_found) throw;
      refuse_gists(error.message());
    }
  }

  void add_gists_of(const std::string& login) {
    const auto user = token_user();
    if (user && equals_ignoring_case(user->login, login)) return add_own_gists();
    keep(get_list(gists("the gists of " + login, "/users/" + encode_login(login) + "/gists")));
  }

  void add_starred_gists() {
    require_token("to know whose stars are meant");
    const Listed listed = get_list(gists("--with starred-gists", "/gists/starred"));
    for (const auto& [id, item] : listed.items) starred_.insert(id);
    keep(listed);
  }

  // Known before anything is saved. Who has asked for gists by name is not content without them.
  void refuse_gists(const std::string& why) {
    const std::string text =
        fmt::format("gists are not kept: {}; use --without gists, or {}", why, kForGists);
    result_.gists_refused = text;
    if (selection_.starred_gists)
      result_.problems.push_back({"--with starred-gists", Error(ErrorKind::forbidden, text)});
    tell_or_complain(text);
  }

  // A classic token says by its scopes what it may see. Of another kind nobody knows until a secret one
  // comes.
  void tell_of_secret_gists(const Listed& listed) {
    const bool has_secret = std::any_of(listed.items.begin(), listed.items.end(),
                                        [](const auto& entry) { return entry.second.repository.is_private; });
    if (has_secret || (scopes_ && scopes_->contains("gist"))) return;
    const std::string origin = client_.token_origin();
    if (scopes_)
      tell_or_complain(fmt::format(
          "secret gists are not kept: the token from {} lacks the scope gist; use --without gists, or {}",
          origin, kForGists));
    else
      result_.notices.push_back(fmt::format(
          "secret gists may be missing: GitHub shows none to the token from {}; {} would see them", origin,
          kForGists));
  }

  void tell_or_complain(const std::string& text) {
    if (selection_.gists == Wish::demanded)
      result_.problems.push_back({"--with gists", Error(ErrorKind::forbidden, text)});
    else
      result_.notices.push_back(text);
  }

  // Throws where nothing could be listed.
  Listed get_list(const ListQuestion& question) {
    Listed listed;
    const ListWalkReader reader{
        .item = [&](std::string_view item, UtcTime date,
                    int walk) { read_item(parse_json(item), date, walk, question.parse, listed); },
        .page =
            [&](const ApiAnswer& answer) {
              note_partial_results(answer);
              note_scopes(answer);
            }};
    const ListEnd end =
        walk_list(client_, {client_.url(question.path + question.order), question.member}, reader, stop_);
    if (!end.problem) listed.keep_only(end.walk);
    for (const auto& each : listed.unread) result_.problems.push_back(each.problem);
    listed.is_whole = !end.problem && listed.unread.empty() && noted_sso_.empty();
    if (end.problem) tell_of(question.name, *end.problem);
    result_.is_whole = result_.is_whole && listed.is_whole;
    return listed;
  }

  void tell_of(const std::string& name, const ListProblem& problem) {
    const Error& error = problem.error;
    result_.problems.push_back(
        {fmt::format("{}, page {}", name, problem.page),
         Error(error.kind(), error.message() + "; repositories may be missing from this run")});
    if (error.kind() == ErrorKind::unauthorized || error.kind() == ErrorKind::rate_limited) refusal_ = error;
  }

  // One that is described as nobody expects must not keep the others from being saved.
  static void read_item(const nlohmann::json& item, UtcTime date, int walk,
                        Repository (*parse)(const nlohmann::json&, UtcTime), Listed& listed) {
    try {
      Repository repository = parse(item, date);
      const ListedId id = listed_id(repository);
      listed.items.insert_or_assign(id, Listed::Item{std::move(repository), walk});
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::corrupt) throw;
      const nlohmann::json id = item.is_object() ? item.value("id", nlohmann::json()) : nlohmann::json();
      const nlohmann::json name = item.is_object() ? item.value("full_name", id) : id;  // a gist has its id
      listed.add_unread(
          {name.is_string() ? name.get<std::string>().substr(0, kLongestName) : "a repository without a name",
           error},
          walk);
    }
  }

  // "X-OAuth-Scopes: gist, repo": of classic tokens alone.
  void note_scopes(const ApiAnswer& answer) {
    const auto header = answer.header("X-OAuth-Scopes");
    if (!header) return;
    scopes_.emplace();
    for (const std::string_view scope : split(*header, ',')) scopes_->emplace(trim(scope));
  }

  // "X-GitHub-SSO: partial-results; organizations=21955855,20582480": a 200 that leaves organisations out.
  void note_partial_results(const ApiAnswer& answer) {
    const auto sso = answer.header("X-GitHub-SSO");
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
      const auto account = client_.get(client_.url("/users/" + encoded_login), {}, stop_).json();
      return account.is_object() && account.value("type", nlohmann::json()) == "User";
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      return false;
    }
  }

  User current_user() {
    return with_api_url_hint([&] { return client_.get(client_.url("/user"), {}, stop_, read_user); });
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

  void keep(const Listed& listed) {
    for (const auto& [id, item] : listed.items) found_.emplace(id, item.repository);
  }

  std::optional<std::vector<std::string>> owners() const {
    std::vector<std::string> logins = selection_.users;
    logins.insert(logins.end(), selection_.organizations.begin(), selection_.organizations.end());
    if (names_nothing() && account_) logins = {account_->login};
    if (names_nothing() && !account_) {
      if (!selection_.only_owner || !user_) return std::nullopt;
      logins = {user_->login};
    }
    for (std::string& login : logins) login = to_lower(login);
    return logins;
  }

  // What somebody has starred belongs to others.
  bool is_meant(const ListedId& id, const Repository& repository) const {
    if (!starred_.contains(id)) return is_selected(repository, selection_, user_);
    RepositorySelection of_anybody = selection_;
    of_anybody.only_owner = false;
    return is_selected(repository, of_anybody, user_);
  }

  RepositoryList finish() {
    for (auto& [id, repository] : found_) {
      if (is_repository(id))
        result_.seen_ids.push_back(repository.id);
      else
        result_.seen_gists.push_back(repository.name);
      if (is_meant(id, repository)) result_.repositories.push_back(std::move(repository));
    }
    result_.seen = result_.seen_ids.size();
    // An empty list proves nothing for a token that may not see private repositories. See
    // RestGitHubTest.KnowsAnEmptyAccountFromATokenThatSeesNothing.
    result_.is_proved_empty = result_.seen == 0 && result_.is_whole && result_.problems.empty() && scopes_ &&
                              scopes_->contains("repo");
    result_.owners = owners();
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
  std::optional<std::set<std::string>> scopes_;  // of a classic token
  std::optional<Error> refusal_;                 // what every further question would get
  std::optional<Error> failure_;                 // the first that is not about what was named
  std::set<ListedId> starred_;
  std::map<ListedId, Repository> found_;
  RepositoryList result_;
};

class RestGitHub final : public GitHub {
 public:
  RestGitHub(HttpClient& http, Clock& clock, RestGitHubOptions options)
      : clock_(clock), client_(http, clock, std::move(options)) {}

  RepositoryList list_repositories(const RepositorySelection& selection,
                                   const std::stop_token& stop) override {
    return RepositoryLister(client_, selection, stop).run();
  }

  std::optional<std::string> full_name_of(std::int64_t id, const std::stop_token& stop) override {
    try {
      const Repository repository =
          client_.get(client_.url(fmt::format("/repositories/{}", id)), {}, stop, read_repository);
      if (repository.id == id) return repository.full_name;
      throw Error(ErrorKind::corrupt,
                  fmt::format("GitHub was asked for repository {} and described {}", id, repository.id));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
      return std::nullopt;
    }
  }

  std::vector<RepositoryAnswer> repositories_by_id(std::span<const RepositoryIdentity> known,
                                                   const std::stop_token& stop) override {
    return ask_for_known(client_, clock_, known, stop);
  }

  void download_zip(std::int64_t id, const std::string& commit, ByteSink& zip,
                    const std::stop_token& stop) override {
    client_.download(client_.url(fmt::format("/repositories/{}/zipball/{}", id, commit)), zip, stop);
  }

  GitHubApi& api() override { return client_; }

  std::string host() const override { return git_host(client_.api_url()); }

  std::uint64_t request_count() const override { return client_.request_count(); }

 private:
  Clock& clock_;
  RestClient client_;
};

}  // namespace

std::unique_ptr<GitHub> make_rest_github(HttpClient& http, Clock& clock, RestGitHubOptions options) {
  return std::make_unique<RestGitHub>(http, clock, std::move(options));
}

}  // namespace hubkeep
