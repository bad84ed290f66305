// What exists on the simulated GitHub: accounts, tokens, and repositories with a bare git repository each on
// disk. Everything is handed out by value; changes go through functions here, so a test may change the world
// at any time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "sim/apps.h"
#include "sim/attachments.h"
#include "sim/gists.h"
#include "sim/lfs_store.h"
#include "sim/releases.h"

namespace hubkeep::sim {

class Metadata;

using Logins = std::set<std::string>;

enum class AccountType { user, organization };

struct Account {
  std::int64_t id = 0;
  std::string login;
  AccountType type = AccountType::user;
  Logins members;  // of an organisation
  Logins owners;   // those of the members who administer it
  UtcTime created_at{};
};

enum class TokenKind { classic, fine_grained, installation };

struct Token {
  std::string value;
  std::string login;
  TokenKind kind = TokenKind::classic;
  std::optional<std::set<RepositoryId>> repositories;  // nothing: all that the user may see
  bool revoked = false;
  InstallationId installation = 0;               // of an App's token, whose `login` is the App's own
  std::optional<UtcTime> expires_at;             // nothing: never
  Logins scopes = {"gist", "read:org", "repo"};  // of a classic one; without "repo" it sees what is public
  GistAccess gists = GistAccess::public_ones;    // of a fine-grained one
  std::optional<Permissions> permissions;        // of a fine-grained one or an App's; nothing: all
};

enum class Block { none, terms_of_service, dmca };

enum class ObjectFormat { sha1, sha256 };

struct Repository {
  RepositoryId id = 0;
  RepositoryId network = 0;  // the first of its network of forks, which share LFS objects: its own or another
  std::string node_id;
  std::string owner;
  std::string name;
  std::optional<std::string> description;
  bool is_private = false;
  bool fork = false;
  bool archived = false;
  bool disabled = false;
  bool has_wiki = true;
  std::int64_t size_kb = 0;
  std::optional<UtcTime> pushed_at;
  UtcTime updated_at{};
  UtcTime created_at{};
  std::string default_branch = "main";
  Logins collaborators;
  Block block = Block::none;
  std::string clone_url_override;   // in place of the simulator's own address
  std::filesystem::path path;       // the bare repository
  std::filesystem::path wiki_path;  // empty until the wiki's first page exists

  std::string full_name() const { return owner + "/" + name; }
  /// "public" or "private"
  std::string visibility() const { return is_private ? "private" : "public"; }
};

struct RepositoryOptions {
  bool is_private = false;
  bool fork = false;
  bool archived = false;
  std::string default_branch = "main";
  ObjectFormat object_format = ObjectFormat::sha1;
  Logins collaborators;
  std::optional<RepositoryId> id;    // nothing: the next free one
  std::filesystem::path adopt_path;  // an existing bare repository in place of a new, empty one
  std::optional<RepositoryId> fork_of = std::nullopt;
};

/// Thread-safe. Names of accounts and repositories are found whatever their case.
class World {
 public:
  /// Bare repositories are created under `root`, which is created where it is missing.
  explicit World(std::filesystem::path root);
  ~World();

  const std::filesystem::path& root() const { return root_; }
  /// Issues, discussions, projects, settings: see metadata.h.
  Metadata& metadata() { return *metadata_; }
  const Metadata& metadata() const { return *metadata_; }

  /// Time as the simulated GitHub tells it; nothing: the machine's clock.
  void set_time(std::optional<UtcTime> time);
  void advance(std::chrono::seconds duration);
  UtcTime now() const;

  std::int64_t add_user(const std::string& login);
  std::int64_t add_organization(const std::string& login, Logins members = {});
  /// From an organisation: what is private there is out of the user's sight.
  void remove_member(const std::string& organization, const std::string& login);
  /// Of an organisation, who becomes a member with that.
  void add_owner(const std::string& organization, const std::string& login);
  std::optional<Account> find_account(std::string_view login) const;
  std::optional<Account> find_account(std::int64_t id) const;

  /// A classic token of that user for everything; returns its value, random unless given.
  std::string add_token(const std::string& login, const std::string& value = "");
  std::string add_token(Token token);
  void edit_token(const std::string& value, const std::function<void(Token&)>& change);
  /// Nothing when there is no such token or it was revoked.
  std::optional<Token> find_token(std::string_view value) const;

  void add_app(App app);
  /// By its number or client id.
  std::optional<App> find_app(std::string_view issuer) const;
  /// On that account, which is made a user when there is none; `repositories`: nothing for all.
  InstallationId install(std::int64_t app, const std::string& account,
                         std::optional<std::set<RepositoryId>> repositories = std::nullopt);
  void uninstall(InstallationId id);
  void edit_installation(InstallationId id, const std::function<void(Installation&)>& change);
  std::optional<Installation> find_installation(InstallationId id) const;
  /// Ordered by id.
  std::vector<Installation> installations_of(std::int64_t app) const;
  /// Holds for an hour.
  Token add_installation_token(const Installation& installation);
  /// As if the hours of all of them were over.
  void expire_installation_tokens();

  /// Makes the owner a user when there is no such account. Throws Error(invalid) when the name is taken.
  RepositoryId add_repository(const std::string& owner, const std::string& name,
                              const RepositoryOptions& options = {});
  /// Old names lead to the repository until another takes them.
  void rename(RepositoryId id, const std::string& new_name);
  void transfer(RepositoryId id, const std::string& new_owner);
  /// Forgets the repository; its files stay on disk.
  void remove(RepositoryId id);
  /// Something was pushed: pushed_at becomes now, size_kb what is on disk.
  void pushed(RepositoryId id);
  void set_default_branch(RepositoryId id, const std::string& branch);
  void edit(RepositoryId id, const std::function<void(Repository&)>& change);
  /// Creates the bare repository of the wiki and returns where.
  std::filesystem::path add_wiki(RepositoryId id);

  /// As if it had been pushed to the repository's LFS server.
  LfsObject add_lfs_object(RepositoryId id, MediaContent content);
  LfsStore& lfs() { return lfs_; }
  // Releases. Each change but a download moves the release's updated_at.

  /// The id and the times are set here; the author is the repository's owner unless given.
  ReleaseId add_release(RepositoryId repository, Release release);
  void edit_release(ReleaseId id, const std::function<void(Release&)>& change);
  void remove_release(ReleaseId id);
  /// The id and the times are set here, and the digest of the content unless it is given.
  AssetId add_asset(ReleaseId release, ReleaseAsset asset);
  /// Without a word of it in the release.
  void edit_asset(AssetId id, const std::function<void(ReleaseAsset&)>& change);
  void remove_asset(AssetId id);
  /// As GitHub has it: the asset of that name is removed, and one with a new id has the name.
  AssetId replace_asset(AssetId id, MediaContent content);
  void count_download(AssetId id);
  std::optional<Release> find_release(ReleaseId id) const;
  /// The one that has the asset.
  std::optional<Release> find_release_of(AssetId asset) const;
  /// Newest first, drafts among them.
  std::vector<Release> releases_of(RepositoryId repository) const;

  /// Returns its path.
  std::string add_attachment(Attachment attachment);
  void remove_attachment(const std::string& path);
  std::optional<Attachment> find_attachment(std::string_view path) const;

  /// Now, in the user's name; to star twice is as good as once.
  void star(const std::string& login, RepositoryId id);
  void unstar(const std::string& login, RepositoryId id);
  std::map<RepositoryId, UtcTime> stars_of(const std::string& login) const;

  // Gists. A change but to comments moves updated_at.

  /// Makes the owner a user when there is no such account; the id unless given, and the times are set here.
  std::string add_gist(Gist gist);
  /// Other files are a commit.
  void edit_gist(const std::string& id, const std::function<void(Gist&)>& change);
  /// Something was pushed: the files are what the repository has now.
  void gist_pushed(const std::string& id);
  void remove_gist(const std::string& id);
  std::optional<Gist> find_gist(std::string_view id) const;
  /// Newest first.
  std::vector<Gist> gists() const;
  GistCommentId add_gist_comment(const std::string& gist, const std::string& user, std::string body);
  void edit_gist_comment(const std::string& gist, GistCommentId id, std::string body);
  void remove_gist_comment(const std::string& gist, GistCommentId id);
  void star_gist(const std::string& login, const std::string& id);
  void unstar_gist(const std::string& login, const std::string& id);
  bool has_starred_gist(const std::string& login, const std::string& id) const;

  /// Throws Error(not_found).
  Repository repository(RepositoryId id) const;
  /// By its name now, or by one it had before.
  std::optional<Repository> find_repository(std::string_view owner, std::string_view name) const;
  std::optional<Repository> find_repository(RepositoryId id) const;
  /// Ordered by id.
  std::vector<Repository> repositories() const;

  /// `viewer`: nothing for an anonymous request.
  bool can_read(const std::optional<Token>& viewer, const Repository& repository) const;
  bool can_write(const std::optional<Token>& viewer, const Repository& repository) const;
  /// What only its administrators may see: its owner, or the owners of its organisation.
  bool can_administer(const std::optional<Token>& viewer, const Repository& repository) const;
  bool reaches(InstallationId id, const Repository& repository) const;
  /// How the user has come by the repository: "owner", "collaborator", "organization_member" or "".
  std::string affiliation(const std::string& login, const Repository& repository) const;

 private:
  Repository& locked_repository(RepositoryId id);
  std::int64_t add_account(Account account);
  void move(RepositoryId id, const std::string& owner, const std::string& name);
  UtcTime locked_now() const;
  Gist& locked_gist(const std::string& id);
  Release& locked_release(ReleaseId id);
  Release& locked_release_of(AssetId asset);
  std::string locked_affiliation(const std::string& login, const Repository& repository) const;

  const std::filesystem::path root_;
  LfsStore lfs_;
  const std::unique_ptr<Metadata> metadata_;
  mutable std::mutex mutex_;  // guards all below
  std::optional<UtcTime> time_;
  std::map<std::string, Account> accounts_;  // by login in lower case
  std::map<std::string, Token, std::less<>> tokens_;
  std::vector<App> apps_;
  std::map<InstallationId, Installation> installations_;
  InstallationId next_installation_id_ = 90001;
  std::map<RepositoryId, Repository> repositories_;
  std::map<std::string, Gist, std::less<>> gists_;  // by id
  GistCommentId next_gist_comment_id_ = 600001;
  std::map<std::string, std::map<RepositoryId, UtcTime>> stars_;  // by login in lower case
  std::map<std::string, std::set<std::string>> starred_gists_;    // ids, by login in lower case
  std::map<std::string, Attachment, std::less<>> attachments_;    // by path
  std::int64_t next_attachment_number_ = 400001;
  std::map<ReleaseId, Release> releases_;
  ReleaseId next_release_id_ = 700001;
  AssetId next_asset_id_ = 800001;
  std::map<std::string, RepositoryId> names_;  // old and new, "owner/name" in lower case
  std::int64_t next_account_id_ = 1001;
  RepositoryId next_repository_id_ = 500001;
};

}  // namespace hubkeep::sim
