// The folder that `gitea restore-repo` and Forgejo's read: git/ and wiki/ are bare repositories, everything
// else are files of YAML, here as JSON (yaml_text.h). Gitea fetches from git/ alone: the head of an open pull
// request from a fork becomes a branch OWNER/BRANCH in it, as Gitea itself makes one.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "localgit/packed_refs.h"
#include "metadata/export_formats.h"
#include "metadata/gitea_documents.h"
#include "metadata/json_reading.h"
#include "metadata/yaml_text.h"
#include "restore/mirror_restore.h"
#include "restore/safe_name.h"
#include "vault/releases_part.h"

namespace hubkeep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kReleaseFile = "release.json";  // of a restore

// A list, an item a line.
class YamlList {
 public:
  explicit YamlList(const fs::path& path) : file_(path) {}
  void add(const Json& item) {
    file_.write(is_first_ ? "[\n" : ",\n");
    file_.write(yaml_text(item));
    is_first_ = false;
  }
  void finish() {
    file_.write(is_first_ ? "[]\n" : "\n]\n");
    file_.finish();
  }

 private:
  ExportFile file_;
  bool is_first_ = true;
};

void write_yaml(const fs::path& path, const Json& value) {
  ExportFile file(path);
  file.write(yaml_text(value) + "\n");
  file.finish();
}

// Which branches there are, so that a new one is neither one of them nor above or below one.
class Branches {
 public:
  explicit Branches(const RefState& state) {
    for (const Ref& ref : state.refs) names_.emplace(ref.name, ref.oid);
  }
  std::optional<Oid> find(const std::string& ref) const {
    const auto found = names_.find(ref);
    return found == names_.end() ? std::nullopt : std::optional(found->second);
  }
  /// The branch that has it now; empty: it could have no name.
  std::string add(const std::string& name, std::int64_t number, const Oid& oid) {
    for (const std::string& branch : {name, fmt::format("pull-{}/{}", number, name)}) {
      const std::string ref = "refs/heads/" + branch;
      if (!is_valid_ref_name(ref) || is_taken(ref)) continue;
      names_.emplace(ref, oid);
      has_new_ = true;
      return branch;
    }
    return "";
  }
  bool has_new() const { return has_new_; }
  RefList refs() const {
    RefList refs;
    for (const auto& [name, oid] : names_) refs.add(name, oid);
    return refs;
  }

 private:
  bool is_taken(const std::string& ref) const {
    for (auto slash = ref.find('/', std::string_view("refs/heads/").size()); slash != std::string::npos;
         slash = ref.find('/', slash + 1))
      if (names_.contains(ref.substr(0, slash))) return true;
    const auto next = names_.lower_bound(ref);
    const auto below = names_.lower_bound(ref + "/");
    return (next != names_.end() && next->first == ref) ||
           (below != names_.end() && below->first.starts_with(ref + "/"));
  }

  std::map<std::string, Oid> names_;
  bool has_new_ = false;
};

class GiteaExport {
 public:
  explicit GiteaExport(const ExportWork& work) : work_(work) {}

  void run() {
    restore_git();
    export_part(work_, "wiki");
    write_repository();
    write_named("label", "label.yml", gitea_label);
    write_named("milestone", "milestone.yml", gitea_milestone);
    write_releases();
    learn();
    write_items();
    export_part(work_, "attachments");
    write_refs();
  }

 private:
  fs::path git_folder() const { return work_.parts.repository; }
  const std::string& full_name() const { return work_.parts.manifest.listing.full_name; }

  void restore_git() {
    state_ = restore_mirror(work_.parts, git_folder());
    branches_ = Branches(state_);
    // Gitea of some versions wants a patch of each pull request, and looks into none.
    const fs::path patch = work_.place / kGiteaPatch;
    make_export_folder(patch.parent_path());
    ExportFile(patch).finish();
  }

  void write_refs() {
    if (!branches_.has_new()) return;
    state_.refs = branches_.refs();
    write_ref_files(git_folder(), state_);
  }

  void write_repository() {
    const Listing& listing = work_.parts.manifest.listing;
    Json repository;
    work_.documents.visit({.kinds = {"repository"}}, [&](const MetaLine& line) {
      repository = parse_ordered_json(line.document, kLargestDocument);
    });
    const std::string page = text_at(repository, "html_url");
    const auto slash = full_name().find('/');
    Json yaml = {{"name", full_name().substr(slash + 1)},
                 {"owner", full_name().substr(0, slash)},
                 {"description", text_at(repository, "description")},
                 {"clone_addr", listing.clone_url},
                 {"original_url",
                  page.empty() ? fmt::format("https://{}/{}", work_.parts.manifest.host, full_name()) : page},
                 {"is_private", listing.visibility == "public" ? "false" : "true"},
                 {"service_type", "2"},  // GitHub
                 {"default_branch", listing.default_branch}};
    for (const char* unit :
         {"wiki", "issues", "milestones", "labels", "releases", "comments", "pulls", "assets"})
      yaml[unit] = "true";
    write_yaml(work_.place / "repo.yml", yaml);
    const Json& topics = at(repository, "topics");
    write_yaml(work_.place / "topic.yml", {{"topics", topics.is_array() ? topics : Json::array()}});
  }

  void write_named(const std::string& kind, const char* file, Json (*make)(const Json& document)) {
    YamlList list(work_.place / file);
    work_.documents.visit({.kinds = {kind}}, [&](const MetaLine& line) {
      if (!line.gone) list.add(make(parse_ordered_json(line.document, kLargestDocument)));
    });
    list.finish();
  }

  // A restore puts release.json and the assets of each into a folder, by the same rules of names.
  void write_releases() {
    export_part(work_, kReleasesPart);
    YamlList list(work_.place / "release.yml");
    NamesOfFolder folders;
    visit_releases(work_, [&](std::string_view line) {
      const Json release = parse_ordered_json(line, kReleaseLimits.line);
      const std::string tag = text_at(release, "tag_name");
      const std::string folder = folders.take(tag.empty() ? "draft" : safe_file(tag), text_at(release, "id"));
      const fs::path assets = fs::path("release_assets") / folder;
      Json yaml = gitea_release(release);
      NamesOfFolder files({std::string(kReleaseFile)});
      for (const Json& asset : at(release, "assets")) {
        const fs::path file = assets / files.take(safe_file(text_at(asset, "name")), text_at(asset, "id"));
        if (fs::exists(work_.place / file)) yaml["assets"].push_back(gitea_asset(asset, file.string()));
      }
      std::error_code error;
      fs::remove(work_.place / assets / kReleaseFile, error);
      list.add(yaml);
    });
    list.finish();
  }

  void learn() {
    work_.documents.visit({.kinds = {"issue", "comment", "review_comment"}}, [&](const MetaLine& line) {
      learn_accounts(parse_ordered_json(line.document, kLargestDocument), ids_);
    });
  }

  void write_items() {
    YamlList issues(work_.place / "issue.yml");
    YamlList pulls(work_.place / "pull_request.yml");
    make_export_folder(work_.place / "comments");
    make_export_folder(work_.place / "reviews");
    visit_conversations(work_.documents, [&](const Conversation& conversation) {
      if (conversation.item.gone || conversation.item.kind == ItemKind::discussion) return;
      const std::string file = fmt::format("{}.yml", conversation.item.number);
      if (conversation.item.kind == ItemKind::issue) {
        issues.add(gitea_issue(conversation, ids_));
      } else {
        pulls.add(gitea_pull_request(conversation, full_name(), head_of(conversation), ids_));
        write_list(work_.place / "reviews" / file, gitea_reviews(conversation, ids_));
      }
      write_list(work_.place / "comments" / file, gitea_comments(conversation, ids_));
      ++work_.outcome.documents;
    });
    issues.finish();
    pulls.finish();
  }

  static void write_list(const fs::path& path, const Json& items) {
    if (items.empty()) return;
    YamlList list(path);
    for (const Json& item : items) list.add(item);
    list.finish();
  }

  GiteaHead head_of(const Conversation& conversation) {
    const Json& graph = conversation.graph;
    const std::int64_t number = conversation.item.number;
    const std::string name = text_at(graph, "headRefName");
    const auto pulled = branches_.find(fmt::format("refs/pull/{}/head", number));
    GiteaHead head{.branch = name, .oid = pulled ? pulled->hex() : text_at(graph, "headRefOid")};
    const std::string owner = text_at(at(graph, "headRepositoryOwner"), "login");
    if (text_at(conversation.document, "state") == "open" && is_true(graph, "isCrossRepository") && pulled) {
      const std::string branch =
          branches_.add(fmt::format("{}/{}", owner.empty() ? "ghost" : owner, name), number, *pulled);
      if (!branch.empty()) head.branch = branch;
    }
    return head;
  }

  const ExportWork& work_;
  RefState state_;
  Branches branches_{RefState()};
  AccountIds ids_;
};

}  // namespace

void export_gitea(const ExportWork& work) {
  GiteaExport(work).run();
}

}  // namespace hubkeep
